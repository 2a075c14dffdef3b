"""The API of updates: what is new for me, who is to install what by when, who has."""

from datetime import date
from typing import Annotated, Any, Literal

from ninja import Field, Router, Schema
from ninja import Path as InPath
from pydantic import ConfigDict

from comptoir.kernel.api import PROBLEMS, Limit, operation, own_operation
from comptoir.kernel.cursors import place_of
from comptoir.kernel.gate import GateRequest
from comptoir.kernel.paging import PAGE_SIZE, Place
from comptoir.organisations.queries import own_organisation
from comptoir.permissions import Can

from ..actions.updates import assign_update, choose_news, mark_installed, take_back_update
from ..queries import standing, updates
from ..queries.news import choice_of, person_of
from ..queries.overseeing import oversight

router = Router(tags=["Downloads"])
AnId = Annotated[int, InPath(ge=1, le=2**63 - 1)]
Ids = Annotated[list[Annotated[int, Field(ge=1, le=2**63 - 1, strict=True)]], Field(max_length=5_000)]


class UpdateOut(Schema):
    """A release as this person finds it. `have`: by download or by word, empty if they have it not."""

    id: int
    product: str
    version: str
    kind: str
    title: str
    released_on: date
    assigned: bool
    deadline: date | None
    asked_by: str
    have: Literal["", "download", "mark"]
    withdrawn: bool


class AssignBody(Schema):
    """Who is to install it by when; nobody named: everybody entitled."""

    model_config = ConfigDict(extra="forbid")
    members: Ids = []
    groups: Ids = []
    deadline: date | None = None


class InstalledBody(Schema):
    """Who has it; nobody named: oneself."""

    model_config = ConfigDict(extra="forbid")
    members: Ids = []


class UpdateAssignedOut(Schema):
    """That somebody is asked to install a release: a member, a group, or (none of them) everybody entitled."""

    id: int
    member: str | None
    group: str | None
    deadline: date | None
    assigned_by: str
    assigned_on: date
    may_take_back: bool


class UpdateStandingOut(Schema):
    """How many may have a release, as far as one looks after them, how many have it, and who is asked to install it."""

    people: int
    installed: int
    assigned: list[UpdateAssignedOut]


class UpdatePersonOut(Schema):
    """One person who may have a release. `have`: by download or by word, empty if they have it not."""

    id: int
    name: str
    email: str
    have: Literal["", "download", "mark"]
    on: date | None
    noted_by: str
    asked: bool


class UpdatePeoplePage(Schema):
    """One page of a list; `next` is the cursor of the page after, or null."""

    items: list[UpdatePersonOut]
    next: str | None


class NewsChoiceOut(Schema):
    """When mails about updates are written."""

    when: Literal["at_once", "daily", "weekly", "never"]


@router.get("/customers/{customer}/updates", response={200: list[UpdateOut], **PROBLEMS}, operation_id="updates")
@operation(Can.DOWNLOAD)
def own_updates(request: GateRequest, customer: str) -> list[UpdateOut]:
    """What is out for the token's person; what they are asked to install first."""
    return [_update(one) for one in updates.updates(request.actor, request.today)]


def _update(one: updates.Update) -> UpdateOut:
    row = one.release
    told = {"version": row.version, "kind": row.kind, "title": row.shown_title, "released_on": row.released_on}
    own = {
        "assigned": one.assigned,
        "deadline": one.deadline,
        "asked_by": one.asked_by,
        "have": one.how,
        "withdrawn": one.withdrawn,
    }
    return UpdateOut.model_validate({"id": row.pk, "product": row.product.code, **told, **own})


@router.post("/customers/{customer}/updates/{pk}/assignment", response={200: UpdateOut, **PROBLEMS}, operation_id="assign_update")
@operation(Can.ASSIGN_UPDATES)
def assign(request: GateRequest, customer: str, pk: AnId, body: AssignBody) -> UpdateOut:
    """Ask people, groups, or everybody entitled, to install a release by the end of a day."""
    assign_update(request.actor, own_organisation(request.actor), release=pk, **body.dict(), on=request.today)
    return _update(updates.update(request.actor, pk, request.today))


