"""Benefits of people and groups, over the same verb as the pages."""

from typing import Annotated, Literal

from ninja import Field, Router, Schema
from pydantic import ConfigDict

from comptoir.kernel.api import PROBLEMS, operation
from comptoir.kernel.gate import GateRequest
from comptoir.organisations.queries import own_organisation
from comptoir.permissions import Can

from ..actions.benefits import choose_benefits
from ..queries.benefits import PersonsBenefits, benefits_of
from ..queries.group_benefits import benefits_of_group
from ..rules import Benefit
from .seats import Id

router = Router(tags=["Benefits"])


class BenefitOut(Schema):
    """One benefit of one member: whether they have it, why (own, group, seat, none), and what was chosen for them."""

    benefit: Benefit
    has: bool
    because: str
    groups: list[str]
    chosen: Literal["given", "withheld", "default"]


class BenefitsOut(Schema):
    """One member's benefits."""

    member: int
    name: str
    benefits: list[BenefitOut]


class GroupBenefitsOut(Schema):
    """What was chosen for one group: each benefit given, withheld, or left open (default)."""

    group: int
    name: str
    people: int
    benefits: dict[str, str]


class ChoiceIn(Schema):
    """One benefit of one member or one group: to be given, withheld, or left to the default."""

    model_config = ConfigDict(extra="forbid")
    of: Id
    benefit: Benefit
    choice: Literal["given", "withheld", "default"]


Choices = Annotated[list[ChoiceIn], Field(max_length=5_000)]


class ChoicesBody(Schema):
    """Choices for members and for groups; all of them or none."""

    model_config = ConfigDict(extra="forbid")
    people: Choices = []
    groups: Choices = []


class ChosenOut(Schema):
    """How many choices were taken over."""

    choices: int


@router.get("/customers/{customer}/people/{member}/benefits", response={200: BenefitsOut, **PROBLEMS}, operation_id="benefits")
@operation(Can.ASSIGN_SEATS)
def benefits(request: GateRequest, customer: str, member: int) -> BenefitsOut:
    """One member's benefits, each with the reason."""
    return _told(benefits_of(request.actor, member, request.today))


@router.get(
    "/customers/{customer}/groups/{pk}/benefits",
    response={200: GroupBenefitsOut, **PROBLEMS},
    operation_id="benefits_of_group",
)
@operation(Can.ASSIGN_SEATS)
def of_group(request: GateRequest, customer: str, pk: int) -> GroupBenefitsOut:
    """What was chosen for one group of people."""
    found = benefits_of_group(request.actor, pk)
    chosen = {cell.benefit.value: cell.choice for cell in found.cells}
    return GroupBenefitsOut(group=found.group_id, name=found.name, people=found.people, benefits=chosen)


@router.post("/customers/{customer}/benefits", response={200: ChosenOut, **PROBLEMS}, operation_id="choose_benefits")
@operation(Can.ASSIGN_SEATS)
def choose(request: GateRequest, customer: str, body: ChoicesBody) -> ChosenOut:
    """Give and withhold benefits of many members and groups in one action."""
    people, groups = ([[one.of, one.benefit.value, one.choice] for one in some] for some in (body.people, body.groups))
    choose_benefits(request.actor, own_organisation(request.actor), people=people, groups=groups, on=request.today)
    return ChosenOut(choices=len(people) + len(groups))


def _told(found: PersonsBenefits) -> BenefitsOut:
    words: dict[bool | None, Literal["given", "withheld", "default"]] = {True: "given", False: "withheld", None: "default"}
    return BenefitsOut(
        member=found.membership_id,
        name=found.name,
        benefits=[
            BenefitOut(
                benefit=cell.benefit,
                has=cell.standing.has,
                because=cell.standing.source,
                groups=list(cell.standing.groups),
                chosen=words[cell.chosen],
            )
            for cell in found.cells
        ],
    )
