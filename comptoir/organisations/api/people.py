"""The API of people who come and go, their roles, and groups: the same verbs as the pages."""

from datetime import date
from typing import Annotated, Any

from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from comptoir.kernel.api import PROBLEMS, Limit, operation
from comptoir.kernel.cursors import place_of
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest
from comptoir.kernel.paging import PAGE_SIZE, Place
from comptoir.permissions import Can

from .. import actions, queries
from ..rules import FIELDS, MOST_ROWS
from .customers import router as customers  # one address has one router

router = Router(tags=["People"])
MEMBER = "/customers/{customer}/people/{member}"
Line = Annotated[str, Field(pattern=r"^[^\u0000-\u001F\u007F-\u009F]*$")]  # what stands on one line
Id = Annotated[int, Field(ge=1, le=2**62)]


class Strict(Schema):
    """A body that takes nothing that it does not know."""

    model_config = ConfigDict(extra="forbid")


class RoleBody(Strict):
    """A role, and where it counts: on a contract, on a group, or (neither) on the whole customer."""

    role: Annotated[Line, Field(max_length=40)]
    contract_id: Id | None = None
    group_id: Id | None = None


class HandOverBody(Strict):
    """Who manages a contract, or (null) the whole customer, instead of the member."""

    taker: Id
    contract_id: Id | None = None


class PersonBody(Strict):
    """Somebody to add."""

    email: Annotated[Line, Field(max_length=254)]
    first_name: Annotated[Line, Field(max_length=100)] = ""
    last_name: Annotated[Line, Field(max_length=100)] = ""
    language: Annotated[str, Field(pattern="^(en|fr)$")] = "en"
    roles: Annotated[list[RoleBody], Field(max_length=50)] = []
    groups: Annotated[list[Id], Field(max_length=50)] = []
    invite: bool = True


class MemberOut(Schema):
    """A member. `state`: active, invited, expired, not_invited or left."""

    id: int
    name: str
    email: str
    joined_on: date
    state: str


class ListedBody(Strict):
    """One row of a list; `role` and `groups` (separated by semicolons) by name."""

    email: Annotated[Line, Field(max_length=300)]
    first_name: Annotated[Line, Field(max_length=300)] = ""
    last_name: Annotated[Line, Field(max_length=300)] = ""
    name: Annotated[Line, Field(max_length=300)] = ""
    language: Annotated[Line, Field(max_length=20)] = ""
    role: Annotated[Line, Field(max_length=100)] = ""
    groups: Annotated[Line, Field(max_length=300)] = ""


class PeopleBody(Strict):
    """Many people. With `dry_run` nobody is added."""

    people: Annotated[list[ListedBody], Field(min_length=1, max_length=MOST_ROWS)]
    language: Annotated[str, Field(pattern="^(en|fr)$")] = "en"
    group_id: Id | None = None
    invite: bool = True
    dry_run: bool = False


class RowVerdictOut(Schema):
    """What became, or would become, of one row: `added`, `will_be_added`, or why it was left out."""

    line: int
    email: str
    result: str
    detail: str


class PeopleOut(Schema):
    """What became of a list. `added` counts whom it added; of a dry run, whom it would add."""

    added: int
    left_out: int
    dry_run: bool
    rows: list[RowVerdictOut]


class RemovalBody(Strict):
    """Who is to leave the customer."""

    members: Annotated[list[Id], Field(min_length=1, max_length=500)]


class RemovedOut(Schema):
    """How many left."""

    removed: int


class GroupBody(Strict):
    """A group's name."""

    name: Annotated[Line, Field(max_length=100)]


class MembersBody(Strict):
    """Members, by id."""

    members: Annotated[list[Id], Field(min_length=1, max_length=5_000)]


class GroupOut(Schema):
    """A group of people."""

    id: int
    name: str
    made_on: date
    people: int


class GroupsPage(Schema):
    """One page of the groups; `next` is the cursor of the page after, or null."""

    items: list[GroupOut]
    next: str | None


