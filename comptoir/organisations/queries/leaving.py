"""What ends when people leave, and whom a manager of some contracts may remove."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from comptoir.kernel.actor import Actor
from comptoir.kernel.models import AskedVerb
from comptoir.permissions import Can

from ..models import AccessToken, RoleGrant
from ..ports import Ending, Ports
from .groups import names_of_groups
from .people import grants_of, role_words, roles_with


def endings(actor: Actor, memberships: Collection[int], on: date) -> list[Ending]:
    """What these members would lose above: seats, places in line, cases."""
    return [end for context in Ports.leaving for end in context.ends(actor, memberships, on)]


def grants_among(actor: Actor, memberships: Collection[int]) -> list[tuple[int, int | None]]:
    """Each role of these members on a contract or on the whole customer: whose, and where."""
    rows = RoleGrant.objects.filter(organisation_id=actor.customer_id, membership_id__in=memberships, group=None)
    return list(rows.values_list("membership_id", "contract_id").order_by("membership_id"))


@dataclass(frozen=True, slots=True)
class RoleLine:
    """One role of one member, and its place as forms name it (`all`, `contract:<id>`, `group:<id>`)."""

    role: str
    word: str
    place: str
    name: str  # the contract's number or the group's name; empty for the whole customer
    contract: bool
    given_on: date
    may_take: bool
    may_ask: bool  # to have it taken


def role_lines(actor: Actor, membership: int) -> list[RoleLine]:
    """The roles of one member, one line for each place, as far as the actor may see it."""
    grants, words = grants_of(actor, [membership]), role_words()
    numbers = Ports.contracts.all_numbers(actor)
    names = names_of_groups(actor, [each.group_id for each in grants if each.group_id])
    lines = []
    for grant in grants:
        place, name = "all", ""
        if grant.group_id is not None:
            place, name = f"group:{grant.group_id}", names.get(grant.group_id, "")
        elif grant.contract_id is not None:
            place, name = f"contract:{grant.contract_id}", numbers.get(grant.contract_id, "")
        may = actor.may(Can.GIVE_ROLES, grant.contract_id, anywhere=grant.group_id is not None)
        asks = actor.may_ask(Can.GIVE_ROLES, grant.contract_id)
        told = (grant.role, words[grant.role], place, name, grant.contract_id is not None, grant.given_on)
        lines.append(RoleLine(*told, may_take=may, may_ask=asks))
    return lines


def open_requests(actor: Actor, membership: int) -> int:
    """How many requests of a member wait for an answer."""
    rows = AskedVerb.objects.filter(organisation_id=actor.customer_id, asked_by_id=membership)
    return rows.filter(state=AskedVerb.State.OPEN).count()


def tokens_of(actor: Actor, membership: int) -> int:
    """How many access tokens act for a member."""
    return AccessToken.objects.filter(organisation_id=actor.customer_id, membership_id=membership, revoked_at=None).count()


def managers_among(actor: Actor, memberships: Collection[int]) -> list[tuple[int, int | None]]:
    """Who of these manages what: a member, and the contract or (None) the whole customer."""
    rows = RoleGrant.objects.filter(organisation_id=actor.customer_id, membership_id__in=memberships)
    rows = rows.filter(role__in=roles_with(Can.GIVE_ROLES))
    return list(rows.values_list("membership_id", "contract_id").order_by("membership_id"))
