"""Rows as the rules of plans and renewals read them: many subscriptions at once, in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from django.db.models import Q

from comptoir.catalogue.models import Price
from comptoir.kernel.calendar import Term
from comptoir.kernel.prepared import Prepared

from ..models import Period, PlannedChange, Subscription
from ..rules import PlanState, PriceBook, PriceRow, RenewalState


class _Paid(NamedTuple):
    """A paid period, as far as it is asked for here."""

    start: date
    term: str
    kind: str


def price_books(products: Mapping[int, str], currency: str) -> dict[int, PriceBook]:
    """The price book of each product (its name by id) in one currency. One statement."""
    rows: dict[int, list[PriceRow]] = defaultdict(list)
    for price in Price.objects.filter(product_id__in=products, currency=currency):
        rows[price.product_id].append(PriceRow(Term(price.term), price.valid_from, price.new, price.renewal))
    return {pk: PriceBook(name, currency, tuple(rows[pk])) for pk, name in products.items()}


def renewal_states(subscriptions: Sequence[Subscription]) -> dict[int, RenewalState]:
    """Where each stands on its way to its next renewal, by id. Three statements, whatever their number.

    They are of one customer, read with their product and organisation. Where the last renewal is not paid
    (`lapses_on` before `renews_on`), that renewal is the one that may still be made good or renewed late.
    """
    if not subscriptions:
        return {}
    first = subscriptions[0]
    books = price_books({each.product_id: each.product.name for each in subscriptions}, first.organisation.currency)
    terms = planned_terms([each.pk for each in subscriptions], first.organisation_id)
    periods = _last_periods(subscriptions)
    return {each.pk: _state(each, books[each.product_id], terms.get(each.pk), periods[each.pk]) for each in subscriptions}


def renewal_state(subscription: Subscription) -> RenewalState:
    """As `renewal_states`, of one."""
    return renewal_states([subscription])[subscription.pk]


def _state(subscription: Subscription, book: PriceBook, planned: Term | None, periods: Sequence[_Paid]) -> RenewalState:
    last = periods[-1]
    unpaid = subscription.lapses_on < subscription.renews_on
    charged = subscription.paid_with_id is not None
    return RenewalState(
        plan=PlanState(
            seats_now=subscription.seats_now,
            seats_at_renewal=subscription.seats_at_renewal,
            term=Term(last.term),
            renews_on=last.start if unpaid else subscription.renews_on,
            anchor_day=subscription.anchor_day,
            book=book,
            planned_term=planned,
            automatic=subscription.automatic_renewal,
            paid_ahead=subscription.turns_on is not None,
        ),
        period_start=_start_of(periods),
        open_invoice_due_on=subscription.lapses_on if unpaid and not charged else None,
        automatic_failed=unpaid and charged,
    )


def _start_of(periods: Sequence[_Paid]) -> date:
    """The first day of the last period; an extension is part of the period that it extends."""
    at = len(periods) - 1
    while at and periods[at].kind == Period.Kind.EXTENSION:
        at -= 1
    return periods[at].start


def planned_terms(subscriptions: Collection[int], organisation_id: int) -> dict[int, Term]:
    """The terms that are planned for these subscriptions of one customer. One statement."""
    return {pk: Term(term) for pk, term in _PLANNED.all(customer=organisation_id, subscriptions=subscriptions)}


_PLANNED: Prepared[PlannedChange] = Prepared(
    lambda customer, subscriptions: PlannedChange.objects.filter(
        organisation_id=customer,
        subscription__in=subscriptions,
        field=PlannedChange.Field.TERM,
        outcome=PlannedChange.Outcome.PENDING,
    ).values_list("subscription_id", "term"),
    customer=int,
    subscriptions=list,
)


def _last_periods(subscriptions: Sequence[Subscription]) -> dict[int, list[_Paid]]:
    """The paid periods of each, oldest first; of what a return has ended, those that it had."""
    customer, ids = subscriptions[0].organisation_id, [each.pk for each in subscriptions]
    found: dict[int, list[_Paid]] = defaultdict(list)
    for pk, *told in _PAID.all(customer=customer, subscriptions=ids):
        found[pk].append(_Paid(*told))
    return found


_PAID: Prepared[Period] = Prepared(
    lambda customer, subscriptions: (
        Period.objects.filter(
            Q(undone_on=None) | Q(subscription__ended_on__isnull=False), organisation_id=customer, subscription__in=subscriptions
        )
        .order_by("subscription_id", "start")
        .values_list("subscription_id", "start", "term", "kind")
    ),
    customer=int,
    subscriptions=list,
)
