"""Text to typed values: a second account, and somebody who asks to join."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from comptoir.kernel.addresses import refuse_no_address

from .company import line


class OtherAccountForm(forms.Form):
    """Another account of whoever is signed in: its name, and its password where no code is wanted."""

    name = forms.CharField(
        label=_("E-mail or user ID of the other account"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("Its password"),
        max_length=500,
        required=False,
        strip=False,
        help_text=_("Or leave it empty, and we mail a code to the other account’s address."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


class NewcomerForm(forms.Form):
    """Somebody who has no account, and asks to join the company whose address they have."""

    email = forms.EmailField(
        label=_("E-mail at work"),
        validators=[refuse_no_address],
        max_length=254,
        help_text=_("We mail a code to it. You sign in with it later."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    first_name = line(_("First name"), 100, "given-name")
    last_name = line(_("Last name"), 100, "family-name")
    language = forms.ChoiceField(label=_("Language of pages and mail"), choices=settings.LANGUAGES, widget=forms.RadioSelect)
