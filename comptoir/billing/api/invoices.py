"""The API of invoices and credit notes."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.http import Http404, HttpResponse
from django.urls import reverse
from ninja import Field, Query, Router, Schema

from comptoir.kernel.api import PROBLEMS, Limit, operation
from comptoir.kernel.cursors import place_of
from comptoir.kernel.gate import GateRequest
from comptoir.kernel.paging import PAGE_SIZE, Place
from comptoir.permissions import Can

from ..adapters import facturx, pdf
from ..ports import Ports, SoldHere
from ..queries import invoices as queries
from ..queries import lists, statements
from ..rules.tax import percent_text

if TYPE_CHECKING:
    from ..models import InvoiceLine as Line

router = Router(tags=["Invoices"])
SOLD = 200
Amount = Annotated[str, Field(pattern=r"^-?\d+(\.\d+)?$", examples=["329.10"])]


def _file(kind: str) -> dict[str, Any]:
    content = {kind: {"schema": {"type": "string", "format": "binary"}}}
    return {"responses": {200: {"description": "The file", "content": content}}}


PDF, XML = _file("application/pdf"), _file("application/xml")


class InvoiceRow(Schema):
    """One invoice (`kind` F) or credit note (A) as lists show it. `open` is what is still to be paid; less than 0: given back.

    `state`: open, overdue, paid, credited, or note for a credit note. `corrects`: the invoice that a credit note is for.
    """

    number: str
    kind: Literal["F", "A"]
    corrects: str | None
    issued_on: date
    due_on: date
    currency: str
    net: Amount
    tax: Amount
    total: Amount
    open: Amount
    state: str
    po_number: str


class InvoiceLine(Schema):
    """How an amount came about: quantity x unit price x days / denominator = net; `words` says it in the token's language."""

    kind: str
    words: str
    item: str
    reference: str
    start: date
    end: date
    quantity: int
    unit_price: Amount
    list_price: Amount | None
    promotion: str
    days: int
    denominator: int
    net: Amount
    tax_rate_percent: Amount


class Movement(Schema):
    """What happened to an invoice: its amount (less than 0 takes off), and what was to be paid after it."""

    on: date
    words: str
    amount: Amount
    open: Amount
    document: str | None


class Sold(Schema):
    """What an invoice sold to one subscription. `until` null: nothing is left to return; `reasons`: why it can't be now."""

    subscription: str
    product: str
    kind: str
    seats: int
    until: date | None
    returned_on: date | None
    reasons: list[str]


class InvoiceDetail(InvoiceRow):
    """One document with its lines, what happened since, and where its files are; `xml` null: EN 16931 can't carry it.

    `sold` are the first 200 of what it sold, with whether that can be returned.
    """

    lines: list[InvoiceLine]
    statement: list[Movement]
    sold: list[Sold]
    tax_treatment: str
    payment_method: str
    reason: str
    pdf: str
    xml: str | None


class InvoicePage(Schema):
    """One page of a list; `next` is the cursor of the page after, or null."""

    items: list[InvoiceRow]
    next: str | None


@router.get("/customers/{customer}/invoices", response={200: InvoicePage, **PROBLEMS}, operation_id="invoices")
@operation(Can.SEE_INVOICES)
def invoices(
    request: GateRequest,
    customer: str,
    cursor: str = "",
    limit: Limit = PAGE_SIZE,
    show: lists.Shown | None = None,
    year: Annotated[int | None, Query(ge=1900, le=9999)] = None,
) -> InvoicePage:
    """The invoices and credit notes that one may see, newest first."""
    place_of(cursor, (int,))
    wanted = lists.Wanted(show, year)
    page = lists.page_of_documents(request.actor, wanted, request.today, Place(after=cursor), size=limit)
    return InvoicePage(items=[_row(row) for row in page.rows], next=page.next or None)


@router.get("/customers/{customer}/invoices/{number}", response={200: InvoiceDetail, **PROBLEMS}, operation_id="invoice")
@operation(Can.SEE_INVOICES)
def invoice(request: GateRequest, customer: str, number: str) -> InvoiceDetail:
    """One invoice or credit note."""
    found = queries.invoice(request.actor, number)
    row = lists.row_of(request.actor, found, request.today)
    files = {"customer": customer, "number": number}
    statement = statements.statement_of(request.actor, found)
    return InvoiceDetail(
        **dict(_row(row)),
        lines=[_line(line, told.words) for line, told in zip(queries.lines_of(found), queries.sums_of(found), strict=True)],
        statement=[_movement(movement) for movement in statement],
        sold=[]
        if found.corrects
        else [_sold(each) for each in Ports.returns.of_invoice(request.actor, found, request.today, SOLD)],
        tax_treatment=found.tax_treatment,
        payment_method=found.payment_method,
        reason=found.reason,
        pdf=reverse("api-1:invoice_pdf", kwargs=files),
        xml=reverse("api-1:invoice_xml", kwargs=files) if facturx.can_carry(found) else None,
    )


@router.get(
    "/customers/{customer}/invoices/{number}/pdf",
    response={200: None, **PROBLEMS},
    operation_id="invoice_pdf_file",
    url_name="invoice_pdf",
    openapi_extra=PDF,
)
@operation(Can.SEE_INVOICES)
def invoice_pdf(request: GateRequest, customer: str, number: str) -> HttpResponse:
    """The document as a PDF, with the data in it."""
    return HttpResponse(pdf.pdf_of(queries.invoice(request.actor, number)), content_type="application/pdf")


@router.get(
    "/customers/{customer}/invoices/{number}/xml",
    response={200: None, **PROBLEMS},
    operation_id="invoice_xml_file",
    url_name="invoice_xml",
    openapi_extra=XML,
)
@operation(Can.SEE_INVOICES)
def invoice_xml(request: GateRequest, customer: str, number: str) -> HttpResponse:
    """The document as data: Factur-X, EN 16931. 404 where the standard can't carry its amounts."""
    xml = facturx.xml_of(queries.invoice(request.actor, number))
    if xml is None:
        raise Http404
    return HttpResponse(xml, content_type="application/xml")


def _row(row: lists.Row) -> InvoiceRow:
    return InvoiceRow(
        number=row.number,
        kind=row.kind.value,
        corrects=row.corrects or None,
        issued_on=row.issued_on,
        due_on=row.due_on,
        currency=row.total.currency,
        net=str(row.net),
        tax=str(row.tax),
        total=str(row.total),
        open=str(row.left),
        state=row.state.value,
        po_number=row.po_number,
    )


def _line(line: "Line", words: str) -> InvoiceLine:
    return InvoiceLine(
        kind=line.kind,
        words=words,
        item=line.item,
        reference=line.reference,
        start=line.start,
        end=line.end,
        quantity=line.quantity,
        unit_price=str(line.unit_price),
        list_price=None if line.list_price is None else str(line.list_price),
        promotion=line.promotion,
        days=line.days,
        denominator=line.denominator,
        net=str(line.net),
        tax_rate_percent=percent_text(line.tax_basis_points),
    )


def _sold(sold: SoldHere) -> Sold:
    return Sold(
        subscription=sold.subscription,
        product=sold.product,
        kind=sold.kind,
        seats=sold.seats,
        until=sold.until,
        returned_on=sold.returned_on,
        reasons=list(sold.codes),
    )


def _movement(movement: statements.Movement) -> Movement:
    return Movement(
        on=movement.on,
        words=movement.words,
        amount=str(movement.amount),
        open=str(movement.left),
        document=movement.document or None,
    )
