"""The desk's first page: what waits for the vendor's people."""

from typing import Any

from django.http import HttpResponse

from comptoir.kernel.gate import GateRequest, desk_page, gets
from comptoir.kernel.nightly import progress
from comptoir.permissions import Can

from ..queries.customers import how_many, overdue_invoices
from ..queries.house import nights
from ..queries.worklist import waiting
from .showing import show


@gets
@desk_page(Can.SEE_DESK)
def front(request: GateRequest) -> HttpResponse:
    """What waits for somebody, as far as the role reaches."""
    actor = request.actor
    told: dict[str, Any] = {"tasks": waiting(actor, request.today)}
    told["only_cases"] = not any(actor.may(can) for can in (Can.SEE_CUSTOMERS, Can.SEE_PRICE_BOOK, Can.SEE_RUNS))
    if actor.may(Can.SEE_RUNS):
        told |= {"progress": progress(), "night": next(iter(nights()), None), "runs": True}
    if actor.may(Can.SEE_CUSTOMERS):
        told["customers"] = how_many()
    if actor.may(Can.SEE_SALES):
        told["overdue"] = overdue_invoices(request.today)
    return show(request, "front", told)
