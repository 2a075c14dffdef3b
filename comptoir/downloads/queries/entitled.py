"""Who may have what today: by a seat, by looking after the product, or while trying it. Everything here asks this one place.

A seat counts by its rank (rules 9), so no job is needed for the answer to be right.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from comptoir.catalogue.models import Product
from comptoir.contracts.queries import within
from comptoir.entitlements.models import Assignment
from comptoir.entitlements.queries.rank import living, standing, standing_over
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.searching import any_of
from comptoir.organisations.models import Membership, Organisation
from comptoir.organisations.queries import own_organisation, who_may_where
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.states import works

from ..models import Installed, Trial


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


def rights(actor: Actor, on: date) -> Mapping[int, Right]:
    """The products that the actor may download on that day, by id: the strongest reason of each."""
    found = {trial.product_id: Right(trial.product_id, How.TRIAL, trial.ends_on) for trial in running_trials(actor, on)}
    found |= {pk: Right(pk, How.LOOKS_AFTER) for pk in looked_after(actor, on)}
    found |= {pk: Right(pk, How.SEAT) for pk in _seated(actor, on)}
    return found


def looked_after(actor: Actor, on: date) -> set[int]:
    """The products under the contracts that the actor looks after, as far as they work on that day."""
    rows = within(actor, Can.DEPLOY, Subscription.objects.filter(works(on)))
    return set(rows.values_list("product_id", flat=True).distinct())


def customers_that_may(actors: Sequence[Actor], on: date, products: Collection[int]) -> Mapping[int, list[int]]:
    """With which of their customers somebody may download each of these products on that day. A constant number of queries."""
    customers, members = [actor.customer_id for actor in actors], [actor.member_id for actor in actors]
    whose = {"organisation_id__in": customers, "membership_id__in": members}
    trying = Trial.objects.filter(**whose, product_id__in=products, started_on__lte=on, ends_on__gt=on)
    may = set(trying.values_list("organisation_id", "product_id")) | _looked_after_among(actors, on, products)
    mine = living().filter(works(on, "subscription__"), **whose, waiting=False, subscription__product_id__in=products)
    seats = list(mine.values_list("subscription_id", "membership_id", "organisation_id", "subscription__product_id"))
    beyond = standing_over(customers, {pk for pk, *_others in seats}, on) if seats else {}
    out = {(pk, sitting.key) for pk, who in beyond.items() for sitting in who}
    may |= {(customer, product) for pk, member, customer, product in seats if (pk, member) not in out}
    return {pk: [customer for customer in customers if (customer, pk) in may] for pk in products}


def _looked_after_among(actors: Sequence[Actor], on: date, products: Collection[int]) -> set[tuple[int, int]]:
    here = Subscription.objects.filter(works(on), organisation_id=OuterRef("pk"), product_id=OuterRef(OuterRef("pk")))
    rows = any_of(within(actor, Can.DEPLOY, here) for actor in actors)
    among = Organisation.objects.filter(pk__in=[actor.customer_id for actor in actors])
    where = ArraySubquery(among.filter(Exists(rows)).values("pk"))
    told = Product.objects.filter(pk__in=products).annotate(where=where).values_list("pk", "where")
    return {(customer, pk) for pk, at in told for customer in at}


def running_trials(actor: Actor, on: date) -> list[Trial]:
    """What the member tries on that day."""
    rows = Trial.objects.filter(organisation_id=actor.customer_id, membership_id=actor.member_id)
    return list(rows.filter(started_on__lte=on, ends_on__gt=on).select_related("product").order_by("ends_on", "id"))


def _seated(actor: Actor, on: date) -> set[int]:
    rows = list(_working(actor, on).filter(membership_id=actor.member_id).select_related("subscription"))
    beyond = _beyond(actor, {row.subscription_id for row in rows}, on)
    return {row.subscription.product_id for row in rows if row.membership_id not in beyond.get(row.subscription_id, ())}


def seated_products(actor: Actor, members: Iterable[int], on: date) -> set[int]:
    """The products that some of these members have a seat of on that day. Two queries."""
    given = _working(actor, on).filter(membership_id__in=set(members))
    rows = Subscription.objects.filter(pk__in=given.values("subscription_id"))
    known = {row.pk: row for row in rows}
    beyond = _beyond(actor, known, on)
    if not beyond:
        return {row.product_id for row in known.values()}
    pairs = given.values_list("subscription_id", "membership_id")
    return {known[pk].product_id for pk, member in pairs if member not in beyond.get(pk, ())}


def _beyond(actor: Actor, subscriptions: Iterable[int], on: date) -> dict[int, set[int]]:
    """Who was given a seat of these and has none on that day, by subscription. One query as a rule, of an index alone."""
    pks = list(subscriptions)
    found = standing(actor, pks, on) if pks else {}
    return {pk: {sitting.key for sitting in who} for pk, who in found.items()}


def _working(actor: Actor, on: date) -> QuerySet[Assignment]:
    return living().filter(works(on, "subscription__"), organisation_id=actor.customer_id, waiting=False)


@dataclass(frozen=True, slots=True)
class Entitled:
    """Who may have a product on a day: by a seat of these, by looking after it, or by trying it."""

    actor: Actor
    seats: QuerySet[Assignment]
    keepers: frozenset[int]
    trials: QuerySet[Trial]

    def members(self) -> QuerySet[Membership]:
        """All of them, asked member by member: for a page of a list, or some of the people."""
        people = Membership.objects.filter(organisation_id=self.actor.customer_id, left_on=None)
        # a value, not a condition: that would be made a set of everybody's seats, for a page of fifty
        seat = self.seats.filter(membership_id=OuterRef("pk")).values("pk")[:1]
        people = people.alias(seat=Subquery(seat), tries=Exists(self.trials.filter(membership_id=OuterRef("pk"))))
        return people.filter(Q(seat__isnull=False) | Q(pk__in=self.keepers) | Q(tries=True))

    def figures(self, installed: QuerySet[Installed]) -> tuple[int, int]:
        """How many they are, and how many of them have what `installed` tells. Five queries over sets."""
        trying = self.trials.filter(membership__left_on=None).values_list("membership_id", flat=True)
        some, seated = {*self.keepers, *trying}, self.seats.order_by()
        some -= set(seated.filter(membership_id__in=some).values_list("membership_id", flat=True))
        have = installed.order_by()
        return (
            _members_in(seated) + len(some),
            _members_in(have.filter(membership_id__in=seated.values("membership_id")))
            + _members_in(have.filter(membership_id__in=some)),
        )


def _members_in(rows: QuerySet[Any]) -> int:
    found: int = rows.aggregate(n=Count("membership_id", distinct=True))["n"]
    return found


def entitled_to(actor: Actor, product_id: int, on: date) -> Entitled:
    """Who of the actor's customer may have a product on that day: nobody is read. Three queries as a rule."""
    rows = Subscription.objects.filter(works(on), organisation_id=actor.customer_id, product_id=product_id)
    known = {row.pk: row for row in rows}
    contracts = {row.contract_id for row in known.values()}
    places = who_may_where(actor, Can.DEPLOY) if contracts else {}
    keepers = frozenset(contact.membership_id for place in (*contracts, None) for contact in places.get(place, ()))
    seats = living().filter(organisation_id=actor.customer_id, subscription_id__in=known, waiting=False)
    for pk, members in _beyond(actor, known, on).items():
        seats = seats.exclude(subscription_id=pk, membership_id__in=members)
    trials = Trial.objects.filter(organisation_id=actor.customer_id, product_id=product_id, started_on__lte=on, ends_on__gt=on)
    return Entitled(actor, seats, keepers, trials)


def entitled_members(actor: Actor, product_id: int, on: date) -> QuerySet[Membership]:
    """Everybody of the actor's customer who may have a product on that day."""
    return entitled_to(actor, product_id, on).members()


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
