"""Waiting lists: where somebody waits though a seat is free, and who stands in one."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Count, F, Min, Q

from comptoir.kernel.actor import Actor
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.states import not_cancelled

from ..models import Assignment
from .rank import USED, WAITING, borrowed_on, counted, living

_LEFT = ("subscription_id", "used", "seats")


def to_move_up(actor: Actor, on: date, subscription_id: int | None = None) -> list[Subscription]:
    """The subscriptions with a free seat and somebody who waits for one. Three queries, one as a rule."""
    rows = living().filter(not_cancelled(on, "subscription__"), organisation_id=actor.customer_id)
    if subscription_id is not None:
        rows = rows.filter(subscription_id=subscription_id)
    else:
        line = living().filter(organisation_id=actor.customer_id, waiting=True)
        rows = rows.filter(subscription_id__in=line.values("subscription_id"))
    found = rows.order_by().values("subscription_id").annotate(used=USED, line=WAITING, seats=Min(counted(on)))
    left = {pk: seats - used for pk, used, seats in found.filter(line__gt=0, used__lt=F("seats")).values_list(*_LEFT)}
    if not left:
        return []
    borrowed = borrowed_on(actor.customer_id, left, on)
    ids = [pk for pk, seats in left.items() if seats > borrowed.get(pk, 0)]
    return list(Subscription.objects.filter(pk__in=ids).order_by("pk"))


def customers_with_a_line(ids: Sequence[int]) -> set[int]:
    """Those of these customers where somebody waits. One statement."""
    rows = living().filter(organisation_id__in=ids, waiting=True)
    return set(rows.values_list("organisation_id", flat=True).distinct())


def somebody_waits(subscription_id: int) -> bool:
    """Whether anybody stands in the line of a subscription of the open wall. One query."""
    return living().filter(subscription_id=subscription_id, waiting=True).exists()


def line_of(subscription: Subscription) -> list[Assignment]:
    """Who waits for a seat, the first first. One query."""
    rows = living().filter(organisation_id=subscription.organisation_id, subscription=subscription, waiting=True)
    return list(rows.select_related("membership").order_by("given_on", "pk"))


def place_in_line(row: Assignment) -> int:
    """The place in the line, the first is 1. One query."""
    ahead = Q(given_on__lt=row.given_on) | Q(given_on=row.given_on, pk__lt=row.pk)
    rows = living().filter(organisation_id=row.organisation_id, subscription_id=row.subscription_id, waiting=True)
    told = rows.filter(ahead).aggregate(n=Count("pk"))
    return int(told["n"]) + 1
