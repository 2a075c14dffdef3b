"""What an order is compared with before anything is charged: the last prices, what was charged today, the largest invoice."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max

from comptoir.billing.models import Invoice
from comptoir.catalogue.models import Price
from comptoir.kernel.calendar import Term, add_months
from comptoir.kernel.money import Money
from comptoir.kernel.second_look import limit_in

from ..models import Period, Sale, Subscription
from ..rules import SeatLine, Verb
from ..rules.safety import Before, Finding, Now, bounds

MONTHS = 24  # in which an invoice of a customer's is still one to compare with
SAME_AGAIN = {Verb.RENEW: Sale.Kind.RENEWAL, Verb.ALIGN: Sale.Kind.ALIGNMENT}


@dataclass(frozen=True, slots=True)
class Ordered:
    """One line to order: of which product, and for which subscription if it is there already."""

    line: SeatLine
    product_id: int
    subscription_id: int | None

    @property
    def unit(self) -> Money:
        """The price of a seat before a promotion: a gift is no slip."""
        return self.line.list_price or self.line.unit_price


def findings_of(organisation_id: int, verb: Verb, ordered: Sequence[Ordered], net: Money, on: date) -> tuple[Finding, ...]:
    """Every bound that an order breaks, each once; what it compares is of the first line that breaks it (rules 2)."""
    ids = {each.subscription_id for each in ordered if each.subscription_id is not None}
    prices, book = last_prices(organisation_id, ids), _before_in_book({each.product_id for each in ordered}, net.currency, on)
    again = _sold_today(organisation_id, ids, verb, on)
    invoice = _usual(organisation_id, ordered, prices) if verb in SAME_AGAIN else _largest_invoice(organisation_id, net, on)
    found: dict[str, Finding] = {}
    for each in ordered:
        before = Before(
            unit=_last_price(each, prices, book),
            invoice=invoice,
            charged_on=frozenset({on} if each.subscription_id in again else ()),
        )
        for finding in bounds(before, Now(unit=each.unit, invoice=net, on=on)):
            found.setdefault(finding.bound, finding)
    return tuple(found.values())


def last_prices(organisation_id: int, ids: Collection[int]) -> Mapping[int, tuple[Term, Money]]:
    """Of the last period of each subscription whose price is known: its term and what a seat cost."""
    own = Period.objects.filter(
        organisation_id=organisation_id, subscription__in=ids, undone_on=None, price_minor__isnull=False
    ).exclude(kind=Period.Kind.EXTENSION)
    rows = own.order_by("subscription_id", "-start").distinct("subscription_id")
    told = rows.values_list("subscription_id", "term", "price_minor", "currency")
    return {pk: (Term(term), Money(price or 0, currency)) for pk, term, price, currency in told}


def _last_price(
    each: Ordered, prices: Mapping[int, tuple[Term, Money]], book: Mapping[tuple[int, str, str], Money]
) -> Money | None:
    """What a seat cost last, for as many months; where that is not known, what the book said before it says this."""
    if each.subscription_id is not None and each.subscription_id in prices:
        term, price = prices[each.subscription_id]
        return price.prorate(each.line.term.months, term.months)
    return book.get((each.product_id, each.line.term.value, each.line.price_kind))


def _before_in_book(products: Collection[int], currency: str, on: date) -> Mapping[tuple[int, str, str], Money]:
    """The last price but one that has come into force, by product, term and kind of price."""
    rows = Price.objects.filter(product__in=products, currency=currency, valid_from__lte=on).order_by("valid_from")
    told: dict[tuple[int, str, str], list[int]] = {}
    for product, term, new, renewal in rows.values_list("product_id", "term", "new_minor", "renewal_minor"):
        for kind, minor in (("new", new), ("renewal", renewal)):
            if minor is not None:
                told.setdefault((product, term, kind), []).append(minor)
    return {key: Money(minors[-2], currency) for key, minors in told.items() if len(minors) > 1}


def _sold_today(organisation_id: int, ids: Collection[int], verb: Verb, on: date) -> frozenset[int]:
    """Those that this verb was charged for on this day already, and not taken back. Seats may be added as often as one likes."""
    if verb not in SAME_AGAIN:
        return frozenset()
    sold = Sale.objects.filter(organisation_id=organisation_id, subscription__in=ids, kind=SAME_AGAIN[verb], on=on)
    return frozenset(sold.filter(undone_on=None).values_list("subscription_id", flat=True))


def _usual(organisation_id: int, ordered: Sequence[Ordered], prices: Mapping[int, tuple[Term, Money]]) -> Money | None:
    """What today's seats cost in their last periods, for as many days as are ordered; None where one is not known."""
    first = {each.subscription_id: each for each in reversed(ordered)}
    seats = Subscription.objects.filter(organisation_id=organisation_id, pk__in=prices).values_list("pk", "seats_now")
    if not first or set(first) != set(prices):
        return None
    now = dict(seats)
    currency = ordered[0].line.net.currency
    usual = []
    for pk, (term, price) in prices.items():
        line = first[pk].line
        whole = price.prorate(line.term.months, term.months)
        if price.currency != currency:
            return None
        usual.append(whole.prorate(line.days, max(line.denominator, 1), now[pk]))
    return Money.sum(usual, currency)


def _largest_invoice(organisation_id: int, net: Money, on: date) -> Money | None:
    """The largest invoice of the customer's last two years, without tax; None for a sum that one person may release."""
    if net.minor < limit_in(net.currency).minor:
        return None
    since = add_months(on, -MONTHS, on.day)
    mine = Invoice.objects.filter(organisation_id=organisation_id, kind="F", number__isnull=False, currency=net.currency)
    largest = mine.filter(issued_on__gte=since).aggregate(net=Max("net_minor"))["net"]
    return None if largest is None else Money(largest, net.currency)
