"""Returns: what can be given back until when, what that gives back, and the click (rules 6)."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from comptoir.kernel.asking import ask
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets_and_posts, new_request_key, page, posts
from comptoir.kernel.refusals import Told, tell
from comptoir.permissions import Can

from ..actions.returns import return_sale
from ..forms import AskForReturnForm
from ..queries.availability import Offer, offer_of
from ..queries.detail import subscription_for_reading
from ..queries.requests import refuse_asking_for_return
from ..queries.returns import ReturnPreview, preview_return, returns_of, sale_of, sale_to_ask_for
from ..queries.seats import subscription_of
from ..rules import Verb

if TYPE_CHECKING:
    from ..models import Sale, Subscription


@gets_and_posts
@page(Can.RETURN)
def returns(request: GateRequest, number: str) -> HttpResponse:
    """What was bought here and can be returned: until when, or why not; of the newest, what it gives back.

    Whoever may only ask for it sees what was bought last, and a POST asks for its return.
    """
    subscription = subscription_of(request.actor, number)
    if request.actor.may_ask(Can.RETURN, subscription.contract_id):
        return _ask(request, subscription)
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


def _ask(request: GateRequest, subscription: "Subscription") -> HttpResponse:
    offer = offer_of(request.actor, subscription, Verb.RETURN, request.today)
    listed = returns_of(request.actor, subscription, request.today)
    newest = listed[0] if listed else None
    form = AskForReturnForm(request.POST if request.method == "POST" else None, initial={"sale": newest and newest.sale.pk})
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            sale = sale_to_ask_for(request.actor, subscription.number, form.cleaned_data["sale"])
            refuse_asking_for_return(request.actor, sale, request.today)
            told = {"verb": "subscriptions.return_sale", "reason": form.cleaned_data["reason"]}
            ask(request.actor, sale, **told, arguments={}, on=request.today)
        except Refused as refusal:
            status = refusal.status
            form.add_error(None, tell(refusal).words)
        else:
            messages.success(request, _("Your request is with those who can approve it. You will hear by mail."))
            return redirect("requests", customer=request.customer.number)
    shown: dict[str, Any] = {"subscription": subscription, "offer": offer, "newest": newest, "form": form}
    shown |= {"request_key": new_request_key(), "why_not": _without_names(request, subscription, offer)}
    return render(request, "subscriptions/ask_for_return.html", shown, status=status)


def _without_names(request: GateRequest, subscription: "Subscription", offer: Offer) -> list[Told]:
    """Why it can't be returned by anybody, for somebody who may perhaps not know who sits on the seats."""
    told = [(code, why) for code, why in zip(offer.codes, offer.reasons, strict=True) if code != "not_allowed"]
    if request.actor.may(Can.SEE_PEOPLE, subscription.contract_id):
        return [why for _code, why in told]
    unnamed = tell(Refused("seats_in_use", params={"names": (_("somebody"),)}))
    return [unnamed if code == "seats_in_use" else why for code, why in told]


def _show(request: GateRequest, subscription: "Subscription", *, problem: Told | None = None, status: int = 200) -> HttpResponse:
    offer = offer_of(request.actor, subscription, Verb.RETURN, request.today)
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
