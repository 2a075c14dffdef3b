"""Text to typed values."""

import json
import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from comptoir.kernel.countries import countries

from .rules import Beyond

MOST_EMAILS = 5_000
MOST_IN_A_BUNDLE = 100
SEPARATORS = re.compile(r"[\s,;<>\"']+")


class MembersForm(forms.Form):
    """Who is chosen, by the id of their membership, and what becomes of those without a seat."""

    members = forms.TypedMultipleChoiceField(coerce=int, required=False)
    beyond = forms.ChoiceField(choices=[(each.value, each.value) for each in Beyond], required=False)
    quote = forms.CharField(max_length=80, required=False)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        chosen = [value for value in data.getlist("members") if value.isascii() and value.isdigit() and len(value) < 18]
        self.fields["members"].choices = [(value, value) for value in chosen]  # type: ignore[attr-defined]

    def chosen(self) -> list[int]:
        """The ids that can be ids; whether they are people is for the verb."""
        self.full_clean()
        found: list[int] = self.cleaned_data.get("members") or []
        return found

    def rule(self) -> Beyond:
        """What becomes of those for whom there is no seat."""
        self.full_clean()
        return Beyond(self.cleaned_data.get("beyond") or Beyond.REFUSE)


class ListForm(forms.Form):
    """A list of people, as it was pasted: e-mail addresses, one a line or with anything between them."""

    people = forms.CharField(
        label=_("E-mail addresses"),
        max_length=400_000,
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Paste at least one e-mail address.")},
        help_text=_("One a line, or copied from a spreadsheet or a mail. Names beside them do no harm."),
    )
    beyond = forms.ChoiceField(
        label=_("If there are fewer seats than people"),
        choices=[
            (Beyond.FIT, _("Give those that are free, in the order of the list")),
            (Beyond.WAIT, _("The others go on the waiting list")),
            (Beyond.REFUSE, _("Give none at all")),
        ],
        initial=Beyond.FIT,
        widget=forms.RadioSelect,
    )

    def clean_people(self) -> list[str]:
        """The addresses in their order, each once."""
        words = SEPARATORS.split(self.cleaned_data["people"])
        found = list(dict.fromkeys(word.strip(".()[]").casefold() for word in words if "@" in word))
        if not found:
            raise forms.ValidationError(_("There is no e-mail address in it."))
        if len(found) > MOST_EMAILS:
            raise forms.ValidationError(_("At most %(most)s people at once.") % {"most": MOST_EMAILS})
        return found


class SwapForm(forms.Form):
    """Whose seat goes to whom."""

    giver = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    taker = forms.IntegerField(min_value=1, required=False, error_messages={"required": _("Choose who gets the seat.")})


class GroupForm(forms.Form):
    """Which group is given it."""

    group = forms.IntegerField(min_value=1)
    beyond = forms.ChoiceField(choices=[(Beyond.REFUSE, ""), (Beyond.WAIT, "")], required=False)


