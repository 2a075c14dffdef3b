"""Returns: what can be given back, what that gives back, and doing it (rules 6)."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from comptoir.kernel.api import PROBLEMS, Text, operation
from comptoir.kernel.asking import ask
from comptoir.kernel.gate import GateRequest
from comptoir.permissions import Can

from ..actions.returns import return_sale
from ..queries.availability import refuse_return
from ..queries.requests import refuse_asking_for_return, request_of
from ..queries.returns import ReturnPreview, preview_return, returns_of, sale_of, sale_to_ask_for
from ..queries.seats import subscription_of
from .orders import Amount
from .requests import RequestOut, request_out
from .seats import day_of, refuse_without_prices

if TYPE_CHECKING:
    from ..models import Subscription

router = Router(tags=["Returns"])


class SaleOut(Schema):
    """What one invoice sold to a subscription, and until when it can be returned; newest first.

    `invoice` is null for whoever may only ask for a return.
    """

    id: int
    invoice: str | None
    kind: str
    bought_on: date
    seats: int
    until: date
    reasons: list[str]


class ReturnBody(Schema):
    """What to return: all that this invoice sold. `quote` makes sure that it is what was seen; `on` is for sandboxes."""

    model_config = ConfigDict(extra="forbid")
    invoice: Annotated[Text, Field(max_length=80)]
    quote: Annotated[Text, Field(max_length=80)] | None = None
    on: date | None = None


class AskForReturnBody(Schema):
    """What to return (`id` of a sale), and why."""

    model_config = ConfigDict(extra="forbid")
    sale: Annotated[int, Field(ge=1, le=2**53, strict=True)]
    reason: Annotated[Text, Field(max_length=500)] = ""


class CreditLine(Schema):
    """How an amount that is given back came about."""

    quantity: int
    unit_price: Amount
    days: int
    denominator: int
    start: date
    end: date
    net: Amount


class ReturnOut(Schema):
    """What a return would give back and leave behind. Nothing has changed."""

    invoice: str
    kind: str
    seats: int
    on: date
    until: date
    currency: str
    lines: list[CreditLine]
    net: Amount
    tax: Amount
    total: Amount
    money_back: Amount
    seats_now_after: int
    seats_at_renewal_after: int
    renews_on: date
    automatic_renewal: bool
    ends_on: date | None
    quote: str


class CreditNoteOut(Schema):
    """The credit note of a return."""

    number: str
    invoice: str
    issued_on: date
    currency: str
    net: Amount
    tax: Amount
    total: Amount


@router.get(
    "/customers/{customer}/subscriptions/{number}/returns", response={200: list[SaleOut], **PROBLEMS}, operation_id="returns"
)
@operation(Can.RETURN)
def returns(request: GateRequest, customer: str, number: str) -> list[SaleOut]:
    """What was ordered here and not returned yet, newest first, each with the codes of why it can't be returned now."""
    refuse_without_prices(request.actor)
    return _listed(request, subscription_of(request.actor, number))


@router.get(
    "/customers/{customer}/subscriptions/{number}/returns/requests",
    response={200: list[SaleOut], **PROBLEMS},
    operation_id="returns_to_ask_for",
)
@operation(Can.ASK)
def returns_to_ask_for(request: GateRequest, customer: str, number: str) -> list[SaleOut]:
    """The same for whoever may only ask for a return."""
    row = subscription_of(request.actor, number)
    return _listed(request, row) if request.actor.may_ask(Can.RETURN, row.contract_id) else []


@router.post(
    "/customers/{customer}/subscriptions/{number}/returns/requests",
    response={201: RequestOut, **PROBLEMS},
    operation_id="ask_for_return",
)
@operation(Can.ASK)
def ask_for_return(request: GateRequest, customer: str, number: str, body: AskForReturnBody) -> Status[RequestOut]:
    """Ask somebody who may to return what was bought last."""
    sale = sale_to_ask_for(request.actor, number, body.sale)
    refuse_asking_for_return(request.actor, sale, request.today)
    asked = ask(request.actor, sale, verb="subscriptions.return_sale", arguments={}, reason=body.reason, on=request.today)
    return Status(201, request_out(request_of(request.actor, asked.pk)))


def _listed(request: GateRequest, row: "Subscription") -> list[SaleOut]:
    sees_prices = request.actor.may(Can.SEE_PRICES, row.contract_id)
    if not sees_prices and not request.actor.may_ask(Can.RETURN, row.contract_id):
        return []
    return [
        SaleOut(
            id=each.sale.pk,
            invoice=str(each.sale.invoice.number) if sees_prices else None,
            kind=each.sale.kind,
            bought_on=each.sale.on,
            seats=each.left,
            until=each.until,
            reasons=list(each.codes),
        )
        for each in returns_of(request.actor, row, request.today)
    ]


@router.post(
    "/customers/{customer}/subscriptions/{number}/returns/preview",
    response={200: ReturnOut, **PROBLEMS},
    operation_id="preview_return",
)
@operation(Can.RETURN)
def preview(request: GateRequest, customer: str, number: str, body: ReturnBody) -> ReturnOut:
    """What a return would give back: lines, tax, money, and what becomes of the subscription. Changes nothing."""
    refuse_without_prices(request.actor)
    on = day_of(request, body.on)
    sale = sale_of(request.actor, number, body.invoice)
    refuse_return(request.actor, sale.subscription, on)
    return _preview(preview_return(request.actor, sale, on))


@router.post(
    "/customers/{customer}/subscriptions/{number}/returns",
    response={201: CreditNoteOut, **PROBLEMS},
    operation_id="return_sale",
)
@operation(Can.RETURN)
def returned(request: GateRequest, customer: str, number: str, body: ReturnBody) -> Status[CreditNoteOut]:
    """Return the whole of what an invoice sold to a subscription; the newest first. Send an `Idempotency-Key`."""
    refuse_without_prices(request.actor)
    sale = sale_of(request.actor, number, body.invoice)
    note = return_sale(request.actor, sale, on=day_of(request, body.on), quote=body.quote)
    told = CreditNoteOut(
        number=str(note.number),
        invoice=body.invoice,
        issued_on=note.issued_on or request.today,
        currency=note.currency,
        net=str(note.net),
        tax=str(note.tax),
        total=str(note.total),
    )
    return Status(201, told)


def _preview(found: ReturnPreview) -> ReturnOut:
    plan = found.plan
    return ReturnOut(
        invoice=str(found.sale.invoice.number),
        kind=found.sale.kind,
        seats=found.seats,
        on=found.on,
        until=found.until,
        currency=found.credit.net.currency,
        lines=[
            CreditLine(
                quantity=seats,
                unit_price=str(line.unit_price),
                days=line.days,
                denominator=line.denominator,
                start=line.start,
                end=line.end,
                net=str(-credit.net),
            )
            for (line, seats), credit in zip(found.lines, plan.credits, strict=True)
        ],
        net=str(found.credit.net),
        tax=str(found.credit.tax),
        total=str(found.credit.total),
        money_back=str(found.money_back),
        seats_now_after=plan.seats_now_after,
        seats_at_renewal_after=plan.seats_at_renewal_after,
        renews_on=plan.renews_on_after,
        automatic_renewal=plan.automatic_after,
        ends_on=plan.ended_on,
        quote=found.quote,
    )
