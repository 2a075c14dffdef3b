"""Nights, renewals, and what of money waits for somebody."""

from typing import Any

from django.http import HttpResponse

from comptoir.kernel.gate import GateRequest, desk_page, gets, new_request_key
from comptoir.kernel.nightly import progress
from comptoir.permissions import Can

from ..queries import runs as queries
from ..queries.house import nights
from .showing import show


@gets
@desk_page(Can.SEE_RUNS)
def runs(request: GateRequest) -> HttpResponse:
    """How the nights go, and what they left for the desk."""
    told: dict[str, Any] = {"progress": progress(), "nights": nights(), "sees_money": request.actor.may(Can.SEE_SALES)}
    if told["sees_money"]:
        told |= {"looks": queries.looks(request.actor), "request_key": new_request_key()}
        told |= {"held": queries.held(), "unknown": queries.unknown(), "owed": queries.owed()}
        told["disputed"] = queries.disputed()
        told |= {"findings": queries.findings(), "unmatched": queries.unmatched(), "days": queries.days_of_renewal()}
    return show(request, "runs", told)
