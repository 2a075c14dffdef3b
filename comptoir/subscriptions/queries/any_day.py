"""What a subscription was on any past day: seats, price, state, and who had paid what by then."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Sum

from comptoir.billing.models import Allocation, Invoice, InvoiceBalance, InvoiceLine
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import Term
from comptoir.kernel.money import Money
from comptoir.organisations.queries import members_by_id
from comptoir.permissions import Can

from ..models import Period, Sale, SeatEntry, Subscription
from ..rules import AnyDay, History, LateInvoice, LedgerEntry, PastPeriod, on_day
from .states import STATE_KINDS, lengths, sale_words, state_words, term_words


@dataclass(frozen=True, slots=True)
class Paid:
    """What one invoice or (less than nothing) credit note charged for it, and whether all of it was paid by that day."""

    number: str
    issued_on: date
    what: str
    by: str  # who ordered it; empty: nobody did by hand
    net: Money
    paid: bool
    credit: bool


@dataclass(frozen=True, slots=True)
class DayTold:
    """One day of a subscription in words. `price` None: not known, not paid that day, or not to be seen."""

    on: date
    day: AnyDay
    state_word: str
    state_kind: str
    term_word: str
    price: Money | None
    sees_prices: bool
    payments: Sequence[Paid]


def told_on(actor: Actor, subscription: Subscription, on: date) -> DayTold | None:
    """What it was on that day; None before it began. Six statements, however long its history."""
    found = on_day(history_of(subscription), on, lengths())
    if found is None:
        return None
    seen = actor.may(Can.SEE_PRICES, subscription.contract_id)
    return DayTold(
        on=on,
        day=found,
        state_word=state_words()[found.state],
        state_kind=STATE_KINDS[found.state],
        term_word=term_words()[found.term],
        price=found.price if seen else None,
        sees_prices=seen,
        payments=_payments(actor, subscription, on) if actor.may(Can.SEE_INVOICES, subscription.contract_id) else [],
    )


def history_of(subscription: Subscription) -> History:
    """All that a day's answer is made from, as the rules read it."""
    theirs = {"organisation_id": subscription.organisation_id, "subscription": subscription}
    entries = SeatEntry.objects.filter(**theirs).values_list("seq", "on", "seats_now", "seats_at_renewal")
    periods = Period.objects.filter(**theirs)
    return History(
        entries=tuple(LedgerEntry(*row) for row in entries),
        periods=tuple(PastPeriod(row.start, row.end, Term(row.term), row.price, row.undone_on) for row in periods),
        invoices=_late(subscription),
        ended_on=subscription.ended_on,
    )


def _late(subscription: Subscription) -> tuple[LateInvoice, ...]:
    """The renewals that went on invoice, each with the day on which it was paid or credited."""
    sales = Sale.objects.filter(
        organisation_id=subscription.organisation_id,
        subscription=subscription,
        kind=Sale.Kind.RENEWAL,
        invoice__payment_method="invoice",
        period__isnull=False,
    )
    rows = list(sales.select_related("invoice", "period"))
    if not rows:
        return ()
    invoices = [row.invoice_id for row in rows]
    still_open = set(
        InvoiceBalance.objects.filter(
            organisation_id=subscription.organisation_id, invoice__in=invoices, open_minor__gt=0
        ).values_list("invoice_id", flat=True)
    )
    closed = _closed_on(subscription.organisation_id, invoices)
    return tuple(
        LateInvoice(
            ended_on=row.period.start,
            due_on=row.invoice.due_on,
            closed_on=None if row.invoice_id in still_open else closed.get(row.invoice_id, row.invoice.issued_on),
        )
        for row in rows
        if row.period is not None and row.invoice.due_on is not None
    )


def _closed_on(organisation_id: int, invoices: Sequence[int]) -> dict[int, date]:
    """The day of the last payment or credit note of each."""
    paid = Allocation.objects.filter(organisation_id=organisation_id, invoice__in=invoices)
    found = dict(paid.values_list("invoice_id").annotate(Max("on")))
    credited = Invoice.objects.filter(organisation_id=organisation_id, corrects__in=invoices)
    for invoice_id, day in credited.values_list("corrects_id").annotate(Max("issued_on")):
        found[invoice_id] = max(day, found.get(invoice_id, day))
    return found


def _payments(actor: Actor, subscription: Subscription, on: date) -> list[Paid]:
    """What had been invoiced for it by that day, newest first, and who had ordered it."""
    rows = InvoiceLine.objects.filter(
        organisation_id=actor.customer_id, reference=subscription.number, invoice__issued_on__lte=on
    ).select_related("invoice")
    nets: dict[int, int] = defaultdict(int)
    documents: dict[int, Invoice] = {}
    for row in rows:
        nets[row.invoice_id] += row.net_minor
        documents[row.invoice_id] = row.invoice
    sales = {
        sale.invoice_id: sale
        for sale in Sale.objects.filter(organisation_id=actor.customer_id, subscription=subscription).select_related("order")
    }
    people = members_by_id(actor, {sale.order.ordered_by_id or 0 for sale in sales.values() if sale.order is not None})
    open_then = _open_on(actor, documents, on)
    kinds = sale_words()
    found = []
    for pk, document in sorted(documents.items(), reverse=True):
        credit = document.kind == Invoice.Kind.CREDIT_NOTE
        sale = sales.get((document.corrects_id or 0) if credit else pk)
        orderer = people.get(sale.order.ordered_by_id or 0) if sale and sale.order else None
        found.append(
            Paid(
                number=str(document.number),
                issued_on=document.issued_on or on,
                what=kinds[sale.kind] if sale else "",
                by=orderer.name if orderer and not credit else "",
                net=Money(-nets[pk] if credit else nets[pk], document.currency),
                paid=credit or open_then.get(pk, 0) <= 0,
                credit=credit,
            )
        )
    return found


def _open_on(actor: Actor, documents: dict[int, Invoice], on: date) -> dict[int, int]:
    """What was open of each invoice that day, credit notes and payments of later days left out."""
    found = {pk: document.total_minor for pk, document in documents.items() if document.kind == Invoice.Kind.INVOICE}
    paid = Allocation.objects.filter(organisation_id=actor.customer_id, invoice__in=list(found), on__lte=on)
    for pk, minor in paid.values_list("invoice_id").annotate(Sum("amount_minor")):
        found[pk] -= minor
    notes = Invoice.objects.filter(organisation_id=actor.customer_id, corrects__in=list(found), issued_on__lte=on)
    for pk, minor in notes.values_list("corrects_id").annotate(Sum("total_minor")):
        found[pk] -= minor
    return found
