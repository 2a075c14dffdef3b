"""Text to typed values."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .rules import code_as_typed


class CodeForm(forms.Form):
    """The code that a device shows."""

    code = forms.CharField(
        label=_("The code that the device shows"),
        max_length=20,
        error_messages={"required": _("Type the code that the device shows.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "autofocus": True}
        ),
    )

    def clean_code(self) -> str:
        """As it was shown, whatever case and spaces it was typed with."""
        return code_as_typed(self.cleaned_data["code"])


class ApplicationForm(forms.Form):
    """A program of a product's that signs people in with the portal."""

    product = forms.ChoiceField(label=_("Product"))
    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        error_messages={"required": _("Give a name.")},
        help_text=_("People read it when they sign in, such as “Sculpt LT”."),
    )
    kind = forms.ChoiceField(
        label=_("Where it runs"),
        choices=(
            ("public", _("On people’s own machines: it can keep no secret")),
            ("confidential", _("On a server of ours: it has a secret")),
        ),
        widget=forms.RadioSelect,
        initial="public",
    )
    addresses = forms.CharField(
        label=_("Addresses to send people back to"),
        required=False,
        max_length=6_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("One a line, exactly as the program gives them. On a machine: http://127.0.0.1/callback, with any port."),
    )
    farewells = forms.CharField(
        label=_("Addresses for after signing out"),
        required=False,
        max_length=6_000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
    )
    device_flow = forms.BooleanField(
        label=_("Devices without a browser may sign in with a code that a person types here"), required=False
    )
    trusted = forms.BooleanField(
        label=_("People are not asked whether it may sign them in"), required=False, help_text=_("Only for a server of ours.")
    )

    def __init__(self, *args: Any, products: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = list(products)  # type: ignore[attr-defined]

    def clean_addresses(self) -> list[str]:
        """Each address by itself."""
        return str(self.cleaned_data["addresses"]).split()

    def clean_farewells(self) -> list[str]:
        """Each address by itself."""
        return str(self.cleaned_data["farewells"]).split()
