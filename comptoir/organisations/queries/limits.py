"""What each may order at once."""

from django.db.models import Q

from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.permissions import DIRECT, Permission

from ..models import Membership, RoleGrant, SpendingLimit
from ..rules import beyond, spending_limit
from .people import members, roles_with


def spending_limit_of(actor: Actor, can: Permission, contract_id: int | None) -> int | None:
    """The most, in minor units without tax, that the actor may order at once without approval; None: any sum. One query."""
    roles = {grant.role.value for grant in actor.grants if grant.covers(contract_id) and can.reach_of[grant.role] in DIRECT}
    own, by_role = None, dict.fromkeys(roles)
    for row in SpendingLimit.objects.filter(organisation_id=actor.customer_id):
        if row.membership_id is not None and row.membership_id == actor.membership_id:
            own = row.amount_minor
        elif row.role in by_role:
            by_role[row.role] = row.amount_minor
    return spending_limit(own, by_role.values())


def refuse_over_limit(actor: Actor, can: Permission, contract_id: int | None, net: Money) -> None:
    """Raises Refused `over_spending_limit`, with those who may order so much. A job and the desk have no limit."""
    if actor.membership_id is None:
        return
    limit = spending_limit_of(actor, can, contract_id)
    if limit is not None and beyond(net.minor, limit):
        names = [each.name for each in who_may_spend(actor, can, contract_id, net) if each.pk != actor.membership_id]
        raise Refused("over_spending_limit", params={"limit": str(Money(limit, net.currency)), "who_may": names}, status=403)


def who_may_spend(actor: Actor, can: Permission, contract_id: int | None, net: Money) -> list[Membership]:
    """The members who may do it for that sum, by name. Two queries."""
    rows = list(SpendingLimit.objects.filter(organisation_id=actor.customer_id))
    own = {row.membership_id: row.amount_minor for row in rows if row.membership_id is not None}
    by_role = {row.role: row.amount_minor for row in rows if row.role}
    scope = Q(contract_id=None) | Q(contract_id=contract_id)
    roles = roles_with(can)
    held: dict[int, list[str]] = {}
    for grant in RoleGrant.objects.filter(
        scope, organisation_id=actor.customer_id, role__in=roles, membership__left_on=None, group=None
    ):
        held.setdefault(grant.membership_id, []).append(grant.role)
    able = [
        pk
        for pk, theirs in held.items()
        if not beyond(net.minor, spending_limit(own.get(pk), [by_role.get(role) for role in theirs]))
    ]
    return list(members(actor).filter(pk__in=able).order_by("sort_name", "id"))


def spending_limits(actor: Actor) -> list[SpendingLimit]:
    """The limits that are set, those of roles first, then by member."""
    rows = SpendingLimit.objects.filter(organisation_id=actor.customer_id).select_related("membership")
    return list(rows.order_by("-role", "membership__sort_name", "id"))
