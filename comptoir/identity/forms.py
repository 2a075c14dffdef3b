"""Text to typed values."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from comptoir.kernel.zones import zone_choices


def _zones() -> list[tuple[str, str]]:
    return list(zone_choices(get_language() or "en"))


class LanguageForm(forms.Form):
    """The language of pages, mail and support, and the time zone of times; the menu asks for the language alone."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, widget=forms.RadioSelect)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_zones, required=False)


def _sign_in_name(label: Any) -> forms.CharField:
    attributes = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
    return forms.CharField(
        label=label,
        max_length=254,
        help_text=_("Its e-mail address, or the user ID of the old centre."),
        error_messages={"required": _("Name the account.")},
        widget=forms.TextInput(attrs=attributes),
    )


class MergeAtDeskForm(forms.Form):
    """Two accounts of one person, and how it was checked that they are."""

    kept = _sign_in_name(_("The account that stays"))
    closed = _sign_in_name(_("The account that is closed"))
    checked = forms.CharField(
        label=_("How you checked that both are one person’s"),
        max_length=1000,
        help_text=_("Whom you called at which number, which paper you saw. Nobody outside reads it; no numbers of papers."),
        error_messages={"required": _("Say how you checked it: no accounts are merged without.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
