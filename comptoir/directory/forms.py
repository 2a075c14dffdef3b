"""Text to typed values."""

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
