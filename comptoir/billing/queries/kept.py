"""Credit of a customer's: what came in and pays nothing yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.permissions import Can

from ..models import Invoice, InvoiceBalance
from ..rules.kept import CreditPlan, plan_credit

# what an order has paid waits for the order and is no credit; what a bank took back and gave again after its invoice was paid
# in another way is
KEPT = """
    SELECT id, received_on, left_minor FROM (
        SELECT p.id, p.received_on, p.amount_minor
            - (SELECT coalesce(sum(amount_minor), 0) FROM billing_allocation WHERE payment_id = p.id)
            - (SELECT coalesce(sum(amount_minor), 0) FROM billing_dispute WHERE payment_id = p.id AND state <> 'won')
            - (SELECT coalesce(sum(amount_minor), 0) FROM billing_refund WHERE payment_id = p.id AND credit_note_id IS NULL)
            AS left_minor
        FROM billing_payment p WHERE p.organisation_id = %s AND p.currency = %s AND (
            p.kind = 'transfer' OR EXISTS (SELECT 1 FROM billing_dispute d WHERE d.payment_id = p.id AND d.state = 'won'))) k
    WHERE left_minor > 0 ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is left of one payment."""

    payment: int
    received_on: date
    left: Money


def kept_of(organisation_id: int, currency: str) -> Sequence[Kept]:
    """The payments of a customer of which something is left, oldest first. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(KEPT, [organisation_id, currency])
        return [Kept(pk, day, Money(int(minor), currency)) for pk, day, minor in cursor.fetchall()]


def in_all(kept: Sequence[Kept], currency: str) -> Money:
    """All of it."""
    return Money.sum((each.left for each in kept), currency)


def credit_for(actor: Actor, invoice: Invoice) -> CreditPlan | None:
    """What using the credit on an invoice would do; None where there is none, nothing is open, or the actor may not pay it."""
    balance = InvoiceBalance.objects.filter(organisation_id=actor.customer_id, invoice=invoice, open_minor__gt=0).first()
    if balance is None or not actor.may(Can.PAY, invoice.contract_id):
        return None
    credit = in_all(kept_of(actor.customer_id, invoice.currency), invoice.currency)
    return plan_credit(credit, balance.open) if credit.minor > 0 else None


def preview_credit(actor: Actor, invoice: Invoice, used: Money | None) -> CreditPlan:
    """The same for so much of it (None: as much as fits). Raises Refused `nothing_to_pay` and `credit_short`."""
    balance = InvoiceBalance.objects.filter(organisation_id=actor.customer_id, invoice=invoice, open_minor__gt=0).first()
    if balance is None:
        raise Refused("nothing_to_pay", params={"number": invoice.number})
    return plan_credit(in_all(kept_of(actor.customer_id, invoice.currency), invoice.currency), balance.open, used)


def credit_of_customer(actor: Actor, currency: str) -> Money:
    """The credit of the actor's customer; nothing for who may not pay anything."""
    if not actor.may(Can.PAY, anywhere=True):
        return Money(0, currency)
    return in_all(kept_of(actor.customer_id, currency), currency)
