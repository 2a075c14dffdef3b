"""The renewal plan: what the next renewal will do differently, and what it will cost."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from ninja import Field, Router, Schema
from pydantic import ConfigDict

from comptoir.billing.rules.tax import percent_text
from comptoir.kernel.api import PROBLEMS, Text, operation
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest
from comptoir.permissions import Can

from ..actions.plans import change_plan
from ..queries.availability import refuse_unless_available
from ..queries.plans import PlannedRenewal, plan_state, preview_planned
from ..queries.seats import subscription_of
from ..rules import MOST_SEATS_AT_ONCE, PlanChange, PlanState, Verb, pending_changes
from ..rules.planning import change_of
from .orders import Amount, Line, line_out
from .seats import day_of, refuse_without_prices

if TYPE_CHECKING:
    from ..models import Subscription

router = Router(tags=["Renewal plan"])
Term = Literal["month", "year", "3years"]
MOST_PEOPLE = 2 * MOST_SEATS_AT_ONCE
Id = Annotated[int, Field(ge=1, le=2**63 - 1, strict=True)]


class PlanBody(Schema):
    """What to change; what is left out stays. `withdraw` takes pending changes back, `keep` are the ids of the members who
    keep a seat where there will be fewer seats than people."""

    model_config = ConfigDict(extra="forbid")
    seats: Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)] | None = None
    term: Term | None = None
    automatic: Annotated[bool, Field(strict=True)] | None = None
    withdraw: Annotated[list[Literal["seats", "term", "automatic"]], Field(max_length=3)] = []
    keep: Annotated[list[Id], Field(max_length=MOST_PEOPLE)] | None = None
    quote: Annotated[Text, Field(max_length=80)] | None = None
    on: date | None = None


class Pending(Schema):
    """One pending change: what the field is today, what it will be from the renewal on."""

    field: str
    today: int | str | bool
    planned: int | str | bool


class Losing(Schema):
    """Somebody who would lose access at the renewal."""

    member: int
    name: str


class PlanPreview(Schema):
    """What the next renewal would charge after the change; nothing is charged before. Nothing has changed."""

    on: date
    renews_on: date
    renews_until: date
    currency: str
    lines: list[Line]
    net: Amount
    tax: Amount
    tax_rate_percent: Amount
    tax_treatment: str
    total: Amount
    seats_at_renewal: int
    term: str
    automatic_renewal: bool
    pending: list[Pending]
    losing: list[Losing]
    warnings: list[str]
    quote: str


class PlanOut(Schema):
    """The plan of a subscription as it is now."""

    subscription: str
    renews_on: date
    seats_now: int
    seats_at_renewal: int
    term: str
    automatic_renewal: bool
    pending: list[Pending]


@router.get("/customers/{customer}/subscriptions/{number}/plan", response={200: PlanOut, **PROBLEMS}, operation_id="plan")
@operation(Can.PLAN_RENEWAL)
def plan(request: GateRequest, customer: str, number: str) -> PlanOut:
    """What the next renewal will do differently."""
    row = subscription_of(request.actor, number)
    return plan_out(row, plan_state(row))


@router.post(
    "/customers/{customer}/subscriptions/{number}/plan/preview",
    response={200: PlanPreview, **PROBLEMS},
    operation_id="preview_plan",
)
@operation(Can.PLAN_RENEWAL)
def preview(request: GateRequest, customer: str, number: str, body: PlanBody) -> PlanPreview:
    """The lines and the tax of the next renewal after a change, and who would lose access. Changes nothing."""
    refuse_without_prices(request.actor)
    on, row = day_of(request, body.on), subscription_of(request.actor, number)
    change = _change(body)
    for verb, wanted in _verbs(change):
        if wanted:
            refuse_unless_available(request.actor, row, verb, on, planned_seats=change.seats)
    return _preview(preview_planned(request.actor, row, change, on))


@router.post("/customers/{customer}/subscriptions/{number}/plan", response={200: PlanOut, **PROBLEMS}, operation_id="change_plan")
@operation(Can.PLAN_RENEWAL)
def change(request: GateRequest, customer: str, number: str, body: PlanBody) -> PlanOut:
    """Change the plan of the next renewal, or take changes back: all of it or nothing. Nothing is charged before."""
    _change(body)
    row = change_plan(
        request.actor,
        subscription_of(request.actor, number),
        seats=body.seats,
        term=body.term,
        automatic=body.automatic,
        withdraw=body.withdraw,
        keep=body.keep,
        on=day_of(request, body.on),
        quote=body.quote,
    )
    return plan_out(row, plan_state(row))


def _change(body: PlanBody) -> PlanChange:
    found = change_of(body.seats, body.term, body.automatic, body.withdraw)
    if found == PlanChange() and body.keep is None:
        raise Refused("plan_unchanged", status=422)
    return found


def _verbs(change: PlanChange) -> list[tuple[Verb, bool]]:
    return [
        (Verb.PLAN_SEATS, change.seats is not None),
        (Verb.PLAN_TERM, change.term is not None and not change.automatic),
        (Verb.AUTOMATIC_ON, change.automatic is True),
        (Verb.AUTOMATIC_OFF, change.automatic is False),
    ]


def plan_out(row: "Subscription", state: PlanState) -> PlanOut:
    """The plan of a subscription, as the API says it."""
    return PlanOut(
        subscription=row.number,
        renews_on=row.renews_on,
        seats_now=row.seats_now,
        seats_at_renewal=row.seats_at_renewal,
        term=state.next_term,
        automatic_renewal=row.automatic_renewal,
        pending=[] if state.paid_ahead else pending_out(state),
    )


def pending_out(state: PlanState) -> list[Pending]:
    """The pending changes, as the API says them."""
    return [Pending(field=each.field, today=each.today, planned=each.planned) for each in pending_changes(state)]


def _preview(found: PlannedRenewal) -> PlanPreview:
    basis_points, after = found.treatment.rate_basis_points, found.plan.after
    return PlanPreview(
        on=found.on,
        renews_on=found.plan.starts,
        renews_until=found.plan.ends,
        currency=found.totals.net.currency,
        lines=[line_out(line) for line in found.plan.lines],
        net=str(found.totals.net),
        tax=str(found.totals.tax),
        tax_rate_percent=percent_text(basis_points),
        tax_treatment=found.treatment.code,
        total=str(found.totals.total),
        seats_at_renewal=after.seats_at_renewal,
        term=after.next_term,
        automatic_renewal=after.automatic,
        pending=pending_out(after),
        losing=[Losing(member=one.key, name=one.name) for one in found.plan.losing],
        warnings=[warning.code for warning in found.plan.warnings],
        quote=found.quote,
    )
