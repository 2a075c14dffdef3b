"""Text to typed values."""

from datetime import date

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from comptoir.kernel.countries import country_of_languages, currency_of, is_country

from .ports import Ports
from .queries import Visitor, Wanted


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


def visitor_of(request: HttpRequest, on: date) -> Visitor:
    """For whom a public page is shown: the reader's only customer; else the country that was chosen, or the browser's."""
    language = get_language() or settings.LANGUAGE_CODE
    buyer = Ports.buyers.only_one(int(request.user.pk)) if request.user.is_authenticated else None
    if buyer is not None:
        return Visitor(buyer.country, buyer.currency, language, on, buyer.name)
    chosen = CountryForm({"country": request.COOKIES.get(settings.COUNTRY_COOKIE_NAME, "")})
    country = chosen.cleaned_data["country"] if chosen.is_valid() else _guessed(request)
    return Visitor(country, currency_of(country, on), language, on)


def _guessed(request: HttpRequest) -> str:
    return country_of_languages(request.headers.get("Accept-Language", "")) or settings.VENDOR.country
