"""The API of payment methods and payments. Methods are given and removed in the browser, by somebody who shows who they are."""

from datetime import date
from typing import TYPE_CHECKING

from ninja import Field, Router, Schema, Status

from comptoir.kernel.api import PROBLEMS, operation
from comptoir.kernel.gate import GateRequest
from comptoir.permissions import Can

from ..actions import payments as verbs
from ..queries import invoices
from ..queries import payments as queries
from .invoices import Amount

if TYPE_CHECKING:
    from ..models import Attempt

router = Router(tags=["Payments"])


class MethodRow(Schema):
    """A card or an account. `expires_on`: the first day on which it no longer can be charged; `used_by`: what renews with it."""

    id: int
    kind: str
    label: str
    expires_on: date | None
    usable: bool
    used_by: list[str]


class MethodList(Schema):
    """All payment methods of a customer, oldest first."""

    items: list[MethodRow]


class PayBody(Schema):
    """Which payment method to charge."""

    method: int = Field(ge=1, le=2**63 - 1)


class PaymentOut(Schema):
    """One try to charge.

    `state`: created, sent, unknown (no answer yet), pending (the bank takes days), needs_action (the holder confirms at
    `action_url`), succeeded, declined, cancelled or reversed. `decline_code` says why it was declined.
    """

    id: int
    state: str
    amount: Amount
    currency: str
    method: str
    invoice: str | None
    decline_code: str
    action_url: str
    made_on: date
    ended_on: date | None


@router.get("/customers/{customer}/payment-methods", response={200: MethodList, **PROBLEMS}, operation_id="payment_methods")
@operation(Can.SEE_METHODS)
def payment_methods(request: GateRequest, customer: str) -> MethodList:
    """The cards and accounts that can be charged."""
    rows = queries.shown_methods(request.actor, request.today)
    return MethodList(
        items=[
            MethodRow(
                id=shown.row.pk,
                kind=shown.row.kind,
                label=shown.row.label,
                expires_on=shown.row.expires_on,
                usable=shown.good,
                used_by=list(shown.used_by),
            )
            for shown in rows
        ]
    )


@router.post(
    "/customers/{customer}/invoices/{number}/payments", response={201: PaymentOut, **PROBLEMS}, operation_id="pay_an_invoice"
)
@operation(Can.PAY)
def pay_invoice(request: GateRequest, customer: str, number: str, body: PayBody) -> Status[PaymentOut]:
    """Pay what is open of an invoice. The answer comes before the bank's: read the payment again. Send an `Idempotency-Key`."""
    invoice = invoices.invoice(request.actor, number)
    made = verbs.pay_invoice(request.actor, invoice, method=body.method, on=request.today)
    return Status(201, _payment(queries.attempt(request.actor, made.pk)))


@router.get("/customers/{customer}/payments/{pk}", response={200: PaymentOut, **PROBLEMS}, operation_id="payment")
@operation(Can.PAY)
def payment(request: GateRequest, customer: str, pk: int) -> PaymentOut:
    """What has become of a payment."""
    return _payment(queries.attempt(request.actor, pk))


def _payment(row: "Attempt") -> PaymentOut:
    return PaymentOut(
        id=row.pk,
        state=row.state,
        amount=str(row.amount),
        currency=row.currency,
        method=row.method.label,
        invoice=None if row.invoice is None else row.invoice.number,
        decline_code=row.decline_code,
        action_url=row.action_url,
        made_on=row.made_on,
        ended_on=row.ended_on,
    )
