"""Charges that the bank takes back."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Sum

from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.money import Money
from comptoir.kernel.recording import record
from comptoir.permissions import Can

from ..models import Allocation, Attempt, Dispute, InvoiceBalance, Payment
from ..rules.payments import from_latest


@action(Can.CHARGE)
def note_dispute(actor: Actor, payment: Payment, *, dispute: Mapping[str, Any], on: date) -> Dispute:
    """Note a dispute as the provider tells it (`provider_ref`, `amount` as text, `reason`, `state`).

    While it is open, and when it is lost, what the charge had paid is open again; when it is won, it is paid again.
    """
    row = Dispute.objects.filter(organisation_id=payment.organisation_id, provider_ref=dispute["provider_ref"]).first()
    if row is None:
        amount = Money.parse(dispute["amount"], payment.currency)
        row = Dispute.objects.create(
            organisation_id=payment.organisation_id,
            payment=payment,
            provider_ref=dispute["provider_ref"],
            amount_minor=amount.minor,
            currency=payment.currency,
            reason=dispute["reason"],
            opened_on=on,
        )
        _take_off(row, on)
        record(Events.PAYMENT_DISPUTED, row, on=on, dispute=row.pk, payment=payment.pk, total=f"{amount} {payment.currency}")
    if row.state == Dispute.State.OPEN and dispute["state"] != Dispute.State.OPEN:
        _close(row, dispute["state"], on)
    return row


@step
def take_off(payment: Payment, *, minor: int, reference: str, on: date) -> Dispute:
    """What a charge brought less than we noted is open again, for good: as if its bank had taken that back."""
    row = Dispute.objects.create(
        organisation_id=payment.organisation_id,
        payment=payment,
        provider_ref=reference,
        amount_minor=minor,
        currency=payment.currency,
        reason="not_at_provider",
        opened_on=on,
    )
    _take_off(row, on)
    record(
        Events.PAYMENT_DISPUTED,
        row,
        on=on,
        dispute=row.pk,
        payment=payment.pk,
        total=f"{Money(minor, row.currency)} {row.currency}",
    )
    _close(row, Dispute.State.LOST, on)
    return row


def _take_off(row: Dispute, on: date) -> None:
    """Take what the charge had paid off its invoices, the latest first."""
    paid: dict[int, int] = defaultdict(int)
    for invoice_id, minor in Allocation.objects.filter(payment=row.payment).values_list("invoice_id", "amount_minor"):
        paid[invoice_id] += minor
    for part in from_latest(row.amount_minor, paid):
        told = {"payment": row.payment, "dispute": row, "on": on}
        Allocation.objects.create(organisation_id=row.organisation_id, invoice_id=part.of, amount_minor=-part.minor, **told)


def _close(row: Dispute, state: str, on: date) -> None:
    row.state, row.closed_on = state, on
    row.save(update_fields=["state", "closed_on"])
    if state == Dispute.State.WON:
        _put_back(row, on)
    else:
        Attempt.objects.filter(payment=row.payment, state="succeeded").update(state="reversed", ended_on=on)
    total = f"{Money(row.amount_minor, row.currency)} {row.currency}"
    record(Events.DISPUTE_CLOSED, row, on=on, dispute=row.pk, payment=row.payment_id, total=total, state=state)


def _put_back(row: Dispute, on: date) -> None:
    """What was taken off pays its invoices again, as far as they are still open."""
    off = Allocation.objects.filter(dispute=row).values("invoice_id").annotate(minor=Sum("amount_minor")).order_by("invoice_id")
    for taken in off:
        balance = InvoiceBalance.objects.select_for_update(no_key=True).get(invoice_id=taken["invoice_id"])
        minor = min(-taken["minor"], balance.open_minor)
        if minor > 0:
            told = {"payment": row.payment, "dispute": row, "on": on}
            Allocation.objects.create(
                organisation_id=row.organisation_id, invoice_id=balance.invoice_id, amount_minor=minor, **told
            )
