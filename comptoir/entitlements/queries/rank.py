"""Seats that count on a day, and who stands though a seat was given: the rule of rank over rows (rules 9)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Case, Count, F, Min, Q, QuerySet, When
from django.db.models.functions import Least

from comptoir.contracts.queries import within
from comptoir.kernel.actor import Actor
from comptoir.kernel.prepared import Prepared
from comptoir.permissions import Can
from comptoir.subscriptions.models import Occupancy, SeatEntry, Subscription
from comptoir.subscriptions.queries.states import works
from comptoir.subscriptions.rules import Sitting

from ..models import Assignment, Lease
from ..rules import SeatsPaid, seats_on, who_stands

USED, WAITING = Count("waiting", filter=Q(waiting=False)), Count("waiting", filter=Q(waiting=True))
SITTING = ("membership__name", "given_on", "last_used_on", "kept", "membership_id")


def living() -> QuerySet[Assignment]:
    """Seats and places on waiting lists that have not ended."""
    return Assignment.objects.filter(ended_on=None)


def counted(on: date, prefix: str = "subscription__") -> Case:
    """`seats_on` as an expression: the seats that count on that day, today or later."""
    ahead = Q(**{f"{prefix}turns_on__lte": on})
    renews = Q(**{f"{prefix}turns_on": None, f"{prefix}renews_on__lte": on, f"{prefix}automatic_renewal": True})
    now = F(f"{prefix}seats_now")
    return Case(When(ahead | renews, then=Least(now, F(f"{prefix}seats_at_renewal"))), default=now)


_PEOPLE: Prepared[Any] = Prepared(
    lambda customer, subscription: (
        living()
        .filter(organisation_id=customer, subscription_id=subscription)
        .order_by()
        .values("subscription_id")
        .annotate(people=USED, line=WAITING)
        .values_list("people", "line")
    ),
    customer=int,
    subscription=int,
)


def people_on(subscription: Subscription) -> tuple[int, int]:
    """How many were given a seat of it, and how many wait for one. One query."""
    found = _PEOPLE.all(customer=subscription.organisation_id, subscription=subscription.pk)
    return found[0] if found else (0, 0)


_BORROWED: Prepared[Any] = Prepared(
    lambda customer, subscriptions, on: (
        Lease.objects.filter(organisation_id=customer, subscription_id__in=subscriptions, ended_at=None, borrowed_until__gt=on)
        .order_by()
        .values("subscription_id")
        .annotate(count=Count("pk"))
        .values_list("subscription_id", "count")
    ),
    customer=int,
    subscriptions=list,
    on=date,
)


def borrowed_on(customer_id: int, subscriptions: Collection[int], on: date) -> dict[int, int]:
    """How many floating seats of each are borrowed, by subscription: nobody is given them before they are back. One query."""
    return dict(_BORROWED.all(customer=customer_id, subscriptions=list(subscriptions), on=on))


def paid(subscription: Subscription) -> SeatsPaid:
    """What the row of a subscription says of its seats."""
    return SeatsPaid(
        now=subscription.seats_now,
        at_renewal=subscription.seats_at_renewal,
        renews_on=subscription.renews_on,
        turns_on=subscription.turns_on,
        automatic=subscription.automatic_renewal,
    )


def seats_of_day(subscription: Subscription, day: date) -> int:
    """The seats that counted on any day: of the ledger as far as it reaches; none before it began. One query."""
    entries = SeatEntry.objects.filter(organisation_id=subscription.organisation_id, subscription=subscription, on__lte=day)
    last = entries.order_by("-seq").first()
    if last is None:
        return 0
    then = SeatsPaid(
        now=last.seats_now,
        at_renewal=last.seats_at_renewal,
        renews_on=subscription.renews_on,
        turns_on=subscription.turns_on,
        automatic=subscription.automatic_renewal,
    )
    return seats_on(then, day)


def sitting_in(rows: QuerySet[Assignment]) -> dict[int, list[Sitting]]:
    """Whom seats were given to, by subscription, in no order. One query."""
    found: dict[int, list[Sitting]] = {}
    for pk, *told in rows.filter(waiting=False).values_list("subscription_id", *SITTING):
        found.setdefault(pk, []).append(Sitting(*told))
    return found


def _crowded(rows: QuerySet[Occupancy], subscriptions: Collection[int], on: date) -> QuerySet[Occupancy, Any]:
    """Those of these subscriptions with more people than seats, and how many seats they have."""
    crowded = rows.filter(crowded=True, subscription_id__in=subscriptions).annotate(seats=counted(on))
    return crowded.filter(people__gt=F("seats")).values_list("subscription_id", "seats")


_CROWDED: Prepared[Any] = Prepared(
    lambda customer, subscriptions, on: _crowded(Occupancy.objects.filter(organisation_id=customer), subscriptions, on),
    customer=int,
    subscriptions=list,
    on=date,
)


def standing(actor: Actor, subscriptions: Collection[int], on: date) -> Mapping[int, Sequence[Sitting]]:
    """Who was given a seat and has none on that day: their rank is beyond the seats. Two queries, one as a rule.

    A subscription with a seat for everybody is missing.
    """
    limits = dict(_CROWDED.all(customer=actor.customer_id, subscriptions=subscriptions, on=on))
    rows = living().filter(organisation_id=actor.customer_id, subscription_id__in=limits)
    return _beyond(rows, limits) if limits else {}


def standing_over(customers: Collection[int], subscriptions: Collection[int], on: date) -> Mapping[int, Sequence[Sitting]]:
    """As `standing`, over several customers."""
    limits = dict(_crowded(Occupancy.objects.filter(organisation_id__in=customers), subscriptions, on))
    rows = living().filter(organisation_id__in=customers, subscription_id__in=limits)
    return _beyond(rows, limits) if limits else {}


def standing_in(rows: QuerySet[Assignment], on: date) -> Mapping[int, Sequence[Sitting]]:
    """As `standing`, of whole subscriptions that a condition on them chooses."""
    limits = {over.subscription_id: over.seats for over in over_in(rows, on)}
    return _beyond(rows.filter(subscription_id__in=limits), limits) if limits else {}


def _beyond(rows: QuerySet[Assignment], limits: Mapping[int, int]) -> dict[int, Sequence[Sitting]]:
    return {pk: who_stands(people, limits[pk]) for pk, people in sitting_in(rows).items()}


class Over(NamedTuple):
    """A subscription with more people than seats."""

    subscription_id: int
    product_id: int
    people: int
    seats: int


def over_in(rows: QuerySet[Assignment], on: date) -> list[Over]:
    """The subscriptions with more people than seats on that day, among these rows. One query."""
    found = rows.filter(waiting=False).order_by().values("subscription_id", "subscription__product_id")
    over = found.annotate(people=Count("pk"), seats=Min(counted(on))).filter(people__gt=F("seats"))
    return [Over(*row) for row in over.values_list("subscription_id", "subscription__product_id", "people", "seats")]


def crowded(actor: Actor, on: date) -> list[Over]:
    """The subscriptions that work on that day, with more people than seats, of all whose products the actor sees. One query."""
    rows = within(actor, Can.SEE_PRODUCTS, Occupancy.objects.filter(crowded=True), "subscription__contract_id")
    found = rows.filter(works(on, "subscription__")).annotate(seats=counted(on)).filter(people__gt=F("seats"))
    return [Over(*row) for row in found.values_list("subscription_id", "subscription__product_id", "people", "seats")]


def over_seats(actor: Actor, subscription_id: int | None = None) -> list[Subscription]:
    """The subscriptions of the actor's customer with more people than seats are written. One statement."""
    rows = Subscription.objects.filter(organisation_id=actor.customer_id)
    if subscription_id is not None:
        rows = rows.filter(pk=subscription_id)
    people = Count("assignments", filter=Q(assignments__ended_on=None, assignments__waiting=False))
    return list(rows.annotate(people=people).filter(people__gt=F("seats_now")).order_by("pk"))


def customers_with_fewer_seats(ids: Sequence[int], day: date) -> set[int]:
    """Those of these customers with a subscription that renews with fewer seats by that day. One statement."""
    rows = Subscription.objects.filter(organisation_id__in=ids, seats_at_renewal__lt=F("seats_now"))
    comes = Q(renews_on__lte=day) | Q(turns_on__lte=day)
    return set(rows.filter(comes).values_list("organisation_id", flat=True))
