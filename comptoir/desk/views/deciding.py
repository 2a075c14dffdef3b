"""What finance decides about one customer: held charges, refunds by hand, and what a colleague asked for.

Each address does one thing to the row that the form names. Over the limit the verb is stored for a colleague.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.db import DataError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from comptoir.billing.actions.refunds import pay_out
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, desk_page, posts
from comptoir.kernel.refusals import tell
from comptoir.kernel.second_look import approve, ask_colleague, decline_look, look_of
from comptoir.permissions import Can
from comptoir.subscriptions.actions.parked import discard_parked, release_parked

from ..queries.runs import parked_of, refund_of

Find = Callable[[Actor, int], Any]


@posts
@desk_page(Can.DECIDE_PARKED)
def release(request: GateRequest) -> HttpResponse:
    """Let a held renewal or order go on."""
    return _decide(request, parked_of, release_parked, _("It goes on."))


@posts
@desk_page(Can.DECIDE_PARKED)
def discard(request: GateRequest) -> HttpResponse:
    """Nothing comes of it: an order is refused, a renewal not made by itself."""
    return _decide(request, parked_of, discard_parked, _("Decided: nothing comes of it by itself."))


@posts
@desk_page(Can.MATCH_PAYMENT)
def paid_out(request: GateRequest) -> HttpResponse:
    """A refund was paid out by transfer."""
    return _decide(request, refund_of, pay_out, _("Noted as paid out."))


@posts
@desk_page(Can.LOOK_TWICE)
def approval(request: GateRequest) -> HttpResponse:
    """Do what a colleague asked for."""
    return _told(request, look_of, lambda look: approve(request.actor, look, on=request.today), _("Approved and done."))


@posts
@desk_page(Can.LOOK_TWICE)
def refusal(request: GateRequest) -> HttpResponse:
    """Say no to a colleague, or take back what one asked for oneself."""
    return _told(request, look_of, lambda look: decline_look(request.actor, look), _("Declined. Nothing was done."))


def _decide(request: GateRequest, find: Find, verb: Any, said: str) -> HttpResponse:
    """Run the verb; over the limit store it for a colleague."""

    def act(row: Any) -> str | None:
        try:
            verb(request.actor, row, on=request.today)
        except Refused as refused:
            if refused.code != "second_pair_needed":
                raise
            amount = str(refused.params["amount"])
            ask_colleague(request.actor, row, verb=verb.verb, arguments={}, amount=amount, on=request.today)
            return _("It is over the limit, so a colleague of finance was asked to look.")
        return None

    return _told(request, find, act, said)


def _told(request: GateRequest, find: Find, act: Callable[[Any], Any], said: str) -> HttpResponse:
    """Do it to the row of this customer that the form names, and say what became of it."""
    try:
        row = find(request.actor, int(request.POST.get("row", "")))
    except (ValueError, OverflowError, ObjectDoesNotExist, DataError):
        messages.error(request, _("That is not there any more."))
        return redirect("desk_runs")
    try:
        instead = act(row)
    except Refused as refused:
        if refused.code == "step_up_needed":
            raise
        messages.error(request, tell(refused).sentence)
    else:
        messages.success(request, instead if isinstance(instead, str) else said)
    return redirect("desk_runs")
