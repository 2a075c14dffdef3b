"""Orders: what was ordered, where it stands, what it was settled with."""

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from ninja import Field, Router, Schema

from comptoir.kernel.api import PROBLEMS, Limit, operation
from comptoir.kernel.cursors import cursor_of, place_of
from comptoir.kernel.gate import GateRequest
from comptoir.kernel.paging import PAGE_SIZE
from comptoir.permissions import Can

from ..queries.orders import invoices_of, lines_of, order_of, orders_after

if TYPE_CHECKING:
    from ..models import Order, OrderLine
    from ..rules import SeatLine

router = Router(tags=["Orders"])
Amount = Annotated[str, Field(pattern=r"^-?\d+(\.\d+)?$", examples=["329.10"])]


class OrderState(StrEnum):
    """Where an order stands."""

    PLACED = "placed"
    SETTLED = "settled"
    FAILED = "failed"
    PARKED = "parked"


class OrderVerb(StrEnum):
    """What can be ordered."""

    ADD_SEATS = "add_seats"
    ALIGN = "align"
    RENEW = "renew"
    BUY = "buy"


class Line(Schema):
    """How an amount came about: quantity x unit price x days / denominator = net."""

    kind: str
    quantity: int
    unit_price: Amount
    days: int
    denominator: int
    start: date
    end: date
    net: Amount


class OrderLineOut(Line):
    """A line of an order, with what it is for: a subscription, or the product that one is to be made of."""

    subscription: str | None
    product: str | None


class OrderOut(Schema):
    """An order as it stands: on its way, settled, failed or held."""

    number: str
    subscription: str | None  # null for an order about several
    subscriptions: list[str]
    action: str
    seats: int
    ordered_on: date
    settled_on: date | None
    currency: str
    lines: list[OrderLineOut]
    net: Amount
    tax: Amount
    total: Amount
    seats_after: int
    state: str
    failed_because: str | None
    payment_method: str
    po_number: str
    invoice: str | None  # the first; a client that knows of several reads `invoices`
    invoices: list[str]


class OrderRowOut(Schema):
    """One order as lists show it."""

    number: str
    action: str
    seats: int
    subscriptions: int
    ordered_on: date
    currency: str
    total: Amount
    state: str
    invoices: list[str]


class OrderPage(Schema):
    """One page of a list; `next` is the cursor of the page after, or null."""

    items: list[OrderRowOut]
    next: str | None


@router.get("/customers/{customer}/orders", response={200: OrderPage, **PROBLEMS}, operation_id="orders")
@operation(Can.SEE_PRICES)
def orders(
    request: GateRequest,
    customer: str,
    cursor: str | None = None,
    state: OrderState | None = None,
    action: OrderVerb | None = None,
    limit: Limit = PAGE_SIZE,
) -> OrderPage:
    """The orders that one may see the prices of, newest first."""
    place = place_of(cursor, (int,))
    told = {"state": state.value if state else "", "verb": action.value if action else ""}
    rows = orders_after(request.actor, **told, before=place[0] if place else None, size=limit)
    more = cursor_of(rows[limit - 1][0]) if len(rows) > limit else None
    items = [
        OrderRowOut(
            number=row.number,
            action=row.verb,
            seats=row.seats,
            subscriptions=row.subscriptions,
            ordered_on=row.ordered_on,
            currency=row.total.currency,
            total=str(row.total),
            state=row.state,
            invoices=list(row.invoices),
        )
        for _pk, row in rows[:limit]
    ]
    return OrderPage(items=items, next=more)


@router.get("/customers/{customer}/orders/{number}", response={200: OrderOut, **PROBLEMS}, operation_id="order")
@operation(Can.SEE_PRICES)
def order(request: GateRequest, customer: str, number: str) -> OrderOut:
    """One order."""
    return order_out(order_of(request.actor, number))


def line_out(line: "SeatLine | OrderLine") -> Line:
    """A line, as the API says it."""
    return Line(
        kind=line.kind,
        quantity=line.quantity,
        unit_price=str(line.unit_price),
        days=line.days,
        denominator=line.denominator,
        start=line.start,
        end=line.end,
        net=str(line.net),
    )


def order_out(row: "Order") -> OrderOut:
    """An order with its lines, as the API says it."""
    invoices = [str(invoice.number) for invoice in invoices_of(row)]
    lines = [
        OrderLineOut(
            **line_out(line).dict(),
            subscription=line.subscription.number if line.subscription else None,
            product=line.product.code if line.product else None,
        )
        for line in lines_of(row)
    ]
    named = [line.subscription for line in lines if line.subscription is not None]
    return OrderOut(
        number=row.number,
        subscription=row.subscription.number if row.subscription else None,
        subscriptions=list(dict.fromkeys(named)) or ([row.subscription.number] if row.subscription else []),
        action=row.verb,
        seats=row.seats,
        ordered_on=row.ordered_on,
        settled_on=row.settled_on,
        currency=row.currency,
        lines=lines,
        net=str(row.net),
        tax=str(row.tax),
        total=str(row.total),
        seats_after=row.seats_before + row.seats,
        state=row.state,
        failed_because=row.failed_because or None,
        payment_method=row.payment_method,
        po_number=row.po_number,
        invoice=invoices[0] if invoices else None,
        invoices=invoices,
    )