def _member(row: Any) -> MemberOut:
    state = queries.state_of({"active": row.active, "invited_until": row.invited_until, "left_on": row.left_on})
    return MemberOut(id=row.pk, name=row.name, email=row.email, joined_on=row.joined_on, state=state)


def _group(request: GateRequest, row: Any) -> GroupOut:
    return GroupOut(id=row.pk, name=row.name, made_on=row.made_on, people=queries.how_many_in(request.actor, row.pk))


def _place(body: RoleBody) -> dict[str, Any]:
    return {"role": body.role, "contract": body.contract_id, "group": body.group_id}


@customers.post("/customers/{customer}/people", response={201: MemberOut, **PROBLEMS}, operation_id="add_person")
@operation(Can.ADD_PEOPLE)
def add_person(request: GateRequest, customer: str, body: PersonBody) -> Status[MemberOut]:
    """Add somebody, with roles and groups; they come in once they have accepted the invitation."""
    told = body.model_dump(exclude={"roles"}) | {"roles": [_place(role) for role in body.roles]}
    organisation = queries.own_organisation(request.actor)
    return Status(201, _member(actions.add_person(request.actor, organisation, **told, on=request.today)))


@router.post("/customers/{customer}/people/lists", response={200: PeopleOut, **PROBLEMS}, operation_id="add_people")
@operation(Can.ADD_PEOPLE)
def add_people(request: GateRequest, customer: str, body: PeopleBody) -> PeopleOut:
    """Add many, row by row: the good ones go through, the others are told why. Invitations follow in waves."""
    rows = [[getattr(person, name) for name in FIELDS] for person in body.people]
    if body.dry_run:
        judged = queries.judge_list(request.actor, rows, dict(enumerate(FIELDS)), language=body.language)
        results = [queries.result_of(row) for row in judged]
    else:
        made = actions.add_people(
            request.actor,
            queries.own_organisation(request.actor),
            people=rows,
            language=body.language,
            group=body.group_id,
            invite=body.invite,
            on=request.today,
        )
        results = made.rows
    lines = [RowVerdictOut(line=row[0], email=row[1], result=row[4], detail=row[5]) for row in results]
    added = sum(line.result in {"added", "will_be_added"} for line in lines)
    return PeopleOut(added=added, left_out=len(lines) - added, dry_run=body.dry_run, rows=lines)


@router.post("/customers/{customer}/people/removals", response={200: RemovedOut, **PROBLEMS}, operation_id="remove_people")
@operation(Can.REMOVE_PEOPLE)
def remove_people(request: GateRequest, customer: str, body: RemovalBody) -> RemovedOut:
    """Take people out of the customer, all of them or none."""
    organisation = queries.own_organisation(request.actor)
    actions.remove_people(request.actor, organisation, members=body.members, on=request.today)
    return RemovedOut(removed=len(set(body.members)))


@router.post(
    "/customers/{customer}/people/{member}/invitation", response={200: MemberOut, **PROBLEMS}, operation_id="invite_again"
)
@operation(Can.ADD_PEOPLE)
def invite_again(request: GateRequest, customer: str, member: Id) -> MemberOut:
    """Send the invitation, or send it again: the link of the mail before is no longer good."""
    return _member(actions.invite_again(request.actor, queries.member(request.actor, member)))


@router.post(f"{MEMBER}/roles", response={200: MemberOut, **PROBLEMS}, operation_id="give_role")
@operation(Can.GIVE_ROLES)
def give_role(request: GateRequest, customer: str, member: Id, body: RoleBody) -> MemberOut:
    """Give a role; it counts from the member's next call on."""
    organisation = queries.own_organisation(request.actor)
    return _member(actions.give_role(request.actor, organisation, member=member, **_place(body), on=request.today))


