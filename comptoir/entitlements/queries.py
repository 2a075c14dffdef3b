"""Reads of who uses what. The actor comes first and is the first filter."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet, Sum

from comptoir.catalogue.models import Product
from comptoir.contracts.queries import numbers, within
from comptoir.kernel.actor import Actor
from comptoir.kernel.export import export_of
from comptoir.kernel.paging import Key, Page, Place, page_of
from comptoir.kernel.unmoved import kept_while_unmoved
from comptoir.kernel.verifying import check
from comptoir.organisations.ports import Held
from comptoir.organisations.queries import Contact, who_may_where
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.ports import Holder, SeatUse, Serial
from comptoir.subscriptions.queries.states import not_cancelled, works
from comptoir.subscriptions.rules import Sitting, by_rank

from .models import Assignment, SerialNumber
from .ports import Ports, Version

NAMED = 4  # givers named beside a product
USED, WAITING = Count("waiting", filter=Q(waiting=False)), Count("waiting", filter=Q(waiting=True))


def _living() -> QuerySet[Assignment]:
    return Assignment.objects.filter(ended_on=None)


class Seated:
    """Fills `subscriptions.Seated`."""

    def use(self, actor: Actor, subscriptions: Collection[int]) -> Mapping[int, SeatUse]:
        """The use of each of these subscriptions; one that nobody uses is missing."""
        rows = _living().filter(organisation_id=actor.customer_id, subscription_id__in=subscriptions)
        found = rows.values("subscription_id").annotate(in_use=USED, in_line=WAITING)
        return {row["subscription_id"]: SeatUse(row["in_use"], row["in_line"]) for row in found}

    def use_of_all(self, actor: Actor, on: date) -> SeatUse:
        """The use of every subscription that works on that day and that the actor may see."""
        rows = within(actor, Can.SEE_PRODUCTS, _living(), "subscription__contract_id")
        # all of them less those of the few that don't work: told from indexes, without a look at every subscription
        every, idle = (some.aggregate(in_use=USED, in_line=WAITING) for some in (rows, rows.filter(~works(on, "subscription__"))))
        return SeatUse(every["in_use"] - idle["in_use"], every["in_line"] - idle["in_line"])

    def holders(self, actor: Actor, subscription_id: int, place: Place) -> Page[Holder]:
        """Who has a seat or waits for one, by name, a page at a time."""
        rows = _living().filter(organisation_id=actor.customer_id, subscription_id=subscription_id)
        fields = ("membership_id", "membership__name", "membership__sort_name", "membership__email", "given_on", "waiting")
        keys = [Key("membership__sort_name", str), Key("membership_id", int)]
        page = page_of(rows.values(*fields), keys, place)
        return Page([_holder(row) for row in page.rows], page.next, page.previous)

    def serials(self, actor: Actor, subscription_id: int, most: int) -> Sequence[Serial]:
        """Its serial numbers in order, at most so many."""
        rows = SerialNumber.objects.filter(organisation_id=actor.customer_id, subscription_id=subscription_id)
        found = rows.order_by("number").values_list("number", "version", "group_label")[:most]
        return [Serial(*row) for row in found]

    def sitting(self, actor: Actor, subscriptions: Collection[int]) -> Mapping[int, Sequence[Sitting]]:
        """Everybody who has a seat of each of these, in the order in which they keep it. One query."""
        rows = _living().filter(organisation_id=actor.customer_id, subscription_id__in=subscriptions, waiting=False)
        found: dict[int, list[Sitting]] = {pk: [] for pk in subscriptions}
        fields = ("membership__name", "given_on", "last_used_on", "kept", "membership_id")
        for pk, *told in rows.values_list("subscription_id", *fields):
            found[pk].append(Sitting(*told))
        return {pk: by_rank(people) for pk, people in found.items()}

    def who_would_go(self, actor: Actor, subscription_id: int, seats: int) -> Sequence[Sitting]:
        """Who would lose their seat if there were only so many: the last by rank."""
        return self.sitting(actor, [subscription_id])[subscription_id][seats:]


def _holder(row: Mapping[str, Any]) -> Holder:
    name, email = row["membership__name"], row["membership__email"]
    return Holder(row["membership_id"], name, email, row["given_on"], row["waiting"])


class Holdings:
    """Fills `organisations.Holdings`."""

    def contract_numbers(self, actor: Actor, contracts: Collection[int]) -> Mapping[int, str]:
        """The numbers of these contracts."""
        return numbers(actor, contracts)

    def seats(self, actor: Actor, memberships: Collection[int]) -> Mapping[int, int]:
        """How many seats each of these members has now; who has none is missing."""
        rows = within(actor, Can.SEE_PRODUCTS, _living(), "subscription__contract_id")
        rows = rows.filter(membership_id__in=memberships, waiting=False)
        return dict(rows.values("membership_id").annotate(seats=Count("id")).values_list("membership_id", "seats"))

    def held_by(self, actor: Actor, membership_id: int) -> Sequence[Held]:
        """Every seat of one member, those of today first, then those of the past."""
        rows = within(
            actor, Can.SEE_PRODUCTS, Assignment.objects.filter(membership_id=membership_id), "subscription__contract_id"
        )
        return _held(rows)


def _held(rows: QuerySet[Assignment]) -> list[Held]:
    names = ("subscription__product__name", "subscription__number", "subscription__contract__number")
    found = rows.values_list(*names, "given_on", "ended_on", "waiting").order_by("subscription__product__name", "given_on")
    return sorted((Held(*row) for row in found), key=lambda held: held.ended_on is not None)


@dataclass(frozen=True, slots=True)
class Owned:
    """A product that a customer has: its seats (those that work today), and who uses them."""

    code: str
    name: str
    family: str
    retired: bool
    subscriptions: int
    suspended: int  # subscriptions without access
    seats: int
    use: SeatUse
    renews_on: date  # the first of its renewals
    version: Version | None

    @property
    def free(self) -> int:
        """Seats that nobody uses."""
        return max(0, self.seats - self.use.used)


def owned(actor: Actor, on: date) -> list[Owned]:
    """The products under the contracts that the actor may see in full, by name.

    Five queries, whatever the number of rows; three while nothing changes.
    """
    seen_by = actor.contracts(Can.SEE_PRODUCTS)
    rows, use = kept_while_unmoved(
        actor, ("owned", on, seen_by), lambda: (_rows_by_product(actor, on), _use_by_product(actor, on))
    )
    newest = Ports.releases.newest(list(rows), on)
    products = Product.objects.filter(pk__in=rows).order_by("name", "code")
    return [_owned(product, rows[product.pk], use.get(product.pk, SeatUse()), newest.get(product.pk)) for product in products]


def _rows_by_product(actor: Actor, on: date) -> Mapping[int, Mapping[str, Any]]:
    rows = within(actor, Can.SEE_PRODUCTS, Subscription.objects.filter(not_cancelled(on)))
    found = rows.values("product_id").annotate(
        lines=Count("id"),
        working=Count("id", filter=works(on)),
        owned_seats=Sum("seats_now", filter=works(on), default=0),
        first=Min("renews_on"),
    )
    return {row["product_id"]: row for row in found}


def _owned(product: Product, row: Mapping[str, Any], use: SeatUse, version: Version | None) -> Owned:
    return Owned(
        code=product.code,
        name=product.name,
        family=product.family,
        retired=product.status == Product.Status.RETIRED,
        subscriptions=row["lines"],
        suspended=row["lines"] - row["working"],
        seats=row["owned_seats"],
        use=use,
        renews_on=row["first"],
        version=version,
    )


def _use_by_product(actor: Actor, on: date) -> dict[int, SeatUse]:
    rows = within(actor, Can.SEE_PRODUCTS, _living(), "subscription__contract_id").filter(works(on, "subscription__"))
    found = rows.values("subscription__product_id").annotate(in_use=USED, in_line=WAITING)
    return {row["subscription__product_id"]: SeatUse(row["in_use"], row["in_line"]) for row in found}


@dataclass(frozen=True, slots=True)
class Mine:
    """A product that the member has a seat of, or, `waiting`, stands in the line for."""

    version: Version | None
    code: str
    name: str
    subscription: str
    given_on: date
    waiting: bool
    until: date  # the renewal date of the subscription
    renews: bool


def mine(actor: Actor, on: date) -> list[Mine]:
    """The member's own products, by name."""
    rows = _living().filter(works(on, "subscription__"), organisation_id=actor.customer_id, membership_id=actor.member_id)
    fields = ("subscription__product_id", "subscription__product__code", "subscription__product__name", "subscription__number")
    more = ("given_on", "waiting", "subscription__renews_on", "subscription__automatic_renewal")
    found = list(rows.order_by("subscription__product__name", "given_on").values_list(*fields, *more))
    newest = Ports.releases.newest([row[0] for row in found], on)
    return [Mine(newest.get(product), *own) for product, *own in found]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A product of the customer that the member has no seat of, and who can give one (F1.7)."""

    code: str
    name: str
    givers: tuple[Contact, ...]
    reseller: str  # who sold it, where nobody here can give it

    @property
    def more(self) -> int:
        """How many givers a page leaves unnamed."""
        return max(0, len(self.givers) - NAMED)


def elsewhere(actor: Actor, on: date, but: Iterable[str]) -> list[Elsewhere]:
    """The customer's products that work today, outside what the actor sees in full and but for these codes."""
    rows = Subscription.objects.filter(works(on), organisation_id=actor.customer_id)
    contracts = actor.contracts(Can.SEE_PRODUCTS)
    if contracts is None:
        return []
    rows = rows.exclude(contract_id__in=contracts).exclude(product__code__in=list(but))
    fields = ("product__code", "product__name", "contract_id", "contract__reseller__name")
    found = rows.order_by("product__name").values_list(*fields).distinct()
    where: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
    for code, name, contract_id, reseller in found:
        where[code, name][contract_id] = reseller or ""
    givers = who_may_where(actor, Can.ASSIGN_SEATS)
    return [
        Elsewhere(code, name, _people(givers, places), next(filter(None, places.values()), ""))
        for (code, name), places in where.items()
    ]


