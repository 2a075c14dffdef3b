"""How many floating seats of subscriptions are in use at this moment, beside the seats that people were given (rules 9)."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Count, F, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from comptoir.kernel.clock import now
from comptoir.kernel.prepared import Prepared

from ..models import Lease
from .lease_rank import living_leases
from .rank import counted, living


class Floating(NamedTuple):
    """The leases of one subscription that have a seat; of them those that are borrowed."""

    in_use: int = 0
    borrowed: int = 0


_PEOPLE = Coalesce(
    Subquery(
        living()
        .filter(organisation_id=OuterRef("organisation_id"), subscription_id=OuterRef("subscription_id"), waiting=False)
        .order_by()
        .values("subscription_id")
        .annotate(people=Count("pk"))
        .values("people")
    ),
    Value(0),
)


def _by_subscription(rows: QuerySet[Lease], on: date) -> QuerySet[Lease, Any]:
    """Subscription, product, leases, those of them that are borrowed, people who were given a seat, seats of the day."""
    found = rows.order_by().values("subscription_id", product_id=F("subscription__product_id"))
    told = found.annotate(
        leases=Count("pk"),
        lent=Count("pk", filter=Q(borrowed_until__isnull=False)),
        people=_PEOPLE,
        seats=Min(counted(on)),
    )
    return told.values_list("subscription_id", "product_id", "leases", "lent", "people", "seats")


_OF_SOME: Prepared[Any] = Prepared(
    lambda customer, subscriptions, at, on: _by_subscription(
        living_leases(at, on).filter(organisation_id=customer, subscription_id__in=subscriptions), on
    ),
    customer=int,
    subscriptions=list,
    at=datetime,
    on=date,
)


_LEASED: Prepared[Any] = Prepared(
    lambda customer, subscriptions, at, on: (
        living_leases(at, on).filter(organisation_id=customer, subscription_id__in=subscriptions).values_list("subscription_id")
    ),
    customer=int,
    subscriptions=list,
    at=datetime,
    on=date,
)


_ANY: Prepared[Any] = Prepared(
    lambda customer, at, on: living_leases(at, on).filter(organisation_id=customer).values_list("subscription_id")[:1],
    customer=int,
    at=datetime,
    on=date,
)


def anything_floats(customer_id: int, on: date) -> bool:
    """Whether the customer has any floating seat in use at this moment. One query."""
    return bool(_ANY.all(customer=customer_id, at=now(), on=on))


def floating_on(customer_id: int, subscriptions: Collection[int], on: date) -> Mapping[int, Floating]:
    """What floats of each of these subscriptions; one of which nothing does is missing. One query, two where something does."""
    at = now()
    leased = {pk for (pk,) in _LEASED.all(customer=customer_id, subscriptions=list(subscriptions), at=at, on=on)}
    if not leased:
        return {}
    rows = _OF_SOME.all(customer=customer_id, subscriptions=list(leased), at=at, on=on)
    return {pk: _counted(*told) for pk, _product, *told in rows}


def floating_by_product(rows: QuerySet[Lease], on: date) -> Mapping[int, int]:
    """How many of these leases, of whole subscriptions, have a seat at this moment, by product. One query."""
    found: dict[int, int] = {}
    for _pk, product, *told in _by_subscription(rows, on):
        found[product] = found.get(product, 0) + _counted(*told).in_use
    return found


def _counted(leases: int, lent: int, people: int, seats: int) -> Floating:
    # people come first; what is borrowed can't be called back
    in_use = max(lent, min(leases, max(0, seats - people)))
    return Floating(in_use, lent)
