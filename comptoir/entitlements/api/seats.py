"""Seats given to people: who has one, who waits, give, take back, swap, groups, requests."""

from datetime import date
from typing import Annotated, Any, Literal

from django.core.exceptions import ObjectDoesNotExist
from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from comptoir.kernel import asking
from comptoir.kernel.api import PROBLEMS, Limit, Text, operation
from comptoir.kernel.gate import GateRequest
from comptoir.kernel.paging import PAGE_SIZE, Place
from comptoir.permissions import Can
from comptoir.subscriptions.queries.seats import bare_subscription_of, subscription_of

from ..actions.groups import give_to_group, take_from_group
from ..actions.seats import assign, leave_line, swap, take_back
from ..queries.asking import ASSIGN
from ..queries.assigned import assigned, page_of_assigned
from ..queries.giving import MOST_AT_ONCE, preview_giving
from ..queries.groups import group_of
from ..queries.people import Reaching, reaching
from ..rules import Beyond

router = Router(tags=["Seats"])
PEOPLE = "/customers/{customer}/subscriptions/{number}/assignments"
Id = Annotated[int, Field(ge=1, le=2**63 - 1, strict=True)]
Members = Annotated[list[Id], Field(min_length=1, max_length=MOST_AT_ONCE)]
Rule = Literal["refuse", "fit", "wait"]


class AssignedOut(Schema):
    """A member who has a seat, or waits for one. `direct`: given to the person; false: by a group alone."""

    member: int
    name: str
    email: str
    state: Literal["seat", "waiting"]
    since: date
    direct: bool


class AssignedPage(Schema):
    """One page of a list; `next` is the cursor of the page after, or null."""

    items: list[AssignedOut]
    next: str | None


class GivingBody(Schema):
    """Who is given a seat, in this order. `beyond`: what becomes of those without one: `refuse` all, `fit` as many, `wait`."""

    model_config = ConfigDict(extra="forbid")
    members: Members
    beyond: Rule = "refuse"
    quote: Annotated[Text, Field(max_length=80)] | None = None


class SeatsBody(Schema):
    """Whose seats, or places on the waiting list, are taken back."""

    model_config = ConfigDict(extra="forbid")
    members: Members


class SwapBody(Schema):
    """Whose seat goes to whom."""

    model_config = ConfigDict(extra="forbid")
    giver: Id
    taker: Id


class GroupSeatsBody(Schema):
    """Which group is given it."""

    model_config = ConfigDict(extra="forbid")
    group: Id
    beyond: Literal["refuse", "wait"] = "refuse"


class GivenGroupBody(Schema):
    """Which group it is taken from."""

    model_config = ConfigDict(extra="forbid")
    group: Id


class ReasonBody(Schema):
    """Why one would like a seat."""

    model_config = ConfigDict(extra="forbid")
    reason: Annotated[Text, Field(max_length=500)] = ""


class AskedOut(Schema):
    """A request that was sent: `GET .../requests` tells what becomes of it."""

    id: int
    state: str
    asked_on: date


class SeatVerdictOut(Schema):
    """What becomes of one member: given, waits, seated (already), in_line (already), no_seat, unknown."""

    member: int
    verdict: str


class GivingOut(Schema):
    """What giving would do. Nothing has changed. `free`: what people can be given; they come before leases that run."""

    seats: int
    free: int
    verdicts: list[SeatVerdictOut]
    quote: str


class SeatsOut(Schema):
    """The seats of a subscription after a change, and where the members stand that were named.

    `used`: by people; `floating`: by leases at this moment; `free`: by nobody.
    """

    seats: int
    used: int
    floating: int
    free: int
    waiting: int
    people: list[AssignedOut]


@router.get(PEOPLE, response={200: AssignedPage, **PROBLEMS}, operation_id="assignments")
@operation(Can.SEE_PRODUCTS)
def assignments(
    request: GateRequest,
    customer: str,
    number: str,
    state: Literal["seat", "waiting"] | None = None,
    cursor: str | None = None,
    limit: Limit = PAGE_SIZE,
) -> AssignedPage:
    """Who has a seat or waits for one, by name."""
    row = subscription_of(request.actor, number)
    if reaching(request.actor, row) == Reaching.ASKS:
        raise ObjectDoesNotExist(number)
    page = page_of_assigned(request.actor, row, state or "", Place(after=cursor or ""), request.today, size=limit)
    return AssignedPage(items=[AssignedOut(**each) for each in page.rows], next=page.next or None)


