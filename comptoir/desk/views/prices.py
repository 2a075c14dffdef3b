"""Products, the price book, tax rates."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comptoir.billing.actions.tax_rates import set_tax_rate
from comptoir.catalogue.actions import set_price, set_product
from comptoir.catalogue.queries import product as product_of
from comptoir.catalogue.rules import LEAD_DAYS
from comptoir.kernel.calendar import Term, add_days
from comptoir.kernel.countries import countries
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, desk_page, gets, gets_and_posts, new_request_key
from comptoir.kernel.house import the_house
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can

from ..forms import PriceForm, ProductForm, TaxRateForm
from ..queries import prices as queries
from ..queries.staff import who_may
from ..queries.tax_rates import Rate, rates
from .showing import show

if TYPE_CHECKING:
    from comptoir.catalogue.models import Product


@gets
@desk_page(Can.SEE_PRICE_BOOK)
def products(request: GateRequest) -> HttpResponse:
    """Every product, and what a year of it costs."""
    currency = settings.CURRENCIES[0]
    return show(request, "products", {"products": queries.products(currency, request.today), "currency": currency})


@gets_and_posts
@desk_page(Can.SEE_PRICE_BOOK)
def product(request: GateRequest, code: str) -> HttpResponse:
    """One product: whether it is sold, and its price book."""
    found = product_of(code)
    may = request.actor.may(Can.SET_PRODUCT)
    form = ProductForm(request.POST or None, initial={name: getattr(found, name) for name in ProductForm.base_fields})
    status = 200
    if request.method == "POST":
        status = 422
        if not may:
            raise PermissionDenied
        if form.is_valid():
            set_product(request.actor, found, **form.cleaned_data, on=request.today)
            messages.success(request, _("Kept. The pages of customers follow at once."))
            return redirect("desk_product", code=code)
    told = {
        "product": found,
        "form": form if may else None,
        "book": queries.book_of(found, request.today),
        "may_price": request.actor.may(Can.SET_PRICE),
        "who_may": [] if may else who_may(Can.SET_PRICE),
        "request_key": new_request_key(),
    }
    return show(request, "product", told, status=status)


@gets_and_posts
@desk_page(Can.SET_PRICE)
def new_price(request: GateRequest, code: str) -> HttpResponse:
    """A new price: whom it meets, and then the click. What was typed stands in the address, so that nothing is lost."""
    found = product_of(code)
    asked = request.POST if request.method == "POST" else request.GET
    if "valid_from" not in asked:
        first = {"term": "year", "currency": settings.CURRENCIES[0], "valid_from": add_days(request.today, LEAD_DAYS)}
        return _priced(request, found, PriceForm(initial={**first, **asked.dict()}))
    form = PriceForm(asked)
    if request.method == "GET" or not form.is_valid():
        return _priced(request, found, form, status=200 if form.is_valid() else 422)
    try:
        set_price(request.actor, found, **_typed(form), on=request.today)
    except Refused as refusal:
        if refusal.code == "step_up_needed":
            raise
        _refused(form, refusal)
        return _priced(request, found, form, status=refusal.status)
    messages.success(request, _("The price is in the book."))
    return redirect("desk_product", code=code)


def _typed(form: PriceForm) -> dict[str, Any]:
    told = form.cleaned_data
    return {
        "term": told["term"],
        "currency": told["currency"],
        "new_minor": told["new"].minor if told["new"] else None,
        "renewal_minor": told["renewal"].minor if told["renewal"] else None,
        "valid_from": told["valid_from"],
    }


def _priced(request: GateRequest, found: "Product", form: PriceForm, *, status: int = 200) -> HttpResponse:
    told: dict[str, Any] = {"product": found, "form": form, "request_key": new_request_key(), "affected": None}
    if form.is_bound and form.is_valid():
        typed = form.cleaned_data
        book = (Term(typed["term"]), typed["new"], typed["renewal"], typed["currency"])
        told["affected"] = queries.affected_by(found, *book, typed["valid_from"], request.today)
    return show(request, "new_price", told, status=status)


@gets_and_posts
@desk_page(Can.SEE_PRICE_BOOK)
def tax_rates(request: GateRequest) -> HttpResponse:
    """The rates of all countries, and a new one."""
    form = TaxRateForm(request.POST or None, initial={"valid_from": request.today})
    status = 200
    if request.method == "POST":
        status = 422
        if not request.actor.may(Can.SET_TAX_RATE):
            raise PermissionDenied
        if form.is_valid():
            told = form.cleaned_data
            rate = {"country": told["country"], "basis_points": int(told["percent"] * 100), "valid_from": told["valid_from"]}
            try:
                set_tax_rate(request.actor, the_house(), **rate, on=request.today)
            except Refused as refusal:
                if refusal.code == "step_up_needed":
                    raise
                _refused(form, refusal)
                status = refusal.status
            else:
                messages.success(request, _("The rate counts from its day on. Invoices that are out keep theirs."))
                return redirect("desk_tax_rates")
    may = request.actor.may(Can.SET_TAX_RATE)
    told = {"form": form if may else None, "rates": _by_name(rates(request.today)), "request_key": new_request_key()}
    told["who_may"] = [] if may else who_may(Can.SET_TAX_RATE)
    return show(request, "tax_rates", told, status=status)


def _by_name(found: list[Rate]) -> list[Rate]:
    """In the order of the countries' names in the reader's language; the rates of one stay as they are."""
    place = {code: at for at, (code, _name) in enumerate(countries(get_language() or "en"))}
    return sorted(found, key=lambda rate: place.get(rate.country, len(place)))


def _refused(form: Form, refusal: Refused) -> None:
    told = tell(refusal)
    field = refusal.field if refusal.field in form.fields else None
    form.add_error(field, told.words)
