"""Returns: what can be given back until when, what that gives back, and the click (rules 6)."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets, new_request_key, page, posts
from comptoir.kernel.refusals import Told, tell
from comptoir.permissions import Can

from ..actions.returns import return_sale
from ..queries.availability import offers
from ..queries.detail import subscription_for_reading
from ..queries.returns import ReturnPreview, preview_return, returns_of, sale_of
from ..rules import Verb

if TYPE_CHECKING:
    from ..models import Sale, Subscription


@gets
@page(Can.RETURN)
def returns(request: GateRequest, number: str) -> HttpResponse:
    """What was bought here and can be returned: until when, or why not; of the newest, what it gives back."""
    return _show(request, subscription_for_reading(request.actor, number))


@posts
@page(Can.RETURN)
def returned(request: GateRequest, number: str, invoice: str) -> HttpResponse:
    """Return what one invoice sold to a subscription."""
    sale = sale_of(request.actor, number, invoice)
    try:
        note = return_sale(request.actor, sale, on=request.today, quote=request.POST.get("quote") or None)
    except Refused as refusal:
        return _show(request, subscription_for_reading(request.actor, number), problem=tell(refusal), status=refusal.status)
    messages.success(request, _("Returned. Credit note %(number)s says what you get back.") % {"number": note.number})
    return redirect("invoice", customer=request.customer.number, number=note.number)


def _show(request: GateRequest, subscription: "Subscription", *, problem: Told | None = None, status: int = 200) -> HttpResponse:
    offer = next(offer for offer in offers(request.actor, subscription, request.today) if offer.verb == Verb.RETURN)
    sees_prices = request.actor.may(Can.SEE_PRICES, subscription.contract_id)
    listed = returns_of(request.actor, subscription, request.today) if sees_prices else []
    told: dict[str, Any] = {
        "subscription": subscription,
        "offer": offer,
        "listed": listed,
        "sees_prices": sees_prices,
        "preview": None if offer.reasons or not listed else _preview(request, listed[0].sale),
        "problem": problem,
        "sees_people": request.actor.may(Can.SEE_PEOPLE, subscription.contract_id),
        "request_key": new_request_key(),
    }
    return render(request, "subscriptions/returns.html", told, status=status)


def _preview(request: GateRequest, sale: "Sale") -> ReturnPreview | None:
    try:
        return preview_return(
            request.actor, sale_of(request.actor, sale.subscription.number, str(sale.invoice.number)), request.today
        )
    except Refused:
        return None  # the list says why
