"""The API of the activity log."""

from datetime import date, datetime
from html import unescape

from django.utils.html import strip_tags
from ninja import Router, Schema

from comptoir.kernel.api import PROBLEMS, Limit, operation
from comptoir.kernel.cursors import place_of
from comptoir.kernel.gate import GateRequest
from comptoir.kernel.paging import PAGE_SIZE, Place
from comptoir.permissions import Can

from . import queries

router = Router(tags=["Activity"])


class ActivityLine(Schema):
    """Something that happened: `at` in real time, `on` the business day; the sentence is for people."""

    at: datetime
    on: date
    kind: str
    sentence: str


class ActivityPage(Schema):
    """One page of a list; `next` is the cursor of the page after, or null."""

    items: list[ActivityLine]
    next: str | None


@router.get("/customers/{customer}/activity", response={200: ActivityPage, **PROBLEMS}, operation_id="activity")
@operation(Can.SEE_ACTIVITY)
def activity(request: GateRequest, customer: str, cursor: str = "", kind: str = "", limit: Limit = PAGE_SIZE) -> ActivityPage:
    """What happened, as far as one may see it, newest first."""
    place_of(cursor, (int,))
    page = queries.page_of_activity(request.actor, request.customer, kind=kind, person="", place=Place(after=cursor, size=limit))
    items = [
        ActivityLine(at=line.at, on=line.on, kind=line.kind, sentence=unescape(strip_tags(line.sentence))) for line in page.rows
    ]
    return ActivityPage(items=items, next=page.next or None)
