"""Products and services: what one has, and who can give what one has not."""

from django.http import HttpResponse
from django.shortcuts import render

from comptoir.kernel.gate import GateRequest, gets, page
from comptoir.permissions import Can

from . import queries


@gets
@page(Can.SEE_PRODUCTS)
def products(request: GateRequest) -> HttpResponse:
    """The customer's products with their seats; one's own, and for the others who can give them (F1.7)."""
    owned = queries.owned(request.actor, request.today)
    mine = queries.mine(request.actor, request.today)
    told = {
        "owned": owned,
        "mine": mine,
        "others": queries.elsewhere(request.actor, request.today, [each.code for each in mine]),
        "sees_owned": request.actor.contracts(Can.SEE_PRODUCTS) != frozenset(),
        "sees_contracts": request.actor.may(Can.SEE_CONTRACTS, anywhere=True),
        "seats": sum(product.seats for product in owned),
        "used": sum(product.use.used for product in owned),
        "free": sum(product.free for product in owned),
        "waiting": sum(product.use.waiting for product in owned),
    }
    return render(request, "entitlements/products.html", told)
