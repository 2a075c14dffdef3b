"""Renew by hand: one subscription, or many at once, seen with what it costs before the click (rules 6)."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets_and_posts, new_request_key, page
from comptoir.kernel.money import Money
from comptoir.kernel.refusals import Told, tell
from comptoir.permissions import Can

from ..actions.renewing import renew
from ..forms import ReasonForm, RenewForm
from ..queries.availability import Offer, offer_of
from ..queries.renewing import (
    Renewable,
    RenewalOrder,
    next_open_invoice,
    open_for_renewal,
    preview_renewals,
    renewables,
    renewables_of,
)
from ..queries.seats import subscription_of
from ..rules import RenewByHand, Verb
from .asking import ask_for

if TYPE_CHECKING:
    from ..models import Order, Subscription

# They stand on one page, not on several: whoever renews many wants to see what all of them cost together, to find one by the
# browser's own search, and to have all of them or none. A form holds no more fields, and what costs time is bounded by it.
MOST_AT_ONCE = 1_000


@gets_and_posts
@page(Can.RENEW)
def renewal(request: GateRequest, number: str) -> HttpResponse:
    """Renew one subscription now: for which term, with how many seats, what it costs, what follows."""
    subscription = subscription_of(request.actor, number)
    offer = offer_of(request.actor, subscription, Verb.RENEW, request.today)
    if offer.may_ask:
        asked = ReasonForm(request.POST if request.method == "POST" else None)
        return ask_for(request, subscription, offer, asked, {} if asked.is_bound else None)
    if request.method == "POST":
        return _renew_one(request, subscription, offer)
    form = RenewForm(request.GET if "term" in request.GET or "seats" in request.GET else None)
    return _show_one(request, subscription, offer, form)


def _renew_one(request: GateRequest, subscription: "Subscription", offer: Offer) -> HttpResponse:
    form = RenewForm(request.POST)
    if not form.is_valid():
        return _show_one(request, subscription, offer, form, status=422)
    chosen = {"term": form.cleaned_data["term"] or None, "seats": form.cleaned_data["seats"]}
    try:
        order = renew(request.actor, subscription, **chosen, on=request.today, quote=request.POST.get("quote") or None)
    except Refused as refusal:
        form.add_error(None, tell(refusal).words)
        subscription.refresh_from_db()
        return _show_one(request, subscription, offer, form, status=refusal.status)
    _say(request, [order])
    return redirect("order", customer=request.customer.number, number=order.number)


def _show_one(
    request: GateRequest, subscription: "Subscription", offer: Offer, form: RenewForm, *, status: int = 200
) -> HttpResponse:
    chosen = form.cleaned_data if form.is_bound and form.is_valid() else {}
    term = chosen.get("term")
    command = RenewByHand(Term(term) if term else None, chosen.get("seats"))
    one = renewables_of(request.actor, [subscription], request.today, command)[0]
    if one.refusal is not None and not offer.reasons and status == 200 and form.is_bound:
        form.add_error(None, tell(one.refusal).words)
    told: dict[str, Any] = {
        "subscription": subscription,
        "offer": offer,
        "form": form if form.is_bound else RenewForm(initial=_as_planned(one)),
        "one": one,
        "early": list(offer.codes) == ["too_early"],
        "order": _orders([one], request)[0] if one.plan else None,
        "open_invoice": next_open_invoice(subscription) if subscription.lapses_on < subscription.renews_on else None,
        "due_days": settings.INVOICE_DUE_DAYS,
        "request_key": new_request_key(),
    }
    return render(request, "subscriptions/renewal.html", told, status=status)


def _as_planned(one: Renewable) -> dict[str, object]:
    if one.plan is None:
        return {}
    return {"term": one.plan.term_after.value, "seats": one.plan.seats_after}


@gets_and_posts
@page(Can.RENEW)
def renewals(request: GateRequest) -> HttpResponse:
    """Everything that can be renewed today: pick many, see every order that comes of it, confirm once."""
    if request.method == "POST":
        return _renew_many(request)
    return _show_many(request, request.GET.getlist("n"), everything="all" in request.GET)


def _renew_many(request: GateRequest) -> HttpResponse:
    """Each order is told by its numbers and its quote; all of them, or none: the page's transaction holds them together."""
    told = [text.partition("|") for text in request.POST.getlist("order") if text.isprintable()]
    numbers = [number for each in told for number in each[0].split(",")]
    orders, actor = [], request.actor
    try:
        for nth, (theirs, _bar, quote) in enumerate(told):
            rows = sorted(renewables(actor, request.today, theirs.split(",")), key=lambda each: each.subscription.pk)
            first, *others = [each.subscription for each in rows]
            key = f"{actor.request_key}:{nth}" if actor.request_key else None
            also = sorted(row.number for row in others)
            orders.append(renew(actor.with_key(key), first, also=also, on=request.today, quote=quote or None))
    except (Refused, ValueError) as error:
        told_why = tell(error if isinstance(error, Refused) else Refused("quote_moved", params={"moved": []}))
        return _show_many(request, numbers, problem=told_why, status=getattr(error, "status", 409), undo=bool(orders))
    if not orders:
        return _show_many(request, [], status=422)
    _say(request, orders)
    if len(orders) == 1:
        return redirect("order", customer=request.customer.number, number=orders[0].number)
    return redirect("orders", customer=request.customer.number)


def _show_many(
    request: GateRequest,
    numbers: list[str],
    *,
    everything: bool = False,
    problem: Told | None = None,
    status: int = 200,
    undo: bool = False,
) -> HttpResponse:
    opened, wanted = open_for_renewal(request.actor, request.today, MOST_AT_ONCE), set(numbers)
    found = opened.found
    picked = [each for each in found if everything or each.subscription.number in wanted]
    told = {
        "found": found,
        "picked": {each.subscription.number for each in picked},
        "all_net": Money.sum((each.plan.net for each in found if each.plan is not None), request.customer.currency),
        "more": opened.more,
        "later": opened.later,
        "orders": _orders(picked, request),
        "problem": problem,
        "due_days": settings.INVOICE_DUE_DAYS,
        "request_key": new_request_key(),
    }
    response = render(request, "subscriptions/renewals.html", told, status=status)
    if undo:  # the page is told inside the transaction of the orders before: they are not to stay
        transaction.set_rollback(True)
    return response


def _orders(found: list[Renewable], request: GateRequest) -> list[RenewalOrder]:
    return preview_renewals(found, request.today) if found else []


def _say(request: GateRequest, orders: "list[Order]") -> None:
    if all(order.state == "settled" for order in orders):
        words = ngettext("Renewed.", "Renewed with %(n)d orders.", len(orders)) % {"n": len(orders)}
        messages.success(request, words)
    elif not any(order.state == "parked" for order in orders):
        messages.success(request, _("Ordered. What is charged is renewed as soon as the payment has succeeded."))
