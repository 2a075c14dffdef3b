"""Products and services: what one has, who uses it, and who can give what one has not."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from comptoir.kernel.gate import GateRequest, gets, new_request_key, page
from comptoir.permissions import Can

from ..ports import Ports
from ..queries.benefits import may_choose
from ..queries.products import elsewhere, mine, owned, subscriptions_of_product
from ..queries.use_pages import rights_here


@gets
@page(Can.SEE_PRODUCTS)
def products(request: GateRequest) -> HttpResponse:
    """The customer's products with their seats; one's own, and for the others who can give them (F1.7)."""
    has, own = owned(request.actor, request.today), mine(request.actor, request.today)
    told = {
        "owned": has,
        "mine": own,
        "others": elsewhere(request.actor, request.today, [each.code for each in own]),
        "trials": Ports.trying.own(request.actor, request.today) if request.actor.membership_id else [],
        "sees_owned": request.actor.contracts(Can.SEE_PRODUCTS) != frozenset(),
        "sees_contracts": request.actor.may(Can.SEE_CONTRACTS, anywhere=True),
        "may_choose": may_choose(request.actor),
        "seats": sum(product.seats for product in has),
        "used": sum(product.use.taken for product in has),
        "free": sum(product.free for product in has),
        "waiting": sum(product.use.waiting for product in has),
    }
    return render(request, "entitlements/products.html", told)


@gets
@page(Can.ASSIGN_SEATS)
def product(request: GateRequest, code: str) -> HttpResponse:
    """One product: its subscriptions with their seats; with one subscription alone, who uses it."""
    found, lines = subscriptions_of_product(request.actor, code, request.today)
    if len(lines) == 1:
        return redirect("seats_of", customer=request.customer.number, number=lines[0].number)
    rights = rights_here(request.actor, [line.pk for line in lines], request.today)
    told = {"product": found, "lines": lines, "rights": rights, "may_end": True, "request_key": new_request_key()}
    return render(request, "entitlements/product.html", told)