@router.post(
    "/customers/{customer}/people/{member}/roles/removal", response={200: MemberOut, **PROBLEMS}, operation_id="take_role"
)
@operation(Can.GIVE_ROLES)
def take_role(request: GateRequest, customer: str, member: Id, body: RoleBody) -> MemberOut:
    """Take a role away. The last manager's stays: `last_manager`."""
    organisation = queries.own_organisation(request.actor)
    return _member(actions.take_role(request.actor, organisation, member=member, **_place(body), on=request.today))


@router.post(f"{MEMBER}/handover", response={200: MemberOut, **PROBLEMS}, operation_id="hand_over")
@operation(Can.GIVE_ROLES)
def hand_over(request: GateRequest, customer: str, member: Id, body: HandOverBody) -> MemberOut:
    """What the member manages is another's from now on, in one step."""
    queries.member(request.actor, member)
    if body.taker not in queries.members_by_id(request.actor, [body.taker]):
        raise Refused("member_not_here", field="taker", status=422)
    found = actions.hand_over(
        request.actor,
        queries.own_organisation(request.actor),
        giver=member,
        taker=body.taker,
        contract=body.contract_id,
        on=request.today,
    )
    return _member(found)


@router.get("/customers/{customer}/groups", response={200: GroupsPage, **PROBLEMS}, operation_id="groups")
@operation(Can.SEE_PEOPLE)
def groups(request: GateRequest, customer: str, cursor: str = "", limit: Limit = PAGE_SIZE) -> GroupsPage:
    """The groups of people that one may see, by name, 50 a page."""
    place_of(cursor, (str, int))
    page = queries.page_of_groups(request.actor, words="", place=Place(after=cursor, size=limit))
    return GroupsPage(items=[GroupOut.model_validate(row) for row in page.rows], next=page.next or None)


@router.post("/customers/{customer}/groups", response={201: GroupOut, **PROBLEMS}, operation_id="make_group")
@operation(Can.MANAGE_GROUPS)
def make_group(request: GateRequest, customer: str, body: GroupBody) -> Status[GroupOut]:
    """Make a group without anybody in it."""
    made = actions.make_group(request.actor, queries.own_organisation(request.actor), name=body.name, on=request.today)
    return Status(201, _group(request, made))


@router.put("/customers/{customer}/groups/{pk}", response={200: GroupOut, **PROBLEMS}, operation_id="rename_group")
@operation(Can.MANAGE_GROUPS)
def rename_group(request: GateRequest, customer: str, pk: Id, body: GroupBody) -> GroupOut:
    """Give a group another name."""
    return _group(request, actions.rename_group(request.actor, queries.group_of(request.actor, pk), name=body.name))


@router.post("/customers/{customer}/groups/{pk}/end", response={200: GroupOut, **PROBLEMS}, operation_id="end_group")
@operation(Can.MANAGE_GROUPS)
def end_group(request: GateRequest, customer: str, pk: Id) -> GroupOut:
    """End a group: what it was given ends, its people stay in the customer."""
    return _group(request, actions.end_group(request.actor, queries.group_of(request.actor, pk), on=request.today))


@router.post("/customers/{customer}/groups/{pk}/people", response={200: GroupOut, **PROBLEMS}, operation_id="join_group")
@operation(Can.MANAGE_GROUPS)
def join_group(request: GateRequest, customer: str, pk: Id, body: MembersBody) -> GroupOut:
    """Put members into a group: they get what it was given, or wait for it."""
    found = queries.group_of(request.actor, pk)
    return _group(request, actions.join_group(request.actor, found, members=body.members, on=request.today))


@router.post("/customers/{customer}/groups/{pk}/people/removal", response={200: GroupOut, **PROBLEMS}, operation_id="leave_group")
@operation(Can.MANAGE_GROUPS)
def leave_group(request: GateRequest, customer: str, pk: Id, body: MembersBody) -> GroupOut:
    """Take members out of a group: what they had through it alone ends."""
    found = queries.group_of(request.actor, pk)
    return _group(request, actions.leave_group(request.actor, found, members=body.members, on=request.today))
