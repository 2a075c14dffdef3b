"""What somebody has by another account of theirs, customer by customer: shown before the two become one (decision 19)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from comptoir.kernel.actor import Actor, ActorKind, Grant
from comptoir.kernel.models import AskedVerb
from comptoir.kernel.walls import wall_opened
from comptoir.permissions import Role

from ..models import AccessToken, GroupMember, JoinRequest, Membership, RoleGrant
from ..ports import Ending, Ports
from .leaving import endings
from .people import role_words


class Belonging:
    """Fills `identity.Belonging`."""

    def customers(self, person_id: int) -> list[int]:
        """The customers that the person belongs to, did, or asks to, in one order. Needs the person's wall."""
        members = Membership.objects.filter(person_id=person_id).values_list("organisation_id", flat=True)
        wishes = JoinRequest.objects.filter(person_id=person_id).values_list("organisation_id", flat=True)
        return sorted({*members, *wishes})


@dataclass(frozen=True, slots=True)
class Brought:
    """What one customer's membership brings to the account that stays."""

    customer: str
    name: str  # as this customer calls them by the account that is closed
    called: str  # and by the one that stays; empty where it is not here
    invited: bool  # the invitation is not accepted yet
    roles: Sequence[tuple[str, str]]  # in words, and the contract's number or the group's name
    groups: Sequence[str]
    held: Sequence[Ending]
    twice: Sequence[Ending]  # both have it: it counts once
    counts: dict[str, int]  # request, token, and the kinds of `Uniting.brings`


def brought_by(person_id: int, kept: int, on: date) -> list[Brought]:
    """What the account `person_id` has, for somebody who has shown that it is theirs, as `kept` is. Opens its walls."""
    with wall_opened(person=person_id):
        here = Membership.objects.filter(person_id=person_id, left_on=None).select_related("organisation")
        rows = list(here.order_by("organisation__name", "pk"))
    found = []
    for member in rows:
        with wall_opened(read=[member.organisation_id], person=person_id):
            found.append(_brought(member, kept, on))
    return found


def wishes_by(person_id: int) -> int:
    """To how many customers the account asks to be let in. Opens its wall."""
    with wall_opened(person=person_id):
        return JoinRequest.objects.filter(person_id=person_id, state=JoinRequest.State.OPEN).count()


def _brought(member: Membership, kept: int, on: date) -> Brought:
    pk, customer = member.pk, member.organisation_id
    # as themselves, with no role: what is asked about them needs none
    actor = Actor(
        ActorKind.PERSON,
        id=member.person_id,
        person_id=member.person_id,
        membership_id=pk,
        organisation_id=customer,
        grants=(Grant(Role.END_USER),),
    )
    own = Membership.objects.filter(organisation_id=customer, person_id=kept).first()
    stays = own is not None and own.left_on is None
    ends = endings(actor, [pk, own.pk] if own and stays else [pk], on)
    mine = {(end.kind, end.number, end.what) for end in ends if end.membership_id != pk}
    theirs = [end for end in ends if end.membership_id == pk]
    inside = GroupMember.objects.filter(organisation_id=customer, membership=member, left_on=None)
    return Brought(
        customer=member.organisation.name,
        name=member.name,
        called=own.name if own and stays else "",
        invited=not member.active,
        roles=_roles(actor, member),
        groups=list(inside.order_by("group__name").values_list("group__name", flat=True)),
        held=theirs,
        twice=[end for end in theirs if (end.kind, end.number, end.what) in mine],
        counts=_counts(actor, member),
    )


def _roles(actor: Actor, member: Membership) -> list[tuple[str, str]]:
    words, numbers = role_words(), Ports.contracts.all_numbers(actor)
    grants = RoleGrant.objects.filter(organisation_id=member.organisation_id, membership=member).select_related("group")
    rows = grants.order_by("role", "contract_id", "group_id")
    return [(words[row.role], row.group.name if row.group else numbers.get(row.contract_id or 0, "")) for row in rows]


def _counts(actor: Actor, member: Membership) -> dict[str, int]:
    asked = AskedVerb.objects.filter(organisation_id=member.organisation_id, asked_by_id=member.pk, state=AskedVerb.State.OPEN)
    tokens = AccessToken.objects.filter(organisation_id=member.organisation_id, membership=member, revoked_at=None)
    counts = Counter({"request": asked.count(), "token": tokens.count()})
    for context in Ports.uniting:
        counts.update(context.brings(actor, member.pk))
    return {kind: count for kind, count in counts.items() if count}
