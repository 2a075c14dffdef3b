"""The desk's first page: what waits for the vendor's people."""

from django.http import HttpResponse

from comptoir.kernel.gate import GateRequest, desk_page, gets
from comptoir.kernel.nightly import progress
from comptoir.permissions import Can

from ..queries.worklist import waiting
from .showing import show


@gets
@desk_page(Can.SEE_DESK)
def front(request: GateRequest) -> HttpResponse:
    """What waits for somebody, as far as the role reaches."""
    tasks = waiting(request.actor, request.today)
    return show(request, "front", {"tasks": tasks, "progress": progress() if request.actor.may(Can.SEE_RUNS) else None})
