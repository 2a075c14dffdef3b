"""Floating seats: who uses them now, for those who give seats (rules 9)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest, gets, new_request_key, page, posts
from comptoir.kernel.refusals import tell
from comptoir.permissions import Can
from comptoir.subscriptions.queries.seats import subscription_of

from ..actions.leases import end_lease
from ..queries.leases import floating_told, floats, lease_by_id


@gets
@page(Can.MANAGE_KEYS)
def leases(request: GateRequest, number: str) -> HttpResponse:
    """Who uses the floating seats of a subscription now, and how many are free."""
    row = subscription_of(request.actor, number)
    told = {
        "subscription": row,
        "found": floating_told(request.actor, row, now(), request.today),
        "floats": floats(row),
        "request_key": new_request_key(),
    }
    return render(request, "entitlements/leases.html", told)


@posts
@page(Can.MANAGE_KEYS)
def lease_ended(request: GateRequest, number: str, pk: int) -> HttpResponse:
    """End somebody's use of a floating seat."""
    row = subscription_of(request.actor, number)
    lease = lease_by_id(request.actor, row, pk)
    try:
        end_lease(request.actor, row, lease=lease.pk, on=request.today)
    except Refused as refusal:
        messages.error(request, tell(refusal).words)
    else:
        messages.success(request, _("It has ended. The program hears so within a few minutes."))
    return redirect("leases", customer=request.customer.number, number=number)
