"""The price book as the vendor looks at it, and whom a new price meets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, F, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import Coalesce, Greatest, Least

from comptoir.catalogue.models import Price, Product
from comptoir.catalogue.queries import valid_on
from comptoir.kernel.calendar import Term
from comptoir.kernel.money import Money
from comptoir.kernel.roster import every_customer
from comptoir.kernel.walls import wall_opened
from comptoir.subscriptions.models import PlannedChange, Subscription

AT_ONCE = 500  # customers whose subscriptions are counted in one statement


@dataclass(frozen=True, slots=True)
class Listed:
    """A product in the list, with what a yearly seat costs today; None: no price in that currency."""

    product: Product
    price: Price | None


def products(currency: str, on: date) -> list[Listed]:
    """All products by name. Two queries."""
    pages: dict[int, list[Price]] = {}
    for price in Price.objects.filter(term=Term.YEAR, currency=currency):
        pages.setdefault(price.product_id, []).append(price)
    return [Listed(each, valid_on(pages.get(each.pk, []), on)) for each in Product.objects.order_by("name", "code")]


@dataclass(frozen=True, slots=True)
class Written:
    """One line of the price book: `counts` today, is to come (`coming`), or is past."""

    price: Price
    counts: bool
    coming: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the price book: a currency, with its lines by term, the latest first."""

    currency: str
    lines: Sequence[Written]


def book_of(product: Product, on: date) -> list[Page]:
    """Every page of a product's price book, the vendor's first currency first. One query."""
    found: dict[str, dict[str, list[Price]]] = {}
    for price in Price.objects.filter(product=product).order_by("-valid_from"):
        found.setdefault(price.currency, {}).setdefault(price.term, []).append(price)
    known = {currency: place for place, currency in enumerate(settings.CURRENCIES)}
    order = sorted(found, key=lambda currency: (known.get(currency, len(known)), currency))
    return [Page(currency, [*_lines(found[currency], on)]) for currency in order]


def _lines(terms: Mapping[str, list[Price]], on: date) -> Iterator[Written]:
    for term in Term:
        now = valid_on(terms.get(term, []), on)
        for price in terms.get(term, []):
            yield Written(price, price == now, price.valid_from > on)


@dataclass(frozen=True, slots=True)
class Affected:
    """Whom a new price meets at their next renewal: how many, and how much more (or less) they pay in all, without tax."""

    subscriptions: int
    customers: int
    seats: int
    more: Money
    before: Price | None
    until: date | None  # from that day on a later price of the book counts again


def affected_by(
    product: Product, term: Term, new: Money | None, renewal: Money | None, currency: str, valid_from: date, on: date
) -> Affected:
    """Count over all customers whose next renewal falls on a day on which this price counts.

    Only totals leave this function, so that whoever looks after the catalogue learns nothing of any one customer.
    """
    prices = list(Price.objects.filter(product=product, term=term, currency=currency))
    before = valid_on(prices, valid_from)
    until = min((price.valid_from for price in prices if price.valid_from > valid_from), default=None)
    rows = _renewing(product, term, currency, valid_from, until, on)
    told: list[dict[str, Any]] = []
    for ids in every_customer(AT_ONCE):
        with wall_opened(read=ids):
            told.append(_counted(rows.filter(organisation_id__in=ids)))
    kept, added = (sum(each[name] or 0 for each in told) for name in ("kept", "added"))
    per_kept = _change(before.renewal if before else None, renewal)
    per_added = _change(before.new if before else None, new)
    more = Money(kept * per_kept + added * per_added, currency)
    subscriptions, customers = (sum(each[name] for each in told) for name in ("subscriptions", "customers"))
    return Affected(subscriptions, customers, kept + added, more, before, until)


def _renewing(product: Product, term: Term, currency: str, valid_from: date, until: date | None, on: date) -> Any:
    planned = PlannedChange.objects.filter(
        organisation_id=OuterRef("organisation_id"), subscription_id=OuterRef("pk"), field="term", outcome="pending"
    )
    rows = Subscription.objects.filter(
        product=product, organisation__currency=currency, lapses_on__gt=on, renews_on__gte=valid_from, contract__channel="direct"
    ).filter(Q(ended_on=None) | Q(ended_on__gt=on))
    rows = rows.annotate(next_term=Coalesce(Subquery(planned.values("term")[:1]), F("term"))).filter(next_term=term.value)
    return rows if until is None else rows.filter(renews_on__lt=until)


def _counted(rows: Any) -> dict[str, Any]:
    """How many, and their seats at the renewal: those of today pay the renewal price, more of them the new one (rules 4)."""
    told: dict[str, Any] = rows.aggregate(
        subscriptions=Count("id"),
        customers=Count("organisation_id", distinct=True),
        kept=Sum(Least("seats_now", "seats_at_renewal")),
        added=Sum(
            Greatest(Case(When(seats_at_renewal__gt=F("seats_now"), then=F("seats_at_renewal") - F("seats_now")), default=0), 0)
        ),
    )
    return told


def _change(was: Money | None, now: Money | None) -> int:
    return 0 if was is None or now is None else (now - was).minor
