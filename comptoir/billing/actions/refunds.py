"""Money that goes back: what is owed after a credit note, or for an order that came to nothing."""

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from comptoir.events import Events, Kind
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.errors import HouseRule
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.jobs import enqueue
from comptoir.kernel.recording import record
from comptoir.kernel.second_look import second_pair
from comptoir.organisations.models import Organisation
from comptoir.permissions import Can

from ..models import Invoice, InvoiceBalance, Payment, Refund
from ..queries.payments import paid_by
from ..rules.payments import from_latest, next_refund_state

ENDS = {"succeeded": Events.REFUND_SUCCEEDED, "failed": Events.REFUND_FAILED}


@step
def give_back(credit_note: Invoice, *, on: date) -> list[Refund]:
    """Give back what a credit note leaves overpaid, the way it came, the latest payments first (rules 6).

    Of an unpaid invoice only the balance moves, and nothing is given back. Money that came by transfer waits for the desk.
    """
    if credit_note.corrects_id is None:
        raise HouseRule(f"{credit_note.number} is no credit note")
    organisation_id, invoice_id = credit_note.organisation_id, credit_note.corrects_id
    balance = InvoiceBalance.objects.select_for_update(no_key=True).get(organisation_id=organisation_id, invoice_id=invoice_id)
    if balance.open_minor >= 0:
        return []
    parts = from_latest(-balance.open_minor, paid_by(organisation_id, invoice_id))
    payments = Payment.objects.in_bulk([part.of for part in parts])
    return [_refund(payments[part.of], part.minor, on, credit_note) for part in parts]


@step
def give_back_order(organisation: Organisation, *, order_id: int, on: date) -> Refund | None:
    """Give back all that came in for an order that came to nothing; None where nothing came in, or it went back already."""
    payment = Payment.objects.filter(organisation=organisation, attempt__order_id=order_id).first()
    if payment is None or Refund.objects.filter(organisation=organisation, payment=payment, credit_note=None).exists():
        return None
    return _refund(payment, payment.amount_minor, on)


@step
def give_back_rest(payment: Payment, *, minor: int, on: date) -> Refund:
    """Give back what of a payment pays nothing: its invoice was paid in another way meanwhile."""
    return _refund(payment, minor, on)


def _refund(payment: Payment, minor: int, on: date, credit_note: Invoice | None = None) -> Refund:
    by_hand = payment.kind == Payment.Kind.TRANSFER
    refund = Refund.objects.create(
        organisation_id=payment.organisation_id,
        payment=payment,
        credit_note=credit_note,
        amount_minor=minor,
        currency=payment.currency,
        state=Refund.State.BY_HAND if by_hand else Refund.State.CREATED,
        reference=f"back_{secrets.token_hex(16)}",
        made_on=on,
    )
    if not by_hand:
        enqueue("billing.refund", organisation_id=payment.organisation_id, refund=refund.pk)
    return refund


@action(Can.CHARGE)
def send_refund(actor: Actor, refund: Refund, *, on: date) -> Refund:
    """Mark a refund as handed to the provider; committed before the provider is asked."""
    if refund.state == Refund.State.CREATED:
        refund.state, refund.sent_at = Refund.State.SENT, now()
        refund.save(update_fields=["state", "sent_at"])
    record(Events.REFUND_SENT, refund, on=on, refund=refund.pk, total=f"{refund.amount} {refund.currency}")
    return refund


@action(Can.CHARGE)
def note_refund(actor: Actor, refund: Refund, *, outcome: Mapping[str, Any], on: date) -> Refund:
    """Note what became of a refund: `state` and `provider_ref`, as the provider told them."""
    state = next_refund_state(refund.state, str(outcome["state"])) or refund.state
    refund.provider_ref = str(outcome.get("provider_ref", "")) or refund.provider_ref
    refund.state, refund.ended_on = state, on if state in ENDS else None
    refund.save(update_fields=["state", "ended_on", "provider_ref"])
    record(_kind_of(state), refund, on=on, refund=refund.pk, total=f"{refund.amount} {refund.currency}")
    failpoint("refund.noted")
    return refund


@action(Can.MATCH_PAYMENT, step_up=True)
def pay_out(actor: Actor, refund: Refund, *, on: date) -> Refund:
    """Say that the vendor has paid out, by transfer, what came by transfer or what the provider could not give back.

    Raises Refused `second_pair_needed` from the limit on.
    """
    second_pair(actor, refund, verb="billing.pay_out", amount=refund.amount)
    if refund.state not in {Refund.State.BY_HAND, Refund.State.FAILED}:
        raise HouseRule(f"refund {refund.reference} is {refund.state}: there is nothing to pay out")
    refund.state, refund.ended_on = Refund.State.PAID_OUT, on
    refund.save(update_fields=["state", "ended_on"])
    record(Events.REFUND_SUCCEEDED, refund, on=on, refund=refund.pk, total=f"{refund.amount} {refund.currency}")
    return refund


def _kind_of(state: str) -> Kind:
    return ENDS.get(state, Events.REFUND_WAITS)