def _people(givers: Mapping[int | None, Sequence[Contact]], contracts: Iterable[int]) -> tuple[Contact, ...]:
    found = {contact.membership_id: contact for place in (*contracts, None) for contact in givers.get(place, ())}
    return tuple(found.values())


def customers_with_fewer_seats(ids: Sequence[int], day: date) -> set[int]:
    """Those of these customers with a subscription that renews with fewer seats by that day. One statement."""
    rows = Subscription.objects.filter(organisation_id__in=ids, seats_at_renewal__lt=F("seats_now"))
    comes = Q(renews_on__lte=day) | Q(turns_on__lte=day)
    return set(rows.filter(comes).values_list("organisation_id", flat=True))


def over_seats(actor: Actor, subscription_id: int | None = None) -> list[Subscription]:
    """The subscriptions of the actor's customer with more people than seats. One statement."""
    rows = Subscription.objects.filter(organisation_id=actor.customer_id)
    if subscription_id is not None:
        rows = rows.filter(pk=subscription_id)
    people = Count("assignments", filter=Q(assignments__ended_on=None, assignments__waiting=False))
    return list(rows.annotate(people=people).filter(people__gt=F("seats_now")).order_by("pk"))


# what `comptoir verify` recomputes

check(
    "no_more_people_than_seats",
    "No subscription has more people on its seats than seats.",
    """
    SELECT 'subscription ' || s.number || ': ' || count(*) || ' people, ' || s.seats_now || ' seats'
    FROM entitlements_assignment a JOIN subscriptions_subscription s ON s.id = a.subscription_id
    WHERE a.ended_on IS NULL AND NOT a.waiting GROUP BY s.id HAVING count(*) > s.seats_now
    """,
)
check(
    "seat_ended_after_given",
    "A seat is not taken back before it was given, and the seat ledger had begun when it was given.",
    """
    SELECT 'assignment ' || a.id FROM entitlements_assignment a
    WHERE a.ended_on < a.given_on
       OR a.given_on < (SELECT min(e."on") FROM subscriptions_seatentry e WHERE e.subscription_id = a.subscription_id)
    """,
)


# what `comptoir export` writes; columns are never renamed

export_of(
    "assignments",
    ("customer", "subscription", "product", "email", "given_on", "waiting", "ended_on"),
    """
    SELECT o.number AS customer, s.number AS subscription, p.code AS product, m.email, a.given_on, a.waiting, a.ended_on
    FROM entitlements_assignment a JOIN subscriptions_subscription s ON s.id = a.subscription_id
    JOIN catalogue_product p ON p.id = s.product_id JOIN organisations_membership m ON m.id = a.membership_id
    JOIN organisations_organisation o ON o.id = a.organisation_id ORDER BY o.number, s.number, a.given_on, a.id
    """,
)
