"""Text to typed values."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from comptoir.kernel.countries import countries
from comptoir.kernel.money import Money

A_DAY = {"required": _("Give a day."), "invalid": _("Give a day such as 2027-04-10.")}
TERMS = (("month", _("Month")), ("year", _("Year")), ("3years", _("3 years")))


class SearchForm(forms.Form):
    """What to look for."""

    q = forms.CharField(label=_("Name or number"), required=False, max_length=100)


class ClockForm(forms.Form):
    """To which day the sandbox's clock moves."""

    to = forms.DateField(
        label=_("Move to"),
        error_messages=A_DAY,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class PriceForm(forms.Form):
    """A line of the price book: both prices per seat, without tax, from a day on. By the month both are the same."""

    term = forms.ChoiceField(label=_("Term"), choices=TERMS)
    currency = forms.ChoiceField(label=_("Currency"))
    new = forms.CharField(
        label=_("New price, per seat and term"), required=False, max_length=20, help_text=_("Empty: not sold in this term.")
    )
    renewal = forms.CharField(
        label=_("Renewal price, per seat and term"),
        required=False,
        max_length=20,
        help_text=_("Empty: not renewed in this term. By the month it is the new price."),
    )
    valid_from = forms.DateField(
        label=_("Counts from"), error_messages=A_DAY, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].choices = [(code, code) for code in settings.CURRENCIES]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Both prices as money; by the month the renewal price follows the new one."""
        told = super().clean() or self.cleaned_data
        currency = told.get("currency")
        if currency is None:
            return told
        for name in ("new", "renewal"):
            told[name] = self._money(name, currency)
        if told.get("term") == "month" and told["renewal"] is None:
            told["renewal"] = told["new"]
        return told

    def _money(self, name: str, currency: str) -> Money | None:
        typed = "".join(self.cleaned_data.get(name, "").split()).replace(",", ".")
        if not typed:
            return None
        try:
            amount = Money.parse(typed, currency)
        except ValueError:
            self.add_error(name, gettext("Give an amount such as 280.00."))
            return None
        if amount.minor < 0:
            self.add_error(name, gettext("A price is not below zero."))
        return amount


class ProductForm(forms.Form):
    """Whether a product is sold, and whether customers manage it themselves."""

    status = forms.ChoiceField(label=_("Status"), choices=(("active", _("Sold")), ("retired", _("No longer sold"))))
    self_service = forms.BooleanField(label=_("Customers manage it themselves"), required=False)
    home_use = forms.BooleanField(label=_("Offered for home use"), required=False)
    sharing = forms.ChoiceField(
        label=_("Licence"),
        choices=(("named", _("Each seat has a name")), ("multi_user", _("Shared by many people"))),
        required=False,
        help_text=_("Home use takes a maintenance plan or a licence that many people share."),
    )


class TaxRateForm(forms.Form):
    """A country's standard rate from a day on."""

    country = forms.ChoiceField(label=_("Country"))
    percent = forms.DecimalField(
        label=_("Rate in percent"),
        min_value=0,
        max_value=100,
        decimal_places=2,
        error_messages={"required": _("Give a rate such as 20."), "invalid": _("Give a rate such as 20.")},
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    valid_from = forms.DateField(
        label=_("Counts from"), error_messages=A_DAY, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", "–"), *countries(get_language() or "en")]  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        error_messages={"required": _("Say why: everybody at the desk reads it.")},
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class DayForm(forms.Form):
    """Which day of a list is looked at; none: the list alone."""

    day = forms.DateField()


class TakeBackForm(forms.Form):
    """Which sale of an invoice is taken back, and how many of its seats."""

    subscription = forms.ChoiceField(label=_("Subscription"))
    seats = forms.IntegerField(
        label=_("Seats to take back"),
        min_value=1,
        error_messages={"required": _("Say how many seats, from 1."), "invalid": _("Give a whole number of seats, such as 3.")},
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, sales: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(sale.subscription.number, f"{sale.subscription.product.name} {sale.subscription.number}") for sale in sales]
        self.fields["subscription"].choices = offered  # type: ignore[attr-defined]


LARGEST_STATEMENT = 5_000_000  # bytes


class StatementForm(forms.Form):
    """A file of the bank's."""

    file = forms.FileField(
        label=_("File of the bank"),
        help_text=_("CSV or camt.053. A line that was read before is not read again, whatever file it comes in."),
        allow_empty_file=True,
        error_messages={"required": _("Choose a file.")},
    )

    def clean_file(self) -> Any:
        """A file that is not larger than a statement can be."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_STATEMENT:
            raise forms.ValidationError(_("A statement has at most 5 MB: read it in parts."))
        return file


class StaffForm(forms.Form):
    """A role at the desk for somebody, by the address that they sign in with."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        error_messages={"required": _("Give an e-mail address."), "invalid": _("This is no e-mail address.")},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    name = forms.CharField(
        label=_("First and last name"),
        required=False,
        max_length=200,
        help_text=_("For somebody who has no sign-in yet."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Role"), error_messages={"required": _("Choose a role.")})

    def __init__(self, *args: Any, words: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", "–"), *words.items()]  # type: ignore[attr-defined]


class NoteForm(forms.Form):
    """What a line of the bank's is, that pays no invoice."""

    note = forms.CharField(
        label=_("What is it?"),
        max_length=300,
        error_messages={"required": _("Say what it is: everybody at the desk reads it.")},
        help_text=_("Such as: a supplier gave money back."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class TransferForm(forms.Form):
    """What of a line pays which invoice: an amount for each, nothing where it is left out; and what becomes of the rest."""

    rest = forms.ChoiceField(
        label=_("What is left over"),
        choices=(("keep", _("Stays the customer’s, as credit")), ("back", _("Goes back to the customer, paid out by us"))),
        initial="keep",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, currency: str, numbers: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency, self.numbers = currency, numbers
        for number in numbers:
            said = gettext("Amount for %(number)s") % {"number": number}
            typed = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "aria-label": said})
            self.fields[number] = forms.CharField(label=said, required=False, max_length=20, widget=typed)

    def clean(self) -> dict[str, Any]:
        """The amounts as money, in `parts`."""
        told = super().clean() or self.cleaned_data
        parts = {number: self._money(number) for number in self.numbers}
        told["parts"] = {number: amount for number, amount in parts.items() if amount is not None and amount.minor}
        return told

    def _money(self, name: str) -> Money | None:
        typed = "".join(self.cleaned_data.get(name, "").split()).replace(",", ".")
        if not typed:
            return None
        try:
            amount = Money.parse(typed, self.currency)
        except ValueError:
            amount = None
        if amount is None or amount.minor < 0:
            self.add_error(name, gettext("Give an amount such as 280.00."))
        return amount


class ReleaseForm(forms.Form):
    """A version of a product, as people read of it."""

    version = forms.RegexField(
        r"^[0-9A-Za-z][0-9A-Za-z.\-]*$",
        label=_("Version"),
        max_length=40,
        error_messages={"required": _("Give a version such as 2027.1."), "invalid": _("Give a version such as 2027.1.")},
    )
    kind = forms.ChoiceField(
        label=_("Kind"), choices=(("release", _("New version")), ("update", _("Update")), ("enhancement", _("Enhancement")))
    )
    released_on = forms.DateField(
        label=_("Released on"), error_messages=A_DAY, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    title = forms.CharField(label=_("Title in English"), max_length=200, error_messages={"required": _("Give a title.")})
    title_fr = forms.CharField(label=_("Title in French"), max_length=200, required=False)
    notes_en = forms.CharField(
        label=_("What is new, in English"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Paragraphs are parted by empty lines."),
    )
    notes_fr = forms.CharField(
        label=_("What is new, in French"), required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 6})
    )
    previous_versions = forms.IntegerField(
        label=_("Versions back that may be installed"),
        required=False,
        min_value=0,
        max_value=20,
        help_text=_("Empty: as the product says."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


class ReleaseFileForm(forms.Form):
    """One file of a release: for which machines, and in which language."""

    file = forms.FileField(label=_("File"), error_messages={"required": _("Choose a file."), "empty": _("This file is empty.")})
    platform = forms.ChoiceField(
        label=_("Platform"),
        choices=(("windows", "Windows"), ("macos", "macOS"), ("linux", "Linux"), ("any", _("Any platform"))),
    )
    architecture = forms.ChoiceField(
        label=_("Processor"), choices=(("x64", "x64"), ("arm64", "ARM64"), ("any", _("Any processor")))
    )
    language = forms.ChoiceField(label=_("Language"), required=False, choices=(("", _("Every language")), *settings.LANGUAGES))
    kind = forms.ChoiceField(
        label=_("What it is"),
        choices=(("installer", _("Installer")), ("package", _("Package")), ("documentation", _("Documentation"))),
    )
    sha256 = forms.CharField(
        label=_("SHA-256, if you know it"),
        required=False,
        max_length=100,
        help_text=_("As the machine that built the file says it: a file that came otherwise is not kept."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_sha256(self) -> str:
        """In small letters, without blanks. Raises ValidationError for what is none."""
        told = "".join(str(self.cleaned_data["sha256"]).split()).lower()
        if told and not re.fullmatch(r"[0-9a-f]{64}", told):
            raise forms.ValidationError(_("A SHA-256 has 64 digits from 0 to 9 and a to f."))
        return told


class ExceptionForm(forms.Form):
    """A version that is too old, allowed until a day, and why."""

    what = forms.ChoiceField(label=_("Version"))
    until = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("It stands in the customer’s log."),
        error_messages={"required": _("Say why.")},
    )

    def __init__(self, *args: Any, exceptable: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = [  # type: ignore[attr-defined]
            (f"{each.subscription.number} {version}", f"{each.subscription.product.name} {version} ({each.subscription.number})")
            for each in exceptable
            for version in each.versions
        ]


class SharingForm(forms.Form):
    """How the licence of one subscription is shared, and why it differs."""

    sharing = forms.ChoiceField(
        label=_("Licence"),
        choices=(
            ("product", _("As the product says")),
            ("named", _("Each seat has a name")),
            ("multi_user", _("Shared by many people")),
        ),
        widget=forms.RadioSelect,
        help_text=_("Home use takes a maintenance plan or a licence that many people share."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("It stands in the customer’s log."),
        error_messages={"required": _("Say why.")},
    )

    def clean_sharing(self) -> str:
        """Empty where it is left to the product."""
        wanted: str = self.cleaned_data["sharing"]
        return "" if wanted == "product" else wanted


class AppointForm(forms.Form):
    """Who becomes contract manager, of what, and how it was checked who they are."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        error_messages={"required": _("Give an e-mail address."), "invalid": _("This is no e-mail address.")},
        help_text=_("Of a member, or of somebody new who is then invited."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    first_name = forms.CharField(label=_("First name, of somebody new"), required=False, max_length=100)
    last_name = forms.CharField(label=_("Last name, of somebody new"), required=False, max_length=100)
    language = forms.ChoiceField(label=_("Language, of somebody new"), choices=settings.LANGUAGES)
    contract = forms.ChoiceField(label=_("What they manage"))
    checked = forms.CharField(
        label=_("How you checked who they are"),
        max_length=1000,
        help_text=_("Whom you called at which number, which paper you saw. The customer does not read it; no numbers of papers."),
        error_messages={"required": _("Say how you checked it: nobody is appointed without.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    although_managed = forms.BooleanField(label=_("Although somebody manages it already, and hears of this"), required=False)

    def __init__(self, *args: Any, numbers: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contract"].choices = [("all", _("The whole customer")), *((each, each) for each in numbers)]  # type: ignore[attr-defined]

    def clean_contract(self) -> str:
        """Its number; empty: the whole customer."""
        typed: str = self.cleaned_data["contract"]
        return "" if typed == "all" else typed
