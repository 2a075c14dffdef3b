"""Who has a seat of one subscription, or waits for one, as the API tells it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q

from comptoir.kernel.actor import Actor
from comptoir.kernel.paging import Key, Page, Place, page_of
from comptoir.kernel.prepared import Prepared
from comptoir.subscriptions.models import Subscription

from ..rules import seats_on
from .rank import living, paid, standing
from .seated import use_of

FIELDS = ("membership_id", "membership__name", "membership__sort_name", "membership__email", "given_on", "waiting", "direct")


_NAMED: Prepared[Any] = Prepared(
    lambda customer, subscription, members: (
        living().filter(organisation_id=customer, subscription_id=subscription, membership_id__in=members).values_list(*FIELDS)
    ),
    customer=int,
    subscription=int,
    members=list,
)


def page_of_assigned(
    actor: Actor, subscription: Subscription, state: str, place: Place, on: date, *, size: int
) -> Page[Mapping[str, Any]]:
    """One page of them by name; `state` is seat, waiting, or nothing for both."""
    rows = living().filter(organisation_id=actor.customer_id, subscription=subscription)
    beyond = {one.key for one in standing(actor, [subscription.pk], on).get(subscription.pk, ())}
    waits = Q(waiting=True) | Q(membership_id__in=beyond)
    if state:
        rows = rows.filter(waits if state == "waiting" else ~waits)
    keys = [Key("membership__sort_name", str), Key("membership_id", int)]
    page = page_of(rows.values(*FIELDS), keys, place, size=size)
    return Page([_told(row, beyond) for row in page.rows], page.next, page.previous)


def assigned(actor: Actor, subscription: Subscription, members: Sequence[int], on: date) -> dict[str, Any]:
    """The seats of a subscription, and where these members stand. Three queries, as a rule."""
    use = use_of(subscription, on)
    people = []
    if members:
        over = use.waiting and standing(actor, [subscription.pk], on).get(subscription.pk, ())
        beyond = {one.key for one in over or ()}
        rows = _NAMED.all(customer=actor.customer_id, subscription=subscription.pk, members=members)
        people = [_told(dict(zip(FIELDS, row, strict=True)), beyond) for row in rows]
    seats = seats_on(paid(subscription), on)
    told = {"seats": seats, "used": use.used, "floating": use.floating, "free": max(0, seats - use.taken)}
    return {**told, "waiting": use.waiting, "people": people}


def _told(row: Mapping[str, Any], beyond: Collection[int]) -> dict[str, Any]:
    return {
        "member": row["membership_id"],
        "name": row["membership__name"],
        "email": row["membership__email"],
        "state": "waiting" if row["waiting"] or row["membership_id"] in beyond else "seat",
        "since": row["given_on"],
        "direct": row["direct"],
    }
