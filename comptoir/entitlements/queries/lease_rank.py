"""The leases for which there is a seat: people come first, then what is borrowed, then leases as they were taken (rules 9)."""

from datetime import date, datetime

from django.db.models import Q, QuerySet

from comptoir.subscriptions.models import Subscription

from ..models import Lease
from ..rules import seats_on
from ..rules.leases import Held, counting
from .rank import living, paid, sitting_in


def living_leases(at: datetime, on: date) -> QuerySet[Lease]:
    """The leases that are in use at that moment, as a condition: heard of lately, or borrowed."""
    return Lease.objects.filter(Q(borrowed_until=None, free_at__gt=at) | Q(borrowed_until__gt=on), ended_at=None)


def leases_of(subscription: Subscription, at: datetime, on: date) -> QuerySet[Lease]:
    """Those of one subscription."""
    return living_leases(at, on).filter(organisation_id=subscription.organisation_id, subscription=subscription)


def held(row: Lease) -> Held:
    """A row as the rule looks at it."""
    return Held(row.pk, row.free_at, row.borrowed_until, ended=row.ended_at is not None)


def seated_count(subscription: Subscription, on: date) -> int:
    """How many assigned people a subscription seats on that day. One query."""
    rows = living().filter(organisation_id=subscription.organisation_id, subscription=subscription)
    return min(len(sitting_in(rows).get(subscription.pk, ())), seats_on(paid(subscription), on))


def leases_that_count(subscription: Subscription, at: datetime, on: date) -> tuple[int, ...]:
    """The ids of the leases for which there is a seat at that moment, by rank. Two queries (rules 9)."""
    left = seats_on(paid(subscription), on) - seated_count(subscription, on)
    return counting([held(row) for row in leases_of(subscription, at, on)], left, at, on)


def lease_that_counts(organisation_id: int, product_id: int, at: datetime, on: date, **whose: int | None) -> str:
    """The number of the subscription of a product of which somebody, or a key, holds a floating seat; empty: of none.

    One query where they hold none, five at most.
    """
    rows = living_leases(at, on).filter(organisation_id=organisation_id, subscription__product_id=product_id, **whose)
    for row in rows.select_related("subscription"):
        if row.pk in leases_that_count(row.subscription, at, on):
            return row.subscription.number
    return ""
