"""Text to typed values."""

from django import forms
from django.utils.translation import gettext_lazy as _

from comptoir.kernel.countries import is_country

from .queries import Wanted


class CatalogueFilter(forms.Form):
    """What to look for. Every part may be missing; what is not understood finds nothing."""

    q = forms.CharField(label=_("Search the catalogue"), required=False, max_length=100)
    family = forms.CharField(required=False, max_length=100)
    kind = forms.CharField(required=False, max_length=20)
    platform = forms.CharField(required=False, max_length=20)

    def wanted(self) -> Wanted:
        """What is looked for; a part that could not be understood counts as missing."""
        told = self.cleaned_data
        return Wanted(told.get("q", ""), told.get("family", ""), told.get("kind", ""), told.get("platform", ""))


class CountryForm(forms.Form):
    """The country whose prices are shown."""

    country = forms.CharField(max_length=2)

    def clean_country(self) -> str:
        """Its code, in capitals."""
        code = str(self.cleaned_data["country"]).upper()
        if not is_country(code):
            raise forms.ValidationError(_("Choose a country from the list."))
        return code
