"""Whose trial ends, and who can buy what they try. In jobs: the walls of these customers are open."""

from collections.abc import Collection, Sequence
from datetime import date

from comptoir.entitlements.queries.rank import living
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import add_days
from comptoir.organisations.models import Membership
from comptoir.organisations.queries import who_may_where
from comptoir.permissions import Can

from ..models import Trial

AHEAD = 7  # days before the end


def ending_on(ids: Collection[int], day: date) -> list[Trial]:
    """The trials of these customers that end on that day or a week later, and were not bought; who got a seat is left out."""
    rows = Trial.objects.filter(organisation_id__in=ids, ends_on__in=[day, add_days(day, AHEAD)], bought_on=None)
    rows = rows.filter(membership__left_on=None).select_related("product", "membership__person").order_by("id")
    found = list(rows)
    given = living().filter(organisation_id__in=ids, waiting=False, membership_id__in=[row.membership_id for row in found])
    seated = set(given.values_list("membership_id", "subscription__product_id"))
    return [row for row in found if (row.membership_id, row.product_id) not in seated]


def who_buys(actor: Actor, member: Membership) -> Sequence[str]:
    """Who of the customer buys, where the member does not themselves."""
    contacts = [contact for place in who_may_where(actor, Can.BUY).values() for contact in place]
    if any(contact.membership_id == member.pk for contact in contacts):
        return ()
    return tuple(dict.fromkeys(contact.name for contact in contacts))
