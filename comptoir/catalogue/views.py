"""The public catalogue: what is sold, in the visitor's language and for the visitor's country (P13)."""

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from comptoir.kernel.clock import business_day
from comptoir.kernel.countries import countries
from comptoir.kernel.gate import gets, our_page, posts, public_page, refuse_unprintable
from comptoir.kernel.paging import Place

from . import queries
from .forms import CatalogueFilter, CountryForm, visitor_of
from .ports import Ports

A_YEAR = 365 * 24 * 3600  # seconds that a chosen country is kept


@gets
@public_page
def catalogue(request: HttpRequest) -> HttpResponse:
    """Everything that is sold, with what a seat costs; search and filters."""
    visitor, form = visitor_of(request, business_day()), CatalogueFilter(request.GET)
    form.is_valid()
    wanted = form.wanted()
    refuse_unprintable(*(request.GET.get(name, "") for name in ("q", "family", "kind", "platform")))
    told = {
        "page": queries.page_of_catalogue(visitor, wanted, Place.of(request.GET)),
        "wanted": wanted,
        "narrowed": any((wanted.words, wanted.family, wanted.kind, wanted.platform)),
        "families": [("", _("All")), *((name, name) for name in queries.families())],
        "kinds": [("", _("All")), *queries.kind_words().items()],
        "platforms": [("", _("All")), *queries.platform_words().items()],
        **_about(visitor),
    }
    return render(request, "catalogue/catalogue.html", told)


@gets
@public_page
def product(request: HttpRequest, code: str) -> HttpResponse:
    """One product: what it is, what each term costs and saves, what its renewal will cost, promotions."""
    refuse_unprintable(code)
    visitor = visitor_of(request, business_day())
    try:
        sheet = queries.sheet(visitor, code)
    except ObjectDoesNotExist:
        raise Http404 from None
    words = queries.term_words()
    offers = [(words[offer.term], words[offer.shorter] if offer.shorter else "", offer) for offer in sheet.offers]
    told = {"sheet": sheet, "kind": queries.kind_words()[sheet.product.kind], "offers": offers, **_about(visitor)}
    told["can_be_tried"] = Ports.trials.offered(sheet.product.pk, visitor.on)
    return render(request, "catalogue/product.html", told)


@gets
@public_page
def terms(request: HttpRequest) -> HttpResponse:
    """The terms of sale that hold today."""
    visitor = visitor_of(request, business_day())
    found = queries.current_terms(visitor.on)
    parts = queries.parts_of(queries.terms_text(found, visitor.language)) if found else []
    return render(request, "catalogue/terms.html", {"terms": found, "parts": parts})


@posts
@public_page
def country(request: HttpRequest) -> HttpResponse:
    """Keep the country in a cookie, and go back to the page that it was chosen on."""
    form = CountryForm(request.POST)
    response = redirect(our_page(request.POST.get("next", "")) or reverse("catalogue"))
    if form.is_valid():
        response.set_cookie(
            settings.COUNTRY_COOKIE_NAME,
            form.cleaned_data["country"],
            max_age=A_YEAR,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )
    return response


def _about(visitor: queries.Visitor) -> dict[str, object]:
    return {"visitor": visitor, "countries": countries(visitor.language)}