@router.post(f"{PEOPLE}/preview", response={200: GivingOut, **PROBLEMS}, operation_id="preview_assignments")
@operation(Can.ASSIGN_SEATS)
def preview(request: GateRequest, customer: str, number: str, body: GivingBody) -> GivingOut:
    """What becomes of each, and a quote that holds it. Changes nothing."""
    found = preview_giving(
        request.actor, subscription_of(request.actor, number), body.members, Beyond(body.beyond), request.today
    )
    verdicts = [SeatVerdictOut(member=pk, verdict=verdict) for pk, verdict in found.verdicts.items()]
    return GivingOut(seats=found.seats, free=found.free, verdicts=verdicts, quote=found.quote)


@router.post(PEOPLE, response={200: SeatsOut, **PROBLEMS}, operation_id="assign_seats")
@operation(Can.ASSIGN_SEATS)
def give(request: GateRequest, customer: str, number: str, body: GivingBody) -> SeatsOut:
    """Give seats: one action for all of them. Send an `Idempotency-Key` so that sending it again does nothing again."""
    row = bare_subscription_of(request.actor, number)
    row = assign(request.actor, row, members=body.members, beyond=body.beyond, quote=body.quote, on=request.today)
    return _seats(request, row, body.members)


@router.post(f"{PEOPLE}/removal", response={200: SeatsOut, **PROBLEMS}, operation_id="take_seats_back")
@operation(Can.ASSIGN_SEATS)
def take(request: GateRequest, customer: str, number: str, body: SeatsBody) -> SeatsOut:
    """Take seats back; whoever waits first is given what becomes free."""
    row = take_back(request.actor, bare_subscription_of(request.actor, number), members=body.members, on=request.today)
    return _seats(request, row, body.members)


@router.post(f"{PEOPLE}/swap", response={200: SeatsOut, **PROBLEMS}, operation_id="swap_seat")
@operation(Can.ASSIGN_SEATS)
def change(request: GateRequest, customer: str, number: str, body: SwapBody) -> SeatsOut:
    """Give one member's seat to another in one step, past the waiting list."""
    row = swap(request.actor, bare_subscription_of(request.actor, number), giver=body.giver, taker=body.taker, on=request.today)
    return _seats(request, row, [body.giver, body.taker])


@router.post(f"{PEOPLE}/departure", response={200: SeatsOut, **PROBLEMS}, operation_id="leave_waiting_list")
@operation(Can.LEAVE_LINE)
def depart(request: GateRequest, customer: str, number: str) -> SeatsOut:
    """Leave the waiting list oneself."""
    row = leave_line(request.actor, bare_subscription_of(request.actor, number), on=request.today)
    return _seats(request, row, [request.actor.member_id])


@router.post(f"{PEOPLE}/groups", response={200: SeatsOut, **PROBLEMS}, operation_id="give_seats_to_group")
@operation(Can.ASSIGN_SEATS)
def give_group(request: GateRequest, customer: str, number: str, body: GroupSeatsBody) -> SeatsOut:
    """Give everybody in a group a seat, all or nothing; newcomers get theirs as they come."""
    row = subscription_of(request.actor, number)
    group = group_of(request.actor, body.group)
    give_to_group(request.actor, group, subscriptions=[row.pk], beyond=body.beyond, on=request.today)
    return _seats(request, subscription_of(request.actor, number), [])


@router.post(f"{PEOPLE}/groups/removal", response={200: SeatsOut, **PROBLEMS}, operation_id="take_seats_from_group")
@operation(Can.ASSIGN_SEATS)
def take_group(request: GateRequest, customer: str, number: str, body: GivenGroupBody) -> SeatsOut:
    """Take the subscription from a group: who has it through this group alone loses their seat."""
    row = subscription_of(request.actor, number)
    take_from_group(request.actor, group_of(request.actor, body.group), subscription=row.pk, on=request.today)
    return _seats(request, subscription_of(request.actor, number), [])


@router.post(f"{PEOPLE}/requests", response={201: AskedOut, **PROBLEMS}, operation_id="ask_for_a_seat")
@operation(Can.ASK)
def ask(request: GateRequest, customer: str, number: str, body: ReasonBody) -> Status[AskedOut]:
    """Ask for a seat for oneself."""
    asked = asking.ask(
        request.actor,
        subscription_of(request.actor, number),
        verb=ASSIGN,
        arguments={"members": [request.actor.member_id]},
        reason=body.reason,
        on=request.today,
    )
    return Status(201, AskedOut(id=asked.pk, state=asked.state, asked_on=asked.asked_on))


def _seats(request: GateRequest, row: Any, members: list[int]) -> SeatsOut:
    told: dict[str, Any] = assigned(request.actor, row, members, request.today)
    # our own values: looking at each of thousands again would take longer than giving them their seats
    people = [AssignedOut.model_construct(**each) for each in told.pop("people")]
    return SeatsOut.model_construct(**told, people=people)
