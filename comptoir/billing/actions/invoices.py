"""The only code that writes invoices."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from django.conf import settings
from django.db import connection

from comptoir.events import Events
from comptoir.kernel.action import step
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.money import Money
from comptoir.kernel.recording import record
from comptoir.organisations.models import Organisation

from ..models import Invoice, InvoiceLine, Series
from ..rules import DocumentKind, TaxTreatment, Totals, due_on, format_number


@dataclass(frozen=True, slots=True)
class Line:
    """One line to invoice: `quantity` x `unit_price` x `days` of `denominator` days = `net`."""

    kind: str
    item: str
    reference: str
    start: date
    end: date
    quantity: int
    unit_price: Money
    days: int
    denominator: int
    net: Money


@step
def issue_invoice(
    organisation: Organisation,
    *,
    contract_id: int,
    payment_method: str,
    lines: Sequence[Line],
    treatment: TaxTreatment,
    totals: Totals,
    on: date,
) -> Invoice:
    """Write an invoice with its lines and give it the next number of its series, last (rules 6).

    The issue day is `on`, or the day of the invoice before it where that is later.
    """
    language = organisation.language if organisation.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    invoice = Invoice.objects.create(
        organisation=organisation,
        contract_id=contract_id,
        payment_method=payment_method,
        currency=totals.net.currency,
        seller=asdict(settings.VENDOR),
        buyer=_address_of(organisation),
        po_number=organisation.po_number,
        invoice_email=organisation.invoice_email,
        language=language,
        tax_treatment=treatment.code,
        net_minor=totals.net.minor,
        tax_minor=totals.tax.minor,
        total_minor=totals.total.minor,
    )
    InvoiceLine.objects.bulk_create(_row(invoice, n, line, treatment) for n, line in enumerate(lines, 1))
    failpoint("invoice.drafted")
    _give_number(invoice, on)
    failpoint("invoice.numbered")
    total = f"{invoice.total} {invoice.currency}"
    record(Events.INVOICE_ISSUED, invoice, contract_id=contract_id, on=on, number=invoice.number, total=total)
    return invoice


def _row(invoice: Invoice, position: int, line: Line, treatment: TaxTreatment) -> InvoiceLine:
    return InvoiceLine(
        organisation_id=invoice.organisation_id,
        invoice=invoice,
        position=position,
        kind=line.kind,
        item=line.item,
        reference=line.reference,
        start=line.start,
        end=line.end,
        quantity=line.quantity,
        unit_minor=line.unit_price.minor,
        days=line.days,
        denominator=line.denominator,
        net_minor=line.net.minor,
        tax_basis_points=treatment.rate_basis_points,
        currency=line.net.currency,
    )


def _address_of(organisation: Organisation) -> dict[str, str]:
    fields = ("number", "name", "street", "postcode", "city", "country", "tax_number")
    return {field: getattr(organisation, field) for field in fields}


def _give_number(invoice: Invoice, on: date) -> None:
    series = _locked_series(DocumentKind(invoice.kind), on)
    day = max(on, series.last_day or on)
    series.last, series.last_day = series.last + 1, day
    series.save(update_fields=["last", "last_day"])
    invoice.number = format_number(DocumentKind(invoice.kind), series.year, series.last)
    invoice.issued_on, invoice.due_on = day, due_on(day, settings.INVOICE_DUE_DAYS)
    invoice.save(update_fields=["number", "issued_on", "due_on"])


def _locked_series(kind: DocumentKind, on: date) -> Series:
    """The series of that day's year, or the latest where one of a later year has begun: numbers never go back in time."""
    own = Series.objects.filter(legal_entity=settings.VENDOR.legal_name, kind=kind)
    while True:
        latest = own.select_for_update(no_key=True).order_by("-year").first()
        if latest is not None and latest.year >= on.year:
            return latest
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO billing_series (legal_entity, kind, year, last) VALUES (%s, %s, %s, 0) ON CONFLICT DO NOTHING",
                [settings.VENDOR.legal_name, kind.value, on.year],
            )
