"""Text to typed values."""

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
