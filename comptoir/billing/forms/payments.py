"""Text to typed values: how to pay, and what is typed into the sandbox's payment page."""

import re
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comptoir.kernel.calendar import add_months

from ..queries.sandbox_cards import known


class ChooseMethodForm(forms.Form):
    """Which of the customer's methods; `offered` holds (id, label)."""

    method = forms.TypedChoiceField(
        label=_("Pay with"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how to pay."), "invalid_choice": _("This payment method is not there any more.")},
    )

    def __init__(self, *args: Any, offered: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["method"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(str(pk), label) for pk, label in offered]
        if len(offered) == 1:
            self.initial.setdefault("method", str(offered[0][0]))


class UseCreditForm(forms.Form):
    """How much of the credit, in minor units, as the page showed it."""

    minor = forms.IntegerField(min_value=1, max_value=10**15)


class CardForm(forms.Form):
    """A test card."""

    number = forms.CharField(
        label=_("Card number"),
        max_length=30,
        error_messages={"required": _("Type one of the test numbers.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"}),
    )
    expires = forms.CharField(
        label=_("Expires"),
        max_length=7,
        help_text=_("Month and year, such as 12/30"),
        error_messages={"required": _("Say when the card expires.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": 7}),
    )

    def clean_number(self) -> str:
        """A number that the sandbox knows: it charges nobody, so a real one is refused."""
        number = str(self.cleaned_data["number"])
        if known("card", number) is None:
            raise forms.ValidationError(_("This is none of the test numbers. Never type a real card here."))
        return number

    def clean_expires(self) -> date:
        """The first day on which the card is no longer good."""
        found = re.fullmatch(r"\s*(0?[1-9]|1[0-2])\s*/\s*(?:20)?(\d\d)\s*", str(self.cleaned_data["expires"]))
        if found is None:
            raise forms.ValidationError(_("Write month and year, such as 12/30."))
        return add_months(date(2000 + int(found[2]), int(found[1]), 1), 1, 1)


class MandateForm(forms.Form):
    """A test account."""

    number = forms.CharField(
        label=_("IBAN"),
        max_length=50,
        error_messages={"required": _("Type one of the test numbers.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    agreed = forms.BooleanField(
        label=_("I allow the amounts of my invoices to be collected from this account."),
        error_messages={"required": _("Nothing can be collected without your consent.")},
    )

    def clean_number(self) -> str:
        """An account that the sandbox knows."""
        number = str(self.cleaned_data["number"])
        if known("sepa", number) is None:
            raise forms.ValidationError(_("This is none of the test numbers. Never type a real account here."))
        return number
