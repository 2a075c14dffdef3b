"""What ends when people leave, and whom a manager of some contracts may remove."""

from collections.abc import Collection
from datetime import date

from comptoir.kernel.actor import Actor
from comptoir.permissions import Can

from ..models import RoleGrant
from ..ports import Ending, Ports
from .people import roles_with


def endings(actor: Actor, memberships: Collection[int], on: date) -> list[Ending]:
    """What these members would lose above: seats, places in line, cases."""
    return [end for context in Ports.leaving for end in context.ends(actor, memberships, on)]


def grants_among(actor: Actor, memberships: Collection[int]) -> list[tuple[int, int | None]]:
    """Each role of these members on a contract or on the whole customer: whose, and where."""
    rows = RoleGrant.objects.filter(organisation_id=actor.customer_id, membership_id__in=memberships, group=None)
    return list(rows.values_list("membership_id", "contract_id").order_by("membership_id"))


def managers_among(actor: Actor, memberships: Collection[int]) -> list[tuple[int, int | None]]:
    """Who of these manages what: a member, and the contract or (None) the whole customer."""
    rows = RoleGrant.objects.filter(organisation_id=actor.customer_id, membership_id__in=memberships)
    rows = rows.filter(role__in=roles_with(Can.GIVE_ROLES))
    return list(rows.values_list("membership_id", "contract_id").order_by("membership_id"))
