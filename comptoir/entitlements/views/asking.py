"""Ask for a seat: stored for those who may give it, approved in one click (rules 7)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from comptoir.kernel.asking import ask
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets_and_posts, new_request_key, page
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can
from comptoir.subscriptions.queries.seats import subscription_of

from ..forms import AskForSeatForm
from ..queries.asking import ASSIGN, access_of
from ..queries.people import own_row


@gets_and_posts
@page(Can.ASK)
def ask_for_a_seat(request: GateRequest, number: str) -> HttpResponse:
    """Say why, and send it."""
    subscription = subscription_of(request.actor, number)
    access = access_of(request.actor, subscription, request.today)
    if not access.may_ask or own_row(request.actor, subscription):
        return redirect("seats_of", customer=request.customer.number, number=number)
    form = AskForSeatForm(request.POST if request.method == "POST" else None)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            ask(
                request.actor,
                subscription,
                verb=ASSIGN,
                arguments={"members": [request.actor.member_id]},
                reason=form.cleaned_data["reason"],
                on=request.today,
            )
        except Refused as refusal:
            form.add_error(None, tell(refusal).words)
            status = refusal.status
        else:
            messages.success(request, _("Your request is with those who can give you a seat. You will hear by mail."))
            return redirect("requests", customer=request.customer.number)
    shown = {"subscription": subscription, "access": access, "form": form, "request_key": new_request_key()}
    return render(request, "entitlements/ask_for_a_seat.html", shown, status=status)
