"""What was spent: invoices less credit notes, by month and by product, without tax."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import BigIntegerField, Case, ExpressionWrapper, F, Sum, When
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from comptoir.billing.models import Invoice, InvoiceLine
from comptoir.contracts.queries import within
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import add_months
from comptoir.kernel.money import Money
from comptoir.permissions import Can

MONTHS = 12
APART = 4  # products with a colour of their own; the others are one


@dataclass(frozen=True, slots=True)
class OfProduct:
    """What was spent on one product, or on all the others, month by month."""

    product: str
    by_month: Sequence[Money]
    total: Money
    kind: str  # its class in the picture


@dataclass(frozen=True, slots=True)
class Spending:
    """Twelve months up to that of a day; `before` is the total of the twelve before them."""

    months: Sequence[date]
    products: Sequence[OfProduct]
    by_month: Sequence[Money]
    total: Money
    before: Money

    @property
    def any(self) -> bool:
        """Whether anything is left of it in some month, more or less than nothing."""
        return any(amount.minor for product in self.products for amount in product.by_month)


def spending_of(actor: Actor, on: date, currency: str, contract_id: int | None = None, *, apart: int | None = APART) -> Spending:
    """What was invoiced in the twelve calendar months up to that of `on`, as far as one sees the invoices. One statement.

    The products on which most was spent stand by themselves, `apart` of them (None: all), the others together.
    """
    first = add_months(on.replace(day=1), 1 - MONTHS, 1)
    months = [add_months(first, n, 1) for n in range(MONTHS)]
    told = _told(actor, add_months(first, -MONTHS, 1), on, contract_id)
    sums: dict[str, dict[date, int]] = defaultdict(dict)
    before = 0
    for (item, month), minor in told.items():
        if month < first:
            before += minor
        else:
            sums[item][month] = minor
    ranked = sorted(sums, key=lambda item: (-sum(sums[item].values()), item))
    groups = [(item, [item]) for item in ranked[:apart]]
    if others := ranked[len(groups) :]:
        groups.append((_("All others"), others))
    products = [_product(nth, name, items, sums, months, currency) for nth, (name, items) in enumerate(groups, 1)]
    by_month = [Money.sum((each.by_month[n] for each in products), currency) for n in range(MONTHS)]
    return Spending(months, products, by_month, Money.sum(by_month, currency), Money(before, currency))


def _told(actor: Actor, since: date, on: date, contract_id: int | None) -> Mapping[tuple[str, date], int]:
    """By product and month, in minor units; what a credit note gives back is less than nothing."""
    rows = within(actor, Can.SEE_INVOICES, InvoiceLine.objects.all(), "invoice__contract_id")
    rows = rows.filter(invoice__issued_on__gte=since, invoice__issued_on__lte=on)
    if contract_id is not None:
        rows = rows.filter(invoice__contract_id=contract_id)
    amount = BigIntegerField()
    taken_off = ExpressionWrapper(F("net_minor") * -1, output_field=amount)
    credited = When(invoice__kind=Invoice.Kind.CREDIT_NOTE, then=taken_off)
    signed = Case(credited, default=F("net_minor"), output_field=amount)
    grouped = (
        rows.annotate(month=TruncMonth("invoice__issued_on")).values_list("item", "month").annotate(spent=Sum(signed)).order_by()
    )
    return {(item, month): minor for item, month, minor in grouped}


def _product(
    nth: int, name: str, items: Sequence[str], sums: Mapping[str, Mapping[date, int]], months: Sequence[date], currency: str
) -> OfProduct:
    by_month = [Money(sum(sums[item].get(month, 0) for item in items), currency) for month in months]
    return OfProduct(name, by_month, Money.sum(by_month, currency), f"bar-{nth}" if nth <= APART else "bar-other")
