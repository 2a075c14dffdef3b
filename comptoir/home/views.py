"""The front door and each customer's home."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from comptoir.kernel.gate import GateRequest, own_page, page
from comptoir.organisations.queries import customers_of
from comptoir.permissions import Can


@require_GET
@own_page(Can.SEE_PROFILE)
def front(request: GateRequest) -> HttpResponse:
    """To the home of my only customer, or the list to choose from."""
    customers = customers_of(request.actor.person_id or 0)
    if len(customers) == 1:
        return redirect("home", customer=customers[0].number)
    return render(request, "home/customers.html", {"customers": customers})


@require_GET
@page(Can.SEE_HOME)
def home(request: GateRequest) -> HttpResponse:
    """What needs me today."""
    return render(request, "home/home.html")
