"""Who may have what today: by a seat, by looking after the product, or while trying it. Everything here asks this one place.

A seat counts by its rank (rules 9), so no job is needed for the answer to be right.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Exists, OuterRef, QuerySet

from comptoir.catalogue.models import Product
from comptoir.contracts.queries import within
from comptoir.entitlements.models import Assignment
from comptoir.entitlements.queries.rank import living, standing_in
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.organisations.models import Membership
from comptoir.organisations.queries import own_organisation, who_may_where
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.states import works

from ..models import Trial


class How(StrEnum):
    """Why somebody may have a product."""

    SEAT = "seat"
    LOOKS_AFTER = "looks_after"
    TRIAL = "trial"


@dataclass(frozen=True, slots=True)
class Right:
    """What somebody may have, and why; the first day without it, where it ends by itself."""

    product_id: int
    how: How
    ends_on: date | None = None


def rights(actor: Actor, on: date, *, among: Collection[int] | None = None) -> Mapping[int, Right]:
    """The products that the actor may download on that day, by id: the strongest reason of each.

    With `among` it need not be right about others, and asks for those alone what would be many.
    """
    found = {trial.product_id: Right(trial.product_id, How.TRIAL, trial.ends_on) for trial in running_trials(actor, on)}
    after = looked_after(actor, on) if among is None else _looked_after_among(actor, on, among)
    found |= {pk: Right(pk, How.LOOKS_AFTER) for pk in after}
    found |= {pk: Right(pk, How.SEAT) for pk in _seated(actor, on)}
    return found


def looked_after(actor: Actor, on: date) -> set[int]:
    """The products under the contracts that the actor looks after, as far as they work on that day."""
    rows = within(actor, Can.DEPLOY, Subscription.objects.filter(works(on)))
    return set(rows.values_list("product_id", flat=True).distinct())


def _looked_after_among(actor: Actor, on: date, products: Collection[int]) -> set[int]:
    rows = within(actor, Can.DEPLOY, Subscription.objects.filter(works(on), product_id=OuterRef("pk")))
    return set(Product.objects.filter(pk__in=products).filter(Exists(rows)).values_list("pk", flat=True))


def running_trials(actor: Actor, on: date) -> list[Trial]:
    """What the member tries on that day."""
    rows = Trial.objects.filter(organisation_id=actor.customer_id, membership_id=actor.member_id)
    return list(rows.filter(started_on__lte=on, ends_on__gt=on).select_related("product").order_by("ends_on", "id"))


def _seated(actor: Actor, on: date) -> set[int]:
    rows = _working(actor, on)
    own = dict(rows.filter(membership_id=actor.member_id).values_list("subscription_id", "subscription__product_id"))
    if not own:
        return set()
    standing = standing_in(rows.filter(subscription_id__in=own), on)
    return {product for pk, product in own.items() if actor.member_id not in {sitting.key for sitting in standing.get(pk, ())}}


def seated_products(actor: Actor, members: Iterable[int], on: date) -> set[int]:
    """The products that some of these members have a seat of on that day. Two queries."""
    told, rows = set(members), _working(actor, on)
    given = list(rows.filter(membership_id__in=told).values_list("subscription_id", "membership_id", "subscription__product_id"))
    standing = standing_in(rows.filter(subscription_id__in={pk for pk, _, _ in given}), on)
    beyond = {(pk, sitting.key) for pk, who in standing.items() for sitting in who}
    return {product for pk, member, product in given if (pk, member) not in beyond}


def _working(actor: Actor, on: date) -> QuerySet[Assignment]:
    rows = living().filter(works(on, "subscription__"), organisation_id=actor.customer_id, waiting=False)
    return rows.filter(membership__left_on=None)


def entitled_members(actor: Actor, product_id: int, on: date) -> dict[int, How]:
    """Everybody of the actor's customer who may have a product on that day, by membership."""
    trials = Trial.objects.filter(organisation_id=actor.customer_id, product_id=product_id, started_on__lte=on, ends_on__gt=on)
    found = dict.fromkeys(trials.filter(membership__left_on=None).values_list("membership_id", flat=True), How.TRIAL)
    subscriptions = Subscription.objects.filter(works(on), organisation_id=actor.customer_id, product_id=product_id)
    contracts = set(subscriptions.values_list("contract_id", flat=True))
    if contracts:
        places = who_may_where(actor, Can.DEPLOY)
        keepers = [contact.membership_id for place in (*contracts, None) for contact in places.get(place, ())]
        found |= dict.fromkeys(keepers, How.LOOKS_AFTER)
    rows = _working(actor, on).filter(subscription__product_id=product_id)
    seats: dict[int, set[int]] = defaultdict(set)
    for subscription_id, member in rows.values_list("subscription_id", "membership_id"):
        seats[subscription_id].add(member)
    for subscription_id, standing in standing_in(rows, on).items():
        seats[subscription_id] -= {sitting.key for sitting in standing}
    found |= dict.fromkeys(set().union(*seats.values()), How.SEAT)
    return found


def customers_with(product_id: int, ids: Collection[int], on: date) -> set[int]:
    """Those of these customers that have or try a product on that day: their walls are open."""
    having = Subscription.objects.filter(works(on), organisation_id__in=ids, product_id=product_id)
    trying = Trial.objects.filter(organisation_id__in=ids, product_id=product_id, started_on__lte=on, ends_on__gt=on)
    return {*having.values_list("organisation_id", flat=True), *trying.values_list("organisation_id", flat=True)}


def refuse_without_right(actor: Actor, product: Product, on: date) -> Right:
    """The actor's right to a product. Raises Refused `download_not_yours`, with who can give it, or `download_not_owned`."""
    right = rights(actor, on).get(product.pk)
    if right is not None:
        return right
    rows = Subscription.objects.filter(works(on), organisation_id=actor.customer_id, product=product)
    places = dict(rows.values_list("contract_id", "contract__reseller__name"))
    if not places:
        customer = own_organisation(actor).name
        raise Refused("download_not_owned", params={"product": product.name, "customer": customer})
    givers = who_may_where(actor, Can.ASSIGN_SEATS)
    names = {contact.name: None for place in (*places, None) for contact in givers.get(place, ())}
    helpers = list(names) or [name for name in places.values() if name]
    raise Refused("download_not_yours", params={"product": product.name, "who_may": helpers})


def own_membership(actor: Actor) -> Membership:
    """One's own membership of the customer."""
    return Membership.objects.select_related("person").get(organisation_id=actor.customer_id, pk=actor.member_id)
