"""What the job that charges writes: that the provider is asked, and what it answered. Many attempts of one customer at once."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection

from comptoir.events import Events, Kind
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.recording import record
from comptoir.organisations.models import Organisation
from comptoir.permissions import Can

from ..models import Attempt, Payment
from ..rules.payments import ENDED, next_state
from .payments import allocate
from .refunds import give_back_rest

KINDS: Mapping[str, Kind] = {
    "succeeded": Events.PAYMENT_SUCCEEDED,
    "needs_action": Events.PAYMENT_NEEDS_ACTION,
    "declined": Events.PAYMENT_DECLINED,
    "cancelled": Events.PAYMENT_DECLINED,
    "pending": Events.PAYMENT_WAITS,
    "unknown": Events.PAYMENT_WAITS,
}


@action(Can.CHARGE)
def send_attempts(actor: Actor, organisation: Organisation, *, attempts: Sequence[int], on: date) -> Organisation:
    """Mark new attempts as handed to the provider; committed before the provider is asked."""
    fresh = Attempt.objects.filter(organisation=organisation, pk__in=attempts, state=Attempt.State.CREATED)
    count = fresh.update(state=Attempt.State.SENT, sent_at=now())
    record(Events.PAYMENT_SENT, organisation, on=on, count=count)
    return organisation


@action(Can.CHARGE)
def note_outcomes(actor: Actor, organisation: Organisation, *, outcomes: Mapping[str, Any], on: date) -> Organisation:
    """Note what the provider told of attempts (by their id), whatever was told before.

    What has succeeded pays its invoice at once; the payment of an order waits until the order is settled.
    """
    mine = Attempt.objects.filter(organisation=organisation, pk__in=outcomes).select_related("method", "invoice")
    moved = []
    for attempt in mine.select_for_update(no_key=True, of=("self",)).order_by("pk"):
        outcome = outcomes[str(attempt.pk)]
        state = next_state(attempt.state, outcome["state"])
        if state is not None:
            _move(attempt, state, outcome, on)
            moved.append(attempt)
    _store(organisation, moved)
    _take_in([attempt for attempt in moved if attempt.state == "succeeded"], on)
    for attempt in moved:
        _tell(attempt, on)
    if not moved:  # two asked at once and were told the same
        record(Events.PAYMENT_SENT, organisation, on=on, count=0)
    failpoint("charge.noted")
    return organisation


def _move(attempt: Attempt, state: str, outcome: Mapping[str, Any], on: date) -> None:
    attempt.state = state
    attempt.provider_ref = outcome.get("provider_ref") or attempt.provider_ref
    attempt.decline_code = outcome.get("decline_code") or ("" if state != "cancelled" else "not_confirmed")
    attempt.action_url = outcome.get("action_url") or ""
    attempt.ended_on = on if state in ENDED else None


def _store(organisation: Organisation, moved: Sequence[Attempt]) -> None:
    """All of them in one statement: a batch of fifty is as quick as one."""
    columns = ("pk", "state", "provider_ref", "decline_code", "action_url", "ended_on")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_attempt a SET state = n.state, provider_ref = n.provider_ref, decline_code = n.decline_code, "
            "action_url = n.action_url, ended_on = n.ended_on "
            "FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::date[]) "
            "AS n(id, state, provider_ref, decline_code, action_url, ended_on) WHERE a.organisation_id = %s AND a.id = n.id",
            [*([getattr(attempt, column) for attempt in moved] for column in columns), organisation.pk],
        )


def _take_in(attempts: Sequence[Attempt], on: date) -> None:
    """One payment for each charge that succeeded; it pays its invoice. What the invoice no longer needs goes back."""
    payments = [
        Payment(
            organisation_id=attempt.organisation_id,
            kind=Payment.Kind.CHARGE,
            attempt=attempt,
            amount_minor=attempt.amount_minor,
            currency=attempt.currency,
            received_on=on,
            reference=attempt.reference,
        )
        for attempt in attempts
    ]
    Payment.objects.bulk_create(payments)
    of_invoices = {payment.attempt.invoice_id: payment for payment in payments if payment.attempt and payment.attempt.invoice_id}
    left = allocate({invoice_id: payment for invoice_id, payment in of_invoices.items() if invoice_id is not None}, on=on)
    for payment in of_invoices.values():
        if left[payment.pk] > 0:
            give_back_rest(payment, minor=left[payment.pk], on=on)


def _tell(attempt: Attempt, on: date) -> None:
    record(
        KINDS[attempt.state],
        attempt,
        contract_id=None if attempt.invoice is None else attempt.invoice.contract_id,
        on=on,
        attempt=attempt.pk,
        order=attempt.order_id,
        invoice=attempt.invoice_id,
        total=f"{attempt.amount} {attempt.currency}",
        method=attempt.method.label,
        by_hand=attempt.by_hand,
        nth=attempt.nth,
        reason=attempt.decline_code,
    )
