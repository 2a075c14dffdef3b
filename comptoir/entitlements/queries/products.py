"""Products and services: what one has, and who can give what one has not (F1.7)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Count, Min, Sum

from comptoir.catalogue.models import Product
from comptoir.contracts.queries import within
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.unmoved import kept_while_unmoved
from comptoir.organisations.queries import Contact
from comptoir.permissions import Can, Reach
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.ports import SeatUse
from comptoir.subscriptions.queries.states import not_cancelled, works

from ..ports import Ports, Version
from ..rules import seats_on
from .asking import among_givers, givers
from .floating import floating_by_product
from .lease_rank import living_leases
from .rank import USED, WAITING, living, over_in, paid, standing
from .seated import Seated

NAMED = 4  # givers named beside a product


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
        return max(0, self.seats - self.use.taken)


def owned(actor: Actor, on: date) -> list[Owned]:
    """The products under the contracts that the actor may see in full, by name.

    Six queries, whatever the number of rows; four while nothing changes.
    """
    seen_by = actor.contracts(Can.SEE_PRODUCTS)
    rows, use = kept_while_unmoved(
        actor, ("owned", on, seen_by), lambda: (_rows_by_product(actor, on), _use_by_product(actor, on))
    )
    newest = Ports.releases.newest(list(rows), on)
    products = Product.objects.filter(pk__in=rows).order_by("name", "code")
    leases = within(actor, Can.SEE_PRODUCTS, living_leases(now(), on), "subscription__contract_id")
    floating = floating_by_product(leases.filter(works(on, "subscription__")), on)
    told = {pk: replace(use.get(pk, SeatUse()), floating=floating.get(pk, 0)) for pk in rows}
    return [_owned(product, rows[product.pk], told[product.pk], newest.get(product.pk)) for product in products]


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
    rows = within(actor, Can.SEE_PRODUCTS, living(), "subscription__contract_id").filter(works(on, "subscription__"))
    found = rows.values("subscription__product_id").annotate(in_use=USED, in_line=WAITING)
    beyond: Counter[int] = Counter()
    for over in over_in(rows, on):
        beyond[over.product_id] += over.people - over.seats
    use = {row["subscription__product_id"]: (row["in_use"], row["in_line"]) for row in found}
    return {pk: SeatUse(in_use - beyond[pk], in_line + beyond[pk]) for pk, (in_use, in_line) in use.items()}


@dataclass(frozen=True, slots=True)
class Line:
    """One subscription of a product, with its seats and who uses them."""

    pk: int
    number: str
    contract: str
    seats: int
    use: SeatUse
    renews_on: date

    @property
    def free(self) -> int:
        """Seats that nobody uses."""
        return max(0, self.seats - self.use.taken)


def subscriptions_of_product(actor: Actor, code: str, on: date) -> tuple[Product, list[Line]]:
    """A product, and its subscriptions that the actor sees, or may ask for a seat of. Raises Product.DoesNotExist.

    Four queries.
    """
    product = Product.objects.get(code=code)
    rows = Subscription.objects.filter(not_cancelled(on), organisation_id=actor.customer_id, product=product)
    seen = actor.contracts(Can.SEE_PRODUCTS)
    if seen is not None and not actor.may_ask(Can.ASSIGN_SEATS) and actor.reach(Can.ASSIGN_SEATS) != Reach.ALL:
        rows = rows.filter(contract_id__in=seen)
    found = list(rows.select_related("contract").order_by("number"))
    if not found:
        raise Product.DoesNotExist
    use = Seated().use(actor, [row.pk for row in found], on)
    return product, [
        Line(row.pk, row.number, row.contract.number, seats_on(paid(row), on), use.get(row.pk, SeatUse()), row.renews_on)
        for row in found
    ]


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
    rows = living().filter(works(on, "subscription__"), organisation_id=actor.customer_id, membership_id=actor.member_id)
    fields = ("subscription__product_id", "subscription__product__code", "subscription__product__name", "subscription__number")
    more = ("given_on", "waiting", "subscription__renews_on", "subscription__automatic_renewal")
    found = list(rows.order_by("subscription__product__name", "given_on").values_list("subscription_id", *fields, *more))
    newest = Ports.releases.newest([row[1] for row in found], on)
    beyond = standing(actor, [row[0] for row in found if not row[6]], on)
    stands = {pk for pk, who in beyond.items() if any(one.key == actor.member_id for one in who)}
    return [
        Mine(newest.get(product), code, name, number, given_on, waiting or pk in stands, *rest)
        for pk, product, code, name, number, given_on, waiting, *rest in found
    ]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A product of the customer that the member has no seat of, and who can give one (F1.7)."""

    code: str
    name: str
    givers: Sequence[Contact]
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
    able = givers(actor)
    return [
        Elsewhere(code, name, among_givers(able, places), next(filter(None, places.values()), ""))
        for (code, name), places in where.items()
    ]
