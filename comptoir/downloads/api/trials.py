"""The API of trials."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from comptoir.kernel.api import PROBLEMS, Limit, Text, operation
from comptoir.kernel.cursors import place_of
from comptoir.kernel.gate import GateRequest
from comptoir.kernel.paging import PAGE_SIZE, Place
from comptoir.permissions import Can

from ..actions.trials import start_trial
from ..queries import trials
from ..queries.entitled import own_membership

router = Router(tags=["Downloads"])
Code = Annotated[Text, Field(min_length=1, max_length=40)]


class TrialOut(Schema):
    """A trial; it ends by itself on `ends_on`, the first day without it."""

    product: str
    started_on: date
    ends_on: date
    days_left: int


class TrialLineOut(Schema):
    """A trial of somebody: whether it was bought, and how often it was downloaded."""

    who: str
    product: str
    started_on: date
    ends_on: date
    bought_on: date | None
    days_left: int
    downloads: int


class TrialsPage(Schema):
    """One page of a list; `next` is the cursor of the page after, or null."""

    items: list[TrialLineOut]
    next: str | None


class TrialBody(Schema):
    """What to try."""

    model_config = ConfigDict(extra="forbid")
    product: Code


@router.get("/customers/{customer}/trials", response={200: list[TrialOut], **PROBLEMS}, operation_id="trials")
@operation(Can.TRY)
def own_trials(request: GateRequest, customer: str) -> list[TrialOut]:
    """What the token's person tries today."""
    return [_trial(tried) for tried in trials.own_trials(request.actor, request.today)]


@router.post("/customers/{customer}/trials", response={201: TrialOut, **PROBLEMS}, operation_id="start_trial")
@operation(Can.TRY)
def begin_trial(request: GateRequest, customer: str, body: TrialBody) -> Status[TrialOut]:
    """Begin a trial: 30 days, once per person and product."""
    made = start_trial(request.actor, own_membership(request.actor), product=body.product, on=request.today)
    return Status(201, _trial(trials.Tried(made, (made.ends_on - request.today).days)))


@router.get("/customers/{customer}/trial-log", response={200: TrialsPage, **PROBLEMS}, operation_id="trial_log")
@operation(Can.SEE_DOWNLOADS)
def trial_log(request: GateRequest, customer: str, cursor: str = "", limit: Limit = PAGE_SIZE) -> TrialsPage:
    """Who of the customer tries what, or tried it, the newest first."""
    place_of(cursor, (int,))
    page = trials.page_of_trials(request.actor, request.today, Place(after=cursor, size=limit))
    return TrialsPage(items=[_line(row) for row in page.rows], next=page.next or None)


def _line(row: Mapping[str, Any]) -> TrialLineOut:
    names = ("started_on", "ends_on", "bought_on", "days_left", "downloads")
    return TrialLineOut(who=row["membership__name"], product=row["product__code"], **{name: row[name] for name in names})


def _trial(tried: trials.Tried) -> TrialOut:
    row = tried.trial
    return TrialOut(product=row.product.code, started_on=row.started_on, ends_on=row.ends_on, days_left=tried.days_left)
