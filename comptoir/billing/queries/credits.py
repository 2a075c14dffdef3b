"""What of an invoice can still be credited."""

from collections.abc import Sequence

from django.db.models import Sum

from ..models import Invoice, InvoiceLine
from ..rules import Credit, CreditableLine, TaxKind, TaxTreatment, credit_of


def creditable_lines(invoice: Invoice) -> tuple[list[InvoiceLine], list[CreditableLine]]:
    """The lines of an invoice in their order: as rows, and with what credit notes have taken back of each."""
    theirs = InvoiceLine.objects.filter(organisation_id=invoice.organisation_id)
    rows = list(theirs.filter(invoice=invoice).order_by("position"))
    credited = dict(
        theirs.filter(credits__in=[row.pk for row in rows]).values_list("credits").annotate(Sum("quantity")).order_by()
    )
    lines = [
        CreditableLine(row.position, row.quantity, credited.get(row.pk, 0), row.unit_price, row.days, row.denominator)
        for row in rows
    ]
    return rows, lines


def treatment_of(invoice: Invoice, rows: Sequence[InvoiceLine]) -> TaxTreatment:
    """How an issued invoice was taxed, as it says itself: never as it would be taxed today."""
    kind = TaxKind(invoice.tax_treatment.removeprefix("tax_"))
    return TaxTreatment(kind, rows[0].tax_basis_points, invoice.tax_treatment, invoice.buyer["country"])


def preview_credit(invoice: Invoice, credits: Sequence[tuple[InvoiceLine, int]]) -> Credit:
    """What a credit note of these lines would give back. Raises Refused `credit_exceeds_line`."""
    rows, lines = creditable_lines(invoice)
    wanted = {row.pk: 0 for row in rows}
    for line, quantity in credits:
        wanted[line.pk] += quantity
    return credit_of(lines, [wanted[row.pk] for row in rows], treatment_of(invoice, rows))
