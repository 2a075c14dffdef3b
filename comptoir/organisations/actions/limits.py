"""What each may order at once."""

from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.kernel.recording import record
from comptoir.permissions import Can

from ..models import Organisation, SpendingLimit
from ..queries import members, roles_with, spending_limit_of, who_may_spend, who_may_where


@action(Can.SET_SPENDING_LIMITS)
def set_spending_limit(
    actor: Actor, organisation: Organisation, *, membership: int | None, role: str, minor: int | None
) -> Organisation:
    """Set the most, without tax, that a member or everybody in a role may order at once; None takes the limit away.

    Raises Refused `limit_by_the_limited` (whom a limit binds sets none), `limit_for_nobody` (neither one member nor one role
    that may order) and `limit_leaves_nobody` (somebody who may order must stay without one, or nobody could approve).
    """
    if (membership is None) == (role == "") or (minor is not None and not _may_order(actor, membership, role)):
        raise Refused("limit_for_nobody", field="role" if membership is None else "member", status=422)
    if spending_limit_of(actor, Can.BUY, None) is not None:
        raise Refused("limit_by_the_limited", status=403)
    if membership is not None:
        members(actor).get(pk=membership)
    who = {"organisation": organisation, "membership_id": membership, "role": role}
    SpendingLimit.objects.filter(**who).delete()
    if minor is not None:
        SpendingLimit.objects.create(**who, amount_minor=minor)
    any_sum = Money(10**15, organisation.currency)
    if not who_may_spend(actor, Can.BUY, None, any_sum):
        raise Refused("limit_leaves_nobody")
    amount = None if minor is None else Money(minor, organisation.currency)
    record(Events.SPENDING_LIMIT_SET, organisation, membership=membership, role=role, limit="" if amount is None else amount)
    return organisation


def _may_order(actor: Actor, membership: int | None, role: str) -> bool:
    if membership is None:
        return role in roles_with(Can.BUY)
    return any(membership == contact.membership_id for place in who_may_where(actor, Can.BUY).values() for contact in place)
