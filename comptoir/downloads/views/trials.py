"""Trials: what one is, beginning it, what is left of it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from comptoir.catalogue.queries import product as product_of
from comptoir.kernel.clock import business_day
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets, gets_and_posts, new_request_key, page, public_page, refuse_unprintable
from comptoir.kernel.refusals import tell
from comptoir.organisations.queries import customers_of
from comptoir.permissions import Can

from ..actions.trials import start_trial
from ..queries import trials as queries
from ..queries.entitled import own_membership
from ..rules.trials import DAYS, end_of_trial


@gets
@public_page
def offer(request: HttpRequest, code: str) -> HttpResponse:
    """What a trial is, for everybody: who is not signed in signs in or registers, who is chooses for which customer."""
    refuse_unprintable(code)
    try:
        product = product_of(code)
    except ObjectDoesNotExist:
        raise Http404 from None
    person = int(request.user.pk) if request.user.is_authenticated else None
    told = {
        "product": product,
        "offered": queries.offered(product, business_day()),
        "days": DAYS,
        "customers": customers_of(person) if person else [],
        "tried": queries.tried_by(person, product) if person else None,
    }
    return render(request, "downloads/trial_offer.html", told)


@gets_and_posts
@page(Can.TRY)
def trial(request: GateRequest, code: str) -> HttpResponse:
    """Begin a trial, or what is left of it and what it does not offer."""
    product = product_of(code)
    if request.method == "POST":
        try:
            start_trial(request.actor, own_membership(request.actor), product=code, on=request.today)
        except Refused as refusal:
            return _page(request, product, refusal=refusal, status=refusal.status)
        messages.success(request, _("Your trial has begun. Download it here."))
        return redirect("product_downloads", customer=request.customer.number, code=code)
    return _page(request, product)


def _page(request: GateRequest, product: Any, *, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
    tried = queries.trial_of(request.actor, product, request.today)
    if refusal is None and tried is None:
        try:
            queries.refuse_trial(request.actor, product, request.today)
        except Refused as found:
            refusal = found
    told = {
        "product": product,
        "tried": tried,
        "refusal": tell(refusal) if refusal and not tried else None,
        "ends_on": end_of_trial(request.today),
        "days": DAYS,
        "closed": queries.closed_actions(tried.trial, request.today) if tried else [],
        "request_key": new_request_key(),
    }
    return render(request, "downloads/trial.html", told, status=status)
