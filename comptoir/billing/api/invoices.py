"""The API of invoices."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

from ninja import Field, Query, Router, Schema

from comptoir.kernel.api import PROBLEMS, cursor_of, operation, place_of
from comptoir.kernel.gate import GateRequest
from comptoir.permissions import Can

from ..queries import invoices as queries

if TYPE_CHECKING:
    from ..models import Invoice

router = Router(tags=["Invoices"])
Amount = Annotated[str, Field(pattern=r"^-?\d+(\.\d+)?$", examples=["329.10"])]


class InvoiceRow(Schema):
    """One invoice as lists show it."""

    number: str
    issued_on: date
    due_on: date
    currency: str
    net: Amount
    tax: Amount
    total: Amount


class InvoiceLine(Schema):
    """How an amount came about: quantity x unit price x days / denominator = net."""

    kind: str
    item: str
    reference: str
    start: date
    end: date
    quantity: int
    unit_price: Amount
    days: int
    denominator: int
    net: Amount
    tax_rate_percent: Amount


class InvoiceDetail(InvoiceRow):
    """One invoice with its lines."""

    lines: list[InvoiceLine]
    tax_treatment: str
    payment_method: str
    po_number: str


class InvoicePage(Schema):
    """One page of a list; `next` is the cursor of the page after, or null."""

    items: list[InvoiceRow]
    next: str | None


@router.get("/customers/{customer}/invoices", response={200: InvoicePage, **PROBLEMS}, operation_id="invoices")
@operation(Can.SEE_INVOICES)
def invoices(
    request: GateRequest, customer: str, cursor: str | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> InvoicePage:
    """The invoices that one may see, newest first."""
    place = place_of(cursor, (int,))
    rows = queries.page_of_invoices(request.actor, before=place[0] if place else None, size=limit)
    more = cursor_of(rows[limit - 1].pk) if len(rows) > limit else None
    return InvoicePage(items=[_row(row) for row in rows[:limit]], next=more)


@router.get("/customers/{customer}/invoices/{number}", response={200: InvoiceDetail, **PROBLEMS}, operation_id="invoice")
@operation(Can.SEE_INVOICES)
def invoice(request: GateRequest, customer: str, number: str) -> InvoiceDetail:
    """One invoice."""
    found = queries.invoice(request.actor, number)
    lines = [
        InvoiceLine(
            kind=line.kind,
            item=line.item,
            reference=line.reference,
            start=line.start,
            end=line.end,
            quantity=line.quantity,
            unit_price=str(line.unit_price),
            days=line.days,
            denominator=line.denominator,
            net=str(line.net),
            tax_rate_percent=f"{line.tax_basis_points // 100}.{line.tax_basis_points % 100:02d}",
        )
        for line in sorted(found.lines.all(), key=lambda line: line.position)
    ]
    return InvoiceDetail(
        **dict(_row(found)),
        lines=lines,
        tax_treatment=found.tax_treatment,
        payment_method=found.payment_method,
        po_number=found.po_number,
    )


def _row(row: "Invoice") -> InvoiceRow:
    return InvoiceRow.model_validate(
        {
            "number": row.number,
            "issued_on": row.issued_on,
            "due_on": row.due_on,
            "currency": row.currency,
            "net": str(row.net),
            "tax": str(row.tax),
            "total": str(row.total),
        }
    )
