"""Charges that are begun, and money that finds its invoices. What a provider answers is noted in `charging.py`."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.bulk import insert_new
from comptoir.kernel.errors import HouseRule, Refused
from comptoir.kernel.jobs import enqueue
from comptoir.kernel.money import Money
from comptoir.kernel.recording import record
from comptoir.organisations.models import Organisation
from comptoir.permissions import Can

from ..models import Allocation, Attempt, Invoice, InvoiceBalance, Payment, PaymentMethod
from ..queries.payments import LIVE, chargeable
from ..rules.payments import AT_ONCE


@dataclass(frozen=True, slots=True)
class Wanted:
    """One charge to begin: `amount` with tax, for an invoice that is issued or for an order that waits to be settled."""

    amount: Money
    method: PaymentMethod
    invoice: Invoice | None = None
    order_id: int | None = None
    by_hand: bool = False  # somebody is there to confirm it (3-D Secure)
    back_to: str = ""  # the page of ours to lead them back to


@step
def start_attempt(
    organisation: Organisation,
    *,
    amount: Money,
    method: PaymentMethod,
    on: date,
    invoice: Invoice | None = None,
    order_id: int | None = None,
    by_hand: bool = False,
    back_to: str = "",
) -> Attempt:
    """Begin one charge: its row, and the job that asks the provider after the commit. Raises as `start_attempts`."""
    wanted = Wanted(amount, method, invoice, order_id, by_hand, back_to)
    return start_attempts(organisation, [wanted], on=on)[0]


@step
def start_attempts(organisation: Organisation, wanted: Sequence[Wanted], *, on: date) -> list[Attempt]:
    """Begin many charges of one customer in a few statements. Their jobs are born with this transaction.

    Raises Refused `payment_running` where one is under way or paid, and `method_unusable` for a method that can't be charged.
    """
    _refuse_unusable(organisation, wanted, on)
    invoices = [each.invoice.pk for each in wanted if each.invoice is not None]
    orders = [each.order_id for each in wanted if each.order_id is not None]
    before = _counted(organisation.pk, invoices, orders)
    attempts = [
        Attempt(
            organisation=organisation,
            invoice=each.invoice,
            order_id=each.order_id,
            method=each.method,
            amount_minor=each.amount.minor,
            currency=each.amount.currency,
            nth=before.get(("order", each.order_id) if each.invoice is None else ("invoice", each.invoice.pk), 0) + 1,
            reference=f"pay_{secrets.token_hex(16)}",
            by_hand=each.by_hand,
            back_to=each.back_to,
            made_on=on,
        )
        for each in wanted
    ]
    insert_new(attempts)
    for start in range(0, len(attempts), AT_ONCE):
        told = ",".join(str(attempt.pk) for attempt in attempts[start : start + AT_ONCE])
        enqueue("billing.charge", organisation_id=organisation.pk, attempts=told)
    return attempts


def _refuse_unusable(organisation: Organisation, wanted: Sequence[Wanted], on: date) -> None:
    usable = chargeable(organisation.pk, on)
    for each in wanted:
        if each.method.pk not in usable:
            raise Refused("method_unusable", params={"method": each.method.label})
        if each.amount.minor <= 0 or (each.invoice is None) == (each.order_id is None):
            raise HouseRule(f"a charge is of something, and for an invoice or an order: {each}")


def _counted(organisation_id: int, invoices: Sequence[int], orders: Sequence[int]) -> dict[tuple[str, int | None], int]:
    """How many attempts there were of each invoice and order. Raises Refused `payment_running` where one is live."""
    about = Q(invoice_id__in=invoices) | Q(order_id__in=orders)
    mine = Attempt.objects.filter(about, organisation_id=organisation_id).values_list("invoice_id", "order_id", "nth", "state")
    told: dict[tuple[str, int | None], int] = {}
    for invoice_id, order_id, nth, state in mine:
        if state in LIVE:
            raise Refused("payment_running")
        of = ("order", order_id) if invoice_id is None else ("invoice", invoice_id)
        told[of] = max(nth, told.get(of, 0))
    return told


@action(Can.PAY)
def pay_invoice(actor: Actor, invoice: Invoice, *, method: int, on: date, back_to: str = "") -> Attempt:
    """Pay what is open of an invoice with a method (its id), or try again after a decline.

    Raises Refused `nothing_to_pay`, `method_unknown`, `method_unusable` and `payment_running`.
    """
    balance = InvoiceBalance.objects.filter(organisation_id=invoice.organisation_id, invoice=invoice).first()
    if balance is None or balance.open_minor <= 0:
        raise Refused("nothing_to_pay", params={"number": invoice.number})
    chosen = PaymentMethod.objects.filter(organisation_id=invoice.organisation_id, pk=method, state="active").first()
    if chosen is None:
        raise Refused("method_unknown", field="method", status=422)
    attempt = start_attempt(
        invoice.organisation, amount=balance.open, method=chosen, on=on, invoice=invoice, by_hand=True, back_to=back_to
    )
    record(
        Events.PAYMENT_ASKED,
        attempt,
        contract_id=invoice.contract_id,
        on=on,
        total=f"{balance.open} {balance.currency}",
        number=invoice.number,
        method=chosen.label,
    )
    return attempt


@step
def allocate(payments: Mapping[int, Payment], *, on: date) -> dict[int, int]:
    """Let payments pay invoices, at most what is open of each; `payments` by the id of the invoice, of one customer.

    Returns what is left of each payment (by its id), in minor units.
    """
    if not payments:
        return {}
    organisation_id = next(iter(payments.values())).organisation_id
    balances = InvoiceBalance.objects.select_for_update(no_key=True).order_by("pk")
    left = {payment.pk: payment.amount_minor for payment in payments.values()}
    rows = []
    for balance in balances.filter(organisation_id=organisation_id, invoice_id__in=payments):
        payment = payments[balance.invoice_id]
        minor = min(left[payment.pk], balance.open_minor)
        if minor > 0:
            left[payment.pk] -= minor
            paid = {"payment": payment, "invoice_id": balance.invoice_id, "amount_minor": minor, "on": on}
            rows.append(Allocation(organisation_id=organisation_id, **paid))
    Allocation.objects.bulk_create(rows)
    return left


@step
def allocate_order_payment(organisation: Organisation, *, order_id: int, invoices: Sequence[Invoice], on: date) -> Payment:
    """Let the payment of an order pay the invoices that settle it. HouseRule if it was not paid."""
    return allocate_order_payments(organisation, {order_id: invoices}, on=on)[order_id]


@step
def allocate_order_payments(
    organisation: Organisation, settled: Mapping[int, Sequence[Invoice]], *, on: date
) -> dict[int, Payment]:
    """The same for many orders of one customer: order's id -> the invoices that settle it."""
    paid = Payment.objects.filter(organisation=organisation, attempt__order_id__in=settled).select_related("attempt")
    found = {payment.attempt.order_id: payment for payment in paid if payment.attempt is not None}
    if missing := sorted(set(settled) - {order_id for order_id in found if order_id is not None}):
        raise HouseRule(f"orders {missing} were settled before they were paid")
    by_invoice = {invoice.pk: found[order_id] for order_id, invoices in settled.items() for invoice in invoices}
    allocate(by_invoice, on=on)
    return {order_id: found[order_id] for order_id in settled}
