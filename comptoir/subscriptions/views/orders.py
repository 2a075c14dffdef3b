"""Orders: the list, and one of them from the click until it is settled, failed or held."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from comptoir.kernel.gate import GateRequest, gets, page
from comptoir.kernel.paging import Place
from comptoir.kernel.tables import list_as_file, wants_file
from comptoir.permissions import Can

from ..forms import OrderFilter
from ..queries.orders import ORDER_STATE_KINDS, order_of, order_state_words, page_of_orders, told_of, waiting_orders
from ..queries.tables import ORDERS, order_rows


@gets
@page(Can.SEE_PRICES)
def orders(request: GateRequest) -> HttpResponse:
    """Every order, the newest first; those that wait for something stand out."""
    form = OrderFilter(request.GET, auto_id="filter-%s")
    form.is_valid()
    wanted = {name: form.cleaned_data.get(key, "") for name, key in (("state", "state"), ("verb", "verb"), ("words", "q"))}
    if wants_file(request) and not form.errors:
        return list_as_file(request, "orders", ORDERS, order_rows(request.actor, wanted))
    told: dict[str, Any] = {
        "form": form,
        "page": page_of_orders(request.actor, **wanted, place=Place.of(request.GET)),
        "wanted": wanted,
        "filtered": any(wanted.values()),
        "waiting": waiting_orders(request.actor),
        "sees_invoices": request.actor.may(Can.SEE_INVOICES, anywhere=True),
    }
    return render(request, "subscriptions/orders.html", told, status=422 if form.errors else 200)


@gets
@page(Can.SEE_PRICES)
def order(request: GateRequest, number: str) -> HttpResponse:
    """One order: what was done or what it waits for, what it cost, where the invoices are."""
    found = order_of(request.actor, number)
    told = told_of(request.actor, found, request.today)
    told_of_page: dict[str, Any] = {
        "order": found,
        "told": told,
        "first": told.abouts[0] if told.abouts else None,
        "seats_after": found.seats_before + found.seats,
        "state_word": order_state_words()[found.state],
        "state_kind": ORDER_STATE_KINDS[found.state],
    }
    response = render(request, "subscriptions/order.html", told_of_page)
    patch_vary_headers(response, ["HX-Request"])
    if request.headers.get("HX-Request") and not told.waits:
        response["HX-Refresh"] = "true"  # what was waited for has come: the whole page is another
    return response
