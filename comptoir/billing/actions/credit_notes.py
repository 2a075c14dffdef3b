"""The only code that writes credit notes. An invoice is never edited: a credit note takes lines of it back (rules 6)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date

from django.conf import settings

from comptoir.events import Events
from comptoir.kernel.action import step
from comptoir.kernel.errors import HouseRule
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.recording import record

from ..models import Invoice, InvoiceLine
from ..queries.credits import creditable_lines, treatment_of
from ..rules import Credit, DocumentKind, credit_of
from .numbers import give_numbers


@step
def issue_credit_note(invoice: Invoice, credits: Sequence[tuple[InvoiceLine, int]], *, reason: str, on: date) -> Invoice:
    """Take back `quantity` of each given line of an issued invoice; a line of 3 seats can be taken back in parts (rules 1, 6).

    Amounts are positive; tax is what the invoice bore before less what it bears after, so a full return closes to zero. Its own
    series, same days as invoices. Raises Refused `credit_exceeds_line`; HouseRule for lines of another invoice.
    """
    if invoice.kind != Invoice.Kind.INVOICE or invoice.number is None:
        raise HouseRule(f"{invoice.number} is not an issued invoice: nothing of it can be credited")
    # two credit notes of one invoice never count the same remainder
    Invoice.objects.select_for_update(no_key=True).get(pk=invoice.pk)
    rows, lines = creditable_lines(invoice)
    wanted = _wanted(credits, rows)
    credit = credit_of(lines, [wanted[row.pk] for row in rows], treatment_of(invoice, rows))
    note = _note(invoice, credit, reason)
    note.save(force_insert=True)
    InvoiceLine.objects.bulk_create(_lines(note, rows, wanted, credit))
    failpoint("credit_note.drafted")
    give_numbers(DocumentKind.CREDIT_NOTE, [note], [0], on)
    failpoint("credit_note.numbered")
    total = f"{note.total} {note.currency}"
    record(
        Events.CREDIT_NOTE_ISSUED,
        note,
        contract_id=note.contract_id,
        on=on,
        number=note.number,
        invoice=invoice.number,
        total=total,
        reason=reason,
        mailbox=bool(note.invoice_email),
    )
    return note


def _wanted(credits: Sequence[tuple[InvoiceLine, int]], rows: Sequence[InvoiceLine]) -> Mapping[int, int]:
    wanted: dict[int, int] = defaultdict(int)
    known = {row.pk for row in rows}
    for line, quantity in credits:
        if line.pk not in known:
            raise HouseRule(f"line {line.pk} is of another invoice")
        wanted[line.pk] += quantity
    return wanted


def _note(invoice: Invoice, credit: Credit, reason: str) -> Invoice:
    copied = ("organisation_id", "contract_id", "payment_method", "currency", "buyer", "po_number", "invoice_email", "language")
    return Invoice(
        kind=Invoice.Kind.CREDIT_NOTE,
        corrects=invoice,
        reason=reason,
        seller=asdict(settings.VENDOR),
        tax_treatment=invoice.tax_treatment,
        net_minor=credit.net.minor,
        tax_minor=credit.tax.minor,
        total_minor=credit.total.minor,
        **{field: getattr(invoice, field) for field in copied},
    )


def _lines(note: Invoice, rows: Sequence[InvoiceLine], wanted: Mapping[int, int], credit: Credit) -> list[InvoiceLine]:
    copied = (
        "kind",
        "item",
        "reference",
        "start",
        "end",
        "unit_minor",
        "list_minor",
        "promotion",
        "days",
        "denominator",
        "tax_basis_points",
        "currency",
    )
    taken_back = [(row, net) for row, net in zip(rows, credit.nets, strict=True) if wanted[row.pk]]
    return [
        InvoiceLine(
            organisation_id=note.organisation_id,
            invoice=note,
            position=position,
            credits=row,
            quantity=wanted[row.pk],
            net_minor=net.minor,
            **{field: getattr(row, field) for field in copied},
        )
        for position, (row, net) in enumerate(taken_back, 1)
    ]
