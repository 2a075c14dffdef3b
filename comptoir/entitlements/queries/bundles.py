"""Groups of products, with what is in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from comptoir.contracts.queries import within
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.organisations.models import Group
from comptoir.permissions import Can, Reach
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.seats import subscription_of
from comptoir.subscriptions.queries.states import not_cancelled

from ..models import Bundle, BundleItem
from .benefits import gives_seats
from .giving import own_groups, unused_by_subscription

MOST_TO_TICK = 40


@dataclass(frozen=True, slots=True)
class Inside:
    """One subscription in a group of products, with the seats that are free."""

    subscription: Subscription
    free: int


@dataclass(frozen=True, slots=True)
class BundleTold:
    """A group of products and what is in it."""

    bundle: Bundle
    inside: Sequence[Inside]


def bundles_of(actor: Actor, on: date, pk: int | None = None) -> list[BundleTold]:
    """The groups of products of which the actor may give at least one thing, by name. Three queries."""
    rows = Bundle.objects.filter(organisation_id=actor.customer_id, ended_on=None).order_by("name")
    bundles = list(rows if pk is None else rows.filter(pk=pk))
    items = BundleItem.objects.filter(organisation_id=actor.customer_id, bundle__in=bundles, removed_on=None)
    told = list(items.select_related("subscription__product").order_by("subscription__product__name", "subscription__number"))
    free = unused_by_subscription(actor, [item.subscription for item in told], on)
    found = []
    for bundle in bundles:
        own = [item.subscription for item in told if item.bundle_id == bundle.pk]
        if any(_gives(actor, row) for row in own):
            found.append(BundleTold(bundle, [Inside(row, free[row.pk]) for row in own]))
    return found


def bundle_of(actor: Actor, pk: int, on: date) -> BundleTold:
    """One of them. Raises Bundle.DoesNotExist."""
    for found in bundles_of(actor, on, pk):
        return found
    raise Bundle.DoesNotExist


def subscriptions_named(actor: Actor, numbers: Sequence[str]) -> Mapping[str, int]:
    """The ids of these subscriptions by number. Raises Refused `subscription_unknown` for one that the actor may not see."""
    found = {}
    for number in dict.fromkeys(numbers):
        try:
            found[number] = subscription_of(actor, number).pk
        except Subscription.DoesNotExist:
            raise Refused("subscription_unknown", params={"number": number}, field="subscriptions", status=422) from None
    return found


def subscriptions_to_tick(actor: Actor, on: date, inside: Sequence[Inside] = ()) -> list[tuple[str, str]]:
    """What the actor may put together, and what is `inside` already: number and words, by product. One query.

    Nothing where it is more than can be ticked.
    """
    rows = within(actor, Can.SEE_PRODUCTS, Subscription.objects.filter(not_cancelled(on))).select_related("product")
    found = {row.number: row for row in rows.order_by("product__name", "number")[: MOST_TO_TICK + 1]}
    found |= {each.subscription.number: each.subscription for each in inside}
    return [] if len(found) > MOST_TO_TICK else [(number, f"{row.product.name}, {number}") for number, row in found.items()]


def groups_for(actor: Actor) -> list[Group]:
    """The groups of people that the actor may give something to."""
    rows = Group.objects.filter(organisation_id=actor.customer_id, ended_on=None).order_by("name")
    return list(rows if gives_seats(actor) else rows.filter(pk__in=own_groups(actor)))


def _gives(actor: Actor, subscription: Subscription) -> bool:
    return actor.reach(Can.ASSIGN_SEATS, subscription.contract_id) == Reach.ALL or bool(own_groups(actor))
