"""Text to typed values: companies, codes, limits."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from comptoir.kernel.addresses import refuse_no_address
from comptoir.kernel.countries import countries
from comptoir.kernel.money import Money


def line(label: Any, longest: int, complete: str, *, required: bool = True, help: Any = "") -> forms.CharField:
    """A line of text, with what browsers may fill in (`autocomplete`)."""
    return forms.CharField(
        label=label,
        max_length=longest,
        required=required,
        help_text=help,
        widget=forms.TextInput(attrs={"autocomplete": complete}),
    )


class CompanyForm(forms.Form):
    """A company that registers, told by somebody who is signed in."""

    name = line(_("Company"), 200, "organization", help=_("Its legal name, as invoices are to say it."))
    country = forms.ChoiceField(label=_("Country"), widget=forms.Select(attrs={"autocomplete": "country"}))
    street = line(_("Street and number"), 200, "street-address")
    postcode = line(_("Postcode"), 20, "postal-code", required=False)
    city = line(_("City"), 100, "address-level2")
    tax_number = line(_("VAT number"), 30, "off", required=False, help=_("With it, no VAT across borders in the EU."))
    language = forms.ChoiceField(label=_("Language of pages and mail"), choices=settings.LANGUAGES, widget=forms.RadioSelect)
    accept = forms.BooleanField(
        label=_("I accept the terms of sale, and I may do so for the company."),
        error_messages={"required": _("The terms of sale have to be accepted to register.")},
    )

    def __init__(self, *args: Any, asks_for_terms: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = countries(get_language() or "en")  # type: ignore[attr-defined]
        if not asks_for_terms:
            del self.fields["accept"]


class RegisterForm(CompanyForm):
    """The same, told by somebody who has no account: with their name, and the address that a code goes to."""

    email = forms.EmailField(
        label=_("E-mail at work"),
        validators=[refuse_no_address],
        max_length=254,
        help_text=_("We mail a code to it. You sign in with it later."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    first_name = line(_("First name"), 100, "given-name")
    last_name = line(_("Last name"), 100, "family-name")
    field_order = ("email", "first_name", "last_name")


class BillingForm(forms.Form):
    """What the next invoices say of the customer."""

    po_number = line(_("Your order number"), 100, "off", required=False, help=_("Printed on every invoice until you change it."))
    invoice_email = forms.EmailField(
        label=_("Mailbox of accounts payable"),
        max_length=254,
        required=False,
        help_text=_("Every invoice and credit note is mailed there, with its PDF."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    street = line(_("Street and number"), 200, "street-address", required=False)
    postcode = line(_("Postcode"), 20, "postal-code", required=False)
    city = line(_("City"), 100, "address-level2", required=False)
    tax_number = line(_("VAT number"), 30, "off", required=False, help=_("With it, no VAT across borders in the EU."))


class CodeForm(forms.Form):
    """The code that was mailed."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class SpendingLimitForm(forms.Form):
    """Whose limit, and how much; an empty amount takes the limit away."""

    who = forms.ChoiceField(label=_("For whom"))
    amount = forms.CharField(
        label=_("At most, without tax"),
        required=False,
        max_length=20,
        help_text=_("In plain digits, such as 1500 or 1500.00. Empty: no limit."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, people: list[tuple[str, str]], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["who"].choices = people  # type: ignore[attr-defined]
        self.currency = currency

    def clean_amount(self) -> int | None:
        """Minor units of the customer's currency; None: no limit."""
        typed = str(self.cleaned_data["amount"]).strip().replace(",", ".")
        if not typed:
            return None
        try:
            amount = Money.parse(typed, self.currency)
        except ValueError:
            amount = None
        if amount is None or amount.minor < 0:
            raise forms.ValidationError(_("Write an amount in plain digits, such as 1500."))
        return amount.minor
