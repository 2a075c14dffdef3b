"""The API of requests about roles: asked for here, answered like any other request."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from comptoir.kernel.api import PROBLEMS, Text, operation
from comptoir.kernel.asking import ask
from comptoir.kernel.gate import GateRequest
from comptoir.organisations.queries import member as member_of
from comptoir.organisations.queries import own_organisation, wish_about_roles
from comptoir.permissions import Can
from comptoir.subscriptions.queries.requests import request_of

router = Router(tags=["People"])
MEMBER = "/customers/{customer}/people/{member}"
Id = Annotated[int, Field(ge=1, le=2**62)]


class RoleRequestOut(Schema):
    """A request about a role; it is answered, and told in full, as every request is."""

    id: int
    verb: str
    title: str
    reason: str
    state: str
    asked_on: date


class AskForRoleBody(Schema):
    """A role that somebody shall get, or (`take`) lose: on a contract, on a group, or (neither) on the whole customer."""

    model_config = ConfigDict(extra="forbid")
    role: Annotated[Text, Field(max_length=40)]
    contract_id: Id | None = None
    group_id: Id | None = None
    take: bool = False
    reason: Annotated[Text, Field(max_length=500)] = ""


class AskToHandOverBody(Schema):
    """Who shall manage a contract, or (null) the whole customer, instead of the member."""

    model_config = ConfigDict(extra="forbid")
    taker: Id
    contract_id: Id | None = None
    reason: Annotated[Text, Field(max_length=500)] = ""


@router.post(f"{MEMBER}/roles/requests", response={201: RoleRequestOut, **PROBLEMS}, operation_id="ask_for_role")
@operation(Can.GIVE_ROLES)
def ask_for_role(request: GateRequest, customer: str, member: Id, body: AskForRoleBody) -> Status[RoleRequestOut]:
    """Ask that a role be given or taken away."""
    member_of(request.actor, member)
    told: dict[str, str | int | None] = {
        "member": member,
        "role": body.role,
        "contract": body.contract_id,
        "group": body.group_id,
    }
    return _asked(request, "take_role" if body.take else "give_role", told, body.reason)


@router.post(f"{MEMBER}/handover/requests", response={201: RoleRequestOut, **PROBLEMS}, operation_id="ask_to_hand_over")
@operation(Can.GIVE_ROLES)
def ask_to_hand_over(request: GateRequest, customer: str, member: Id, body: AskToHandOverBody) -> Status[RoleRequestOut]:
    """Ask that somebody else manage what the member manages."""
    member_of(request.actor, member)
    told = {"giver": member, "taker": body.taker, "contract": body.contract_id}
    return _asked(request, "hand_over", told, body.reason)


def _asked(request: GateRequest, verb: str, told: Mapping[str, str | int | None], reason: str) -> Status[RoleRequestOut]:
    wish = wish_about_roles(request.actor, verb, told)
    made = ask(request.actor, own_organisation(request.actor), **wish, reason=reason, on=request.today)
    found = request_of(request.actor, made.pk)
    out = RoleRequestOut(
        id=made.pk, verb=made.verb, title=found.title, reason=made.reason, state=made.state, asked_on=made.asked_on
    )
    return Status(201, out)
