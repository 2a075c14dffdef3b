"""The API of the first days: where somebody is in the tour, and the check of roles that administrators are walked through."""

from datetime import date
from typing import Annotated

from ninja import Field, Router, Schema
from pydantic import ConfigDict

from comptoir.identity.actions import keep_tour
from comptoir.identity.queries import myself
from comptoir.kernel.api import PROBLEMS, operation, own_operation
from comptoir.kernel.gate import GateRequest
from comptoir.organisations.actions import check_roles
from comptoir.organisations.queries import own_organisation
from comptoir.permissions import Can

from ..queries.checking import checks_for

router = Router(tags=["First days"])


class TourOut(Schema):
    """The step at which the tour was left (0: not begun), and whether it was gone through or declined."""

    step: int
    ended: bool


class TourBody(Schema):
    """Where one is, from 0 to 20; `ended`: it need not be offered any more."""

    model_config = ConfigDict(extra="forbid")
    step: Annotated[int, Field(ge=0, le=20)]
    ended: bool = False


class RoleCheckOut(Schema):
    """One item of the check: what there is, what looks odd, and when one said that it is right."""

    item: str
    title: str
    facts: list[str]
    odd: list[str]
    checked_on: date | None


def _tour(person_id: int | None) -> TourOut:
    person = myself(person_id or 0)
    return TourOut(step=person.tour_step, ended=person.tour_ended_at is not None)


@router.get("/me/tour", response={200: TourOut, **PROBLEMS}, operation_id="tour_state")
@own_operation(Can.TAKE_TOUR)
def tour_state(request: GateRequest) -> TourOut:
    """Where I am in the tour of the portal."""
    return _tour(request.actor.person_id)


@router.put("/me/tour", response={200: TourOut, **PROBLEMS}, operation_id="keep_tour")
@own_operation(Can.TAKE_TOUR)
def tour(request: GateRequest, body: TourBody) -> TourOut:
    """Keep where I am in it, or that it need not be offered any more."""
    person = myself(request.actor.person_id or 0)
    keep_tour(request.actor, person, step=body.step, ended=body.ended)
    return _tour(request.actor.person_id)


@router.get("/customers/{customer}/role-checks", response={200: list[RoleCheckOut], **PROBLEMS}, operation_id="role_checks")
@operation(Can.CHECK_ROLES)
def checks(request: GateRequest, customer: str) -> list[RoleCheckOut]:
    """Who may do what, item by item, with what looks odd."""
    return _checks(request)


@router.put(
    "/customers/{customer}/role-checks/{item}", response={200: list[RoleCheckOut], **PROBLEMS}, operation_id="check_roles"
)
@operation(Can.CHECK_ROLES)
def check(request: GateRequest, customer: str, item: str) -> list[RoleCheckOut]:
    """Say that one item is right."""
    check_roles(request.actor, own_organisation(request.actor), item=item, on=request.today)
    return _checks(request)


def _checks(request: GateRequest) -> list[RoleCheckOut]:
    found = checks_for(request.actor, request.customer)
    return [
        RoleCheckOut(item=each.item, title=each.title, facts=list(each.facts), odd=list(each.odd), checked_on=each.checked_on)
        for each in found
    ]
