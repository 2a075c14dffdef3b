"""Payment methods: the list, a new one, removing one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets, gets_and_posts, new_request_key, page
from comptoir.kernel.refusals import tell
from comptoir.organisations.queries import own_organisation
from comptoir.permissions import Can

from ..actions.methods import ask_for_method, remove_method
from ..queries import kept
from ..queries import payments as queries


@gets
@page(Can.SEE_METHODS)
def payment_methods(request: GateRequest) -> HttpResponse:
    """How the customer can be charged, and what each method is used for."""
    told = {
        "methods": queries.shown_methods(request.actor, request.today),
        "kinds": queries.kinds_to_give(request.customer.currency),
        "may_change": request.actor.may(Can.CHANGE_METHODS, anywhere=True),
        "credit": kept.credit_of_customer(request.actor, request.customer.currency),
    }
    return render(request, "billing/payment_methods.html", told)


@gets_and_posts
@page(Can.CHANGE_METHODS)
def new_payment_method(request: GateRequest) -> HttpResponse:
    """Choose a kind, and go to the provider's page, after one has shown who one is."""
    refused = None
    if request.method == "POST":
        try:
            setup = ask_for_method(
                request.actor, own_organisation(request.actor), kind=request.POST.get("kind", ""), on=request.today
            )
            return redirect("payment_method_setup", customer=request.customer.number, pk=setup.pk)
        except Refused as refusal:
            if refusal.code == "step_up_needed":
                raise
            refused = refusal
    told: dict[str, object] = {"kinds": queries.kinds_to_give(request.customer.currency), "request_key": new_request_key()}
    told["refused"] = None if refused is None else tell(refused)
    return render(request, "billing/new_payment_method.html", told, status=200 if refused is None else refused.status)


@gets
@page(Can.CHANGE_METHODS)
def payment_method_setup(request: GateRequest, pk: int) -> HttpResponse:
    """Where a visit to the provider's page stands. It asks again by itself, and leads there once, and back to the list."""
    setup = queries.setup(request.actor, pk)
    asked_again = bool(request.headers.get("HX-Request"))
    if setup.state == "done" and setup.method is not None:
        messages.success(request, _("%(method)s can be used now.") % {"method": setup.method.label})
        return _lead(reverse("payment_methods", kwargs={"customer": request.customer.number}), asked_again)
    came_back = "back" in request.GET
    if asked_again and setup.state == "open" and not came_back:
        return _lead(setup.url, asked_again)
    told = {"setup": setup, "came_back": came_back, "waits": setup.state in {"asked", "open"}}
    template = "billing/_setup_state.html" if asked_again else "billing/payment_method_setup.html"
    return render(request, template, told)


def _lead(url: str, asked_again: bool) -> HttpResponse:
    if not asked_again:
        return redirect(url)
    return HttpResponse(headers={"HX-Redirect": url})


@gets_and_posts
@page(Can.CHANGE_METHODS)
def remove_payment_method(request: GateRequest, pk: int) -> HttpResponse:
    """Remove a method, unless something renews with it."""
    method = queries.method(request.actor, pk)
    refused = None
    if request.method == "POST":
        try:
            remove_method(request.actor, method, on=request.today)
            messages.success(request, _("%(method)s was removed.") % {"method": method.label})
            return redirect("payment_methods", customer=request.customer.number)
        except Refused as refusal:
            if refusal.code == "step_up_needed":
                raise
            refused = refusal
    told: dict[str, object] = {
        "method": method,
        "used_by": queries.used_by(request.actor, method, request.today),
        "request_key": new_request_key(),
    }
    told["refused"] = None if refused is None else tell(refused)
    return render(request, "billing/remove_payment_method.html", told, status=200 if refused is None else refused.status)