def _overseen(request: GateRequest, pk: int) -> tuple[Any, Any]:
    """A release and how far the caller looks after it; who does not at all finds nobody there."""
    release = updates.update(request.actor, pk, request.today).release
    return release, oversight(request.actor, release.product_id, request.today)


@router.get(
    "/customers/{customer}/updates/{pk}/standing", response={200: UpdateStandingOut, **PROBLEMS}, operation_id="update_standing"
)
@operation(Can.ASSIGN_UPDATES)
def update_standing(request: GateRequest, customer: str, pk: AnId) -> UpdateStandingOut:
    """How far a release has come, and who is asked to install it by when, and by whom."""
    release, over = _overseen(request, pk)
    found = standing.standing_of(request.actor, release, over, request.today, Place(size=1))
    return UpdateStandingOut(people=found.people, installed=found.installed, assigned=[_asked(one) for one in found.assigned])


def _asked(one: standing.AskedFor) -> UpdateAssignedOut:
    row = one.row
    whom = {"member": row.membership.name if row.membership else None, "group": row.group.name if row.group else None}
    told = {"id": row.pk, "deadline": row.deadline, "assigned_on": row.assigned_on, "may_take_back": one.may_end}
    return UpdateAssignedOut.model_validate({**told, **whom, "assigned_by": row.assigned_by.name})


@router.get(
    "/customers/{customer}/updates/{pk}/people", response={200: UpdatePeoplePage, **PROBLEMS}, operation_id="update_people"
)
@operation(Can.ASSIGN_UPDATES)
def update_people(request: GateRequest, customer: str, pk: AnId, cursor: str = "", limit: Limit = PAGE_SIZE) -> UpdatePeoplePage:
    """Who has installed a release, by name."""
    place_of(cursor, (str, int))
    page = standing.page_of_people(request.actor, *_overseen(request, pk), request.today, Place(after=cursor, size=limit))
    items = [
        UpdatePersonOut.model_validate(
            {
                "id": one.membership_id,
                "have": one.how,
                **{name: getattr(one, name) for name in ("name", "email", "on", "asked", "noted_by")},
            }
        )
        for one in page.rows
    ]
    return UpdatePeoplePage(items=items, next=page.next or None)


@router.post(
    "/customers/{customer}/assigned-updates/{pk}/withdrawal",
    response={200: UpdateOut, **PROBLEMS},
    operation_id="take_back_update",
)
@operation(Can.ASSIGN_UPDATES)
def take_back(request: GateRequest, customer: str, pk: AnId) -> UpdateOut:
    """Nobody is asked any more."""
    taken = take_back_update(request.actor, updates.assigned_update(request.actor, pk), on=request.today)
    return _update(updates.update(request.actor, taken.release_id, request.today))


@router.post(
    "/customers/{customer}/updates/{pk}/installation", response={200: UpdateOut, **PROBLEMS}, operation_id="note_installed"
)
@operation(Can.MARK_INSTALLED)
def note_installed(request: GateRequest, customer: str, pk: AnId, body: InstalledBody) -> UpdateOut:
    """Note that oneself, or those whose product one looks after, have a release."""
    members = body.members or [request.actor.member_id]
    mark_installed(request.actor, own_organisation(request.actor), release=pk, members=members, on=request.today)
    return _update(updates.update(request.actor, pk, request.today))


@router.get("/me/updates", response={200: NewsChoiceOut, **PROBLEMS}, operation_id="news_choice")
@own_operation(Can.CHOOSE_NEWS)
def news_choice(request: GateRequest) -> NewsChoiceOut:
    """When mails about updates are written to me."""
    return NewsChoiceOut.model_validate({"when": choice_of(request.actor.person_id or 0)})


@router.put("/me/updates", response={200: NewsChoiceOut, **PROBLEMS}, operation_id="choose_news")
@own_operation(Can.CHOOSE_NEWS)
def choose(request: GateRequest, body: NewsChoiceOut) -> NewsChoiceOut:
    """Choose it."""
    choose_news(request.actor, person_of(request.actor.person_id or 0), when=body.when)
    return body
