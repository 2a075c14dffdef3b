"""The API of payment methods and payments. Methods are given and removed in the browser, by somebody who shows who they are."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

from ninja import Field, Router, Schema, Status

from comptoir.kernel.api import PROBLEMS, operation
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest
from comptoir.kernel.money import Money
from comptoir.permissions import Can

from ..actions import kept as credit_verbs
from ..actions import payments as verbs
from ..queries import invoices, kept
from ..queries import payments as queries
from ..rules.kept import CreditPlan
from .invoices import Amount

if TYPE_CHECKING:
    from ..models import Attempt

router = Router(tags=["Payments"])
Typed = Annotated[str, Field(max_length=20, pattern=r"^[0-9]+(\.[0-9]+)?$", examples=["12.00"])]


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


class CreditOut(Schema):
    """What came in and pays nothing yet."""

    credit: Amount
    currency: str


class CreditPreviewBody(Schema):
    """How much of the credit is to be used; null: as much as fits."""

    amount: Typed | None = None


class CreditBody(Schema):
    """How much of the credit is to be used, as the preview says it."""

    amount: Typed


class CreditUse(Schema):
    """What using credit on an invoice does: what it pays, what stays `open` of the invoice, what is `left` of the credit."""

    used: Amount
    open: Amount
    left: Amount
    currency: str


@router.get("/customers/{customer}/credit", response={200: CreditOut, **PROBLEMS}, operation_id="credit")
@operation(Can.PAY)
def credit(request: GateRequest, customer: str) -> CreditOut:
    """The customer's credit: what stayed of bank transfers. It pays an invoice where one says so."""
    found = kept.credit_of_customer(request.actor, request.customer.currency)
    return CreditOut(credit=str(found), currency=found.currency)


@router.post(
    "/customers/{customer}/invoices/{number}/credit/preview",
    response={200: CreditUse, **PROBLEMS},
    operation_id="preview_use_of_credit",
)
@operation(Can.PAY)
def preview_use_of_credit(request: GateRequest, customer: str, number: str, body: CreditPreviewBody) -> CreditUse:
    """What credit would pay of an invoice."""
    used = None if body.amount is None else _money(body.amount, request.customer.currency)
    return _use(kept.preview_credit(request.actor, invoices.invoice(request.actor, number), used))


@router.post("/customers/{customer}/invoices/{number}/credit", response={200: CreditUse, **PROBLEMS}, operation_id="use_credit")
@operation(Can.PAY)
def use_credit(request: GateRequest, customer: str, number: str, body: CreditBody) -> CreditUse:
    """Let credit pay an invoice, once. Send an `Idempotency-Key`; `open` and `left` are what they are now."""
    used, invoice = _money(body.amount, request.customer.currency), invoices.invoice(request.actor, number)
    credit_verbs.use_credit(request.actor, invoice, minor=used.minor, on=request.today)
    balance = queries.balance_of(request.actor, invoice.pk)
    open_ = Money.zero(used.currency) if balance is None else balance.open
    return _use(CreditPlan(used, open_, kept.credit_of_customer(request.actor, used.currency)))


def _money(amount: str, currency: str) -> Money:
    try:
        return Money.parse(amount, currency)
    except ValueError:
        raise Refused("amount_malformed", params={"currency": currency}, field="amount", status=422) from None


def _use(plan: CreditPlan) -> CreditUse:
    return CreditUse(used=str(plan.used), open=str(plan.open), left=str(plan.left), currency=plan.used.currency)


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
