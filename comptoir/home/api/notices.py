"""The API of what the bell tells."""

from datetime import date, datetime
from typing import Annotated

from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from comptoir.downloads.queries.entitled import own_membership
from comptoir.kernel.api import PROBLEMS, Limit, operation
from comptoir.kernel.gate import GateRequest
from comptoir.kernel.paging import PAGE_SIZE, Place
from comptoir.permissions import Can

from ..actions import read_notices
from ..forms import LAST
from ..queries.notices import Shown, head_and_unread, page_of_notices

router = Router(tags=["Customers"])
Line = Annotated[int, Field(ge=0, le=LAST)]


class NoticeOut(Schema):
    """One notice: what happened, on which business day, by which colleague (empty: by none), and whether it is new."""

    seq: int
    kind: str
    on: date
    at: datetime
    new: bool
    by: str
    sentence: str
    url: str


class NoticesOut(Schema):
    """A page of notices, the newest first, and how many are new in all."""

    unread: int
    notices: list[NoticeOut]
    next: str


class ReadNoticesBody(Schema):
    """Up to which line of the log they were read (left out: all), or the one notice (`only`) that was."""

    model_config = ConfigDict(extra="forbid")
    upto: Line = LAST
    only: Line | None = None


class ReadNoticesOut(Schema):
    """How many notices are still new."""

    unread: int


@router.get("/customers/{customer}/notices", response={200: NoticesOut, **PROBLEMS}, operation_id="notices")
@operation(Can.SEE_HOME)
def notices(
    request: GateRequest, customer: str, after: Annotated[str, Query(max_length=500)] = "", limit: Limit = PAGE_SIZE
) -> NoticesOut:
    """What happened that concerns the actor, the newest first."""
    page = page_of_notices(request.actor, customer, Place(after=after, size=limit))
    _head, unread = head_and_unread(request.actor)
    return NoticesOut(unread=unread, notices=[_told(each) for each in page.rows], next=page.next)


def _told(shown: Shown) -> NoticeOut:
    return NoticeOut(
        seq=shown.seq,
        kind=shown.kind,
        on=shown.on,
        at=shown.at,
        new=shown.new,
        by=shown.by,
        sentence=shown.told.sentence,
        url=shown.url,
    )


@router.post("/customers/{customer}/notices/read", response={200: ReadNoticesOut, **PROBLEMS}, operation_id="read_notices")
@operation(Can.SEE_HOME)
def read(request: GateRequest, customer: str, body: ReadNoticesBody) -> Status[ReadNoticesOut]:
    """Note that they were read."""
    read_notices(request.actor, own_membership(request.actor), upto=body.upto, only=body.only)
    return Status(200, ReadNoticesOut(unread=head_and_unread(request.actor)[1]))