class AskForSeatForm(forms.Form):
    """Why somebody would like a seat."""

    reason = forms.CharField(
        label=_("Why (they will read this)"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class Ticked(forms.CheckboxSelectMultiple):
    """Numbers that are ticked instead of typed: what is sent is the same text."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        """The numbers, with a space between them."""
        return " ".join(data.getlist(name))

    def format_value(self, value: Any) -> list[str]:
        """The numbers that are ticked."""
        return SEPARATORS.split(value or "")


class BundleForm(forms.Form):
    """A group of products: its name, and the subscriptions in it, by number; `choices` are few enough to be ticked."""

    name = forms.CharField(label=_("Name"), max_length=100, error_messages={"required": _("Give the group of products a name.")})
    subscriptions = forms.CharField(
        label=_("Numbers of the subscriptions"),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("One a line, or with anything between them."),
        error_messages={"required": _("Name at least one subscription.")},
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        if choices:
            field = self.fields["subscriptions"]
            field.label, field.help_text, field.widget = _("Subscriptions"), "", Ticked(choices=choices)

    def clean_subscriptions(self) -> list[str]:
        """The numbers, each once, at most a hundred."""
        found = list(dict.fromkeys(word for word in SEPARATORS.split(self.cleaned_data["subscriptions"]) if word))
        if not found or len(found) > MOST_IN_A_BUNDLE:
            raise forms.ValidationError(_("Name from 1 to %(most)s subscriptions.") % {"most": MOST_IN_A_BUNDLE})
        return found


class BundleChangeForm(BundleForm):
    """The name and the subscriptions that a group of products is to have; `quote` holds what was shown."""

    beyond = forms.ChoiceField(
        label=_("If there are fewer seats than people who hold it"),
        choices=[(Beyond.REFUSE, _("Change nothing")), (Beyond.WAIT, _("Those without one go on the waiting list"))],
        initial=Beyond.REFUSE,
        widget=forms.RadioSelect,
    )
    quote = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)


class DayForm(forms.Form):
    """A day of the past."""

    on = forms.DateField(
        label=_("Day"),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("This is not a day. Write it like 2026-11-21."), "required": _("Choose a day.")},
    )


class UseForm(forms.Form):
    """Why somebody would like a licence beside their seat; whoever gives it to themselves gives its number."""

    reason = forms.CharField(
        label=_("Why (they will read this)"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    serial = forms.CharField(
        label=_("Serial number or key"), required=False, max_length=200, help_text=_("It stays with the person.")
    )


class HomeUseForm(UseForm):
    """Home use: in which country."""

    country = forms.ChoiceField(label=_("Country of the home"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = countries(get_language() or "en")  # type: ignore[attr-defined]


class PreviousVersionForm(UseForm):
    """A previous version: which one."""

    version = forms.ChoiceField(label=_("Version"))

    def __init__(self, *args: Any, versions: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].choices = [(each, each) for each in versions]  # type: ignore[attr-defined]


_PRINT = re.compile(r"[A-Za-z0-9._:=+/-]{16,200}")
MOST_OF_A_REQUEST = 4_000  # bytes


class DeviceRequestForm(forms.Form):
    """What a device without a network shows or saves: its fingerprint alone, or JSON with `fingerprint` and `name`."""

    shown = forms.CharField(
        label=_("What the device shows"),
        required=False,
        max_length=MOST_OF_A_REQUEST,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("The product shows it there when it has no network."),
    )
    saved = forms.FileField(label=_("Or the file that it saved"), required=False)
    name = forms.CharField(
        label=_("A name for the device"), required=False, max_length=100, help_text=_("Empty: the name in its file.")
    )
    email = forms.EmailField(label=_("For whom"), required=False, help_text=_("Their e-mail address; empty: yourself."))

    def __init__(self, *args: Any, for_others: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not for_others:
            del self.fields["email"]

    def clean(self) -> dict[str, Any]:
        """`fingerprint` and `name`, from either."""
        told: dict[str, Any] = super().clean() or {}
        file = told.get("saved")
        if file is not None and file.size > MOST_OF_A_REQUEST:
            raise forms.ValidationError(_("This file is too large for a device’s request."))
        text = file.read().decode(errors="replace") if file is not None else told.get("shown") or ""
        told |= _requested(text.strip(), told.get("name") or "")
        if not told["fingerprint"]:
            raise forms.ValidationError(_("Copy the whole of what the product shows, or choose the file that it saved."))
        if not told["name"]:
            self.add_error("name", _("Give the device a name that people know it by."))
        return told


def _requested(text: str, name: str) -> dict[str, str]:
    """The fingerprint and the name in a device's request; an empty fingerprint where it is none."""
    if text.startswith("{"):
        try:
            found = json.loads(text)
        except ValueError:
            found = {}
        said = str(found.get("name") or "")[:100]
        text, name = str(found.get("fingerprint") or ""), name or (said if said.isprintable() else "")
    text = re.sub(r"\s+", "", text)
    return {"fingerprint": text if _PRINT.fullmatch(text) else "", "name": name.strip()}


class KeyForm(forms.Form):
    """Whose key it is, by their address; nobody's: a machine's."""

    email = forms.EmailField(
        label=_("E-mail of the person"),
        required=False,
        help_text=_("They need a seat. Leave it empty for a machine that nobody signs in at: it stands on a free seat."),
    )
    name = forms.CharField(label=_("What the key is for"), required=False, max_length=100)

    def clean_email(self) -> str:
        """In lower case, as addresses are kept."""
        return str(self.cleaned_data["email"]).lower()


class SerialForm(forms.Form):
    """Which serial number goes to whom."""

    serial = forms.CharField(label=_("Serial number"), max_length=200)
    person = forms.EmailField(label=_("E-mail of the person"))

    def clean_person(self) -> str:
        """In lower case, as addresses are kept."""
        return str(self.cleaned_data["person"]).lower()


class EntitledForm(forms.Form):
    """A product and a day."""

    product = forms.ChoiceField(label=_("Product"))
    on = forms.DateField(
        label=_("Day"),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("This is not a day. Write it like 2026-11-21."), "required": _("Choose a day.")},
    )

    def __init__(self, data: QueryDict | None, *, products: Sequence[tuple[str, str]], initial: dict[str, str]) -> None:
        super().__init__(data, initial=initial)
        self.fields["product"].choices = list(products)  # type: ignore[attr-defined]
