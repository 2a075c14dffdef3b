"""Add seats: the preview, the order, and asking for it."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import ngettext

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets_and_posts, new_request_key, page
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can

from ..actions.seats import add_seats as add
from ..forms import AddSeatsForm, AskForSeatsForm
from ..queries.availability import Offer, offers
from ..queries.plans import losing_seats, pending_of
from ..queries.seats import SeatPreview, charged_to, preview_added_seats, subscription_of
from ..rules import Verb
from .asking import ask_for

if TYPE_CHECKING:
    from ..models import Order, Subscription


@gets_and_posts
@page(Can.ADD_SEATS)
def add_seats(request: GateRequest, number: str) -> HttpResponse:
    """Add seats: what it costs before the click, then the order (P2)."""
    subscription = subscription_of(request.actor, number)
    offer = next(offer for offer in offers(request.actor, subscription, request.today) if offer.verb == Verb.ADD_SEATS)
    if offer.may_ask:
        return _ask(request, subscription, offer)
    if request.method == "POST":
        return _order(request, subscription, offer)
    typed = {"add": request.GET.get("add", "1")}
    return _show(request, subscription, offer, AddSeatsForm(typed))


def _order(request: GateRequest, subscription: "Subscription", offer: Offer) -> HttpResponse:
    form = AddSeatsForm(request.POST)
    if not form.is_valid():
        return _show(request, subscription, offer, form, status=422)
    try:
        order = add(
            request.actor,
            subscription,
            add=form.cleaned_data["add"],
            on=request.today,
            quote=request.POST.get("quote") or None,
        )
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, tell(refusal).words)
        subscription.refresh_from_db()
        return _show(request, subscription, offer, form, status=refusal.status)
    if order.state == "settled":
        _say_added(request, subscription, order)
    return redirect("order", customer=request.customer.number, number=order.number)


def _say_added(request: GateRequest, subscription: "Subscription", order: "Order") -> None:
    messages.success(
        request,
        ngettext("%(n)s seat added to %(product)s.", "%(n)s seats added to %(product)s.", order.seats)
        % {"n": order.seats, "product": subscription.product.name},
    )


def _ask(request: GateRequest, subscription: "Subscription", offer: Offer) -> HttpResponse:
    form = AskForSeatsForm(request.POST if request.method == "POST" else None, initial={"add": request.GET.get("add", 1)})
    wanted = {"add": form.cleaned_data["add"]} if form.is_valid() else None
    return ask_for(request, subscription, offer, form, wanted, template="subscriptions/ask_for_seats.html")


def _show(
    request: GateRequest, subscription: "Subscription", offer: Offer, form: AddSeatsForm, *, status: int = 200
) -> HttpResponse:
    told: dict[str, Any] = {"subscription": subscription, "offer": offer, "form": form, "request_key": new_request_key()}
    told |= {"due_days": settings.INVOICE_DUE_DAYS, "paid_with": charged_to(subscription, request.today)}
    told |= {"pending": pending_of(subscription), "losing": losing_seats(request.actor, subscription)}
    told["may_plan"] = request.actor.may(Can.PLAN_RENEWAL, subscription.contract_id)
    told["preview"] = None if offer.reasons else _preview(subscription, form, request)
    fragment = request.headers.get("HX-Request") and request.method == "GET"
    response = render(
        request, "subscriptions/_seat_preview.html" if fragment else "subscriptions/add_seats.html", told, status=status
    )
    patch_vary_headers(response, ["HX-Request"])
    return response


def _preview(subscription: "Subscription", form: AddSeatsForm, request: GateRequest) -> SeatPreview | None:
    form.is_valid()
    if "add" not in form.cleaned_data:
        return None
    try:
        return preview_added_seats(subscription, form.cleaned_data["add"], request.today)
    except Refused as refusal:
        form.add_error(None, tell(refusal).sentence)
        return None
