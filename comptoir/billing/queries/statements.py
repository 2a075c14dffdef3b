"""The statement of one invoice: what took it from its total to what is still to be paid."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from comptoir.kernel.actor import Actor
from comptoir.kernel.money import Money

from ..models import Allocation, Invoice, Refund
from .documents import title_of, why


@dataclass(frozen=True, slots=True)
class Movement:
    """One line: what happened on a day, its amount (less than nothing takes off), and what was to be paid after it.

    `document` is the number of the credit note that it is about.
    """

    on: date
    words: str
    amount: Money
    left: Money
    document: str = ""
    note: str = ""


def statement_of(actor: Actor, invoice: Invoice) -> list[Movement]:
    """The lines of an invoice in their order: its total, payments, credit notes, refunds. Nothing for a credit note."""
    if invoice.kind == Invoice.Kind.CREDIT_NOTE or invoice.issued_on is None:
        return []
    lines = [Movement(invoice.issued_on, title_of(invoice), invoice.total, invoice.total)]
    moved = [*_notes(actor, invoice), *_payments(actor, invoice), *_refunds(actor, invoice)]
    for on, _place, words, amount, document, note in sorted(moved, key=lambda line: line[:2]):
        lines.append(Movement(on, words, amount, lines[-1].left + amount, document, note))
    return lines


Moved = tuple[date, tuple[int, int], str, Money, str, str]


def credit_notes_of(actor: Actor, invoice: Invoice) -> list[Invoice]:
    """The credit notes of an invoice, oldest first."""
    rows = Invoice.objects.filter(organisation_id=actor.customer_id, corrects=invoice, number__isnull=False)
    return list(rows.order_by("id"))


def _notes(actor: Actor, invoice: Invoice) -> Iterator[Moved]:
    for note in credit_notes_of(actor, invoice):
        if note.issued_on is not None:
            yield note.issued_on, (0, note.pk), title_of(note), -note.total, str(note.number), why(note)


def _payments(actor: Actor, invoice: Invoice) -> Iterator[Moved]:
    rows = Allocation.objects.filter(organisation_id=actor.customer_id, invoice=invoice)
    for row in rows.select_related("payment__attempt__method").order_by("id"):
        words = _how(row) if row.amount_minor > 0 else _("Taken back by the bank")
        yield row.on, (1, row.pk), words, Money(-row.amount_minor, invoice.currency), "", ""


def _how(row: Allocation) -> str:
    if row.from_credit:
        return _("Paid from your credit")
    if row.payment.attempt is None:
        return _("Paid by bank transfer")
    return _("Paid with %(method)s") % {"method": row.payment.attempt.method.label}


def _refunds(actor: Actor, invoice: Invoice) -> Iterator[Moved]:
    rows = Refund.objects.filter(organisation_id=actor.customer_id, credit_note__corrects=invoice)
    on_its_way = {Refund.State.CREATED, Refund.State.SENT, Refund.State.UNKNOWN, Refund.State.PENDING}
    for row in rows.select_related("payment__attempt__method").order_by("id"):
        attempt = row.payment.attempt
        to = _("to your bank account") if attempt is None else _("to %(method)s") % {"method": attempt.method.label}
        words = _("Given back %(to)s") % {"to": to}
        note = _("On its way: banks take some days.") if row.state in on_its_way else ""
        if row.state in {Refund.State.BY_HAND, Refund.State.FAILED}:
            note = _("We pay it out by bank transfer.")
        yield row.made_on, (2, row.pk), words, row.amount, "", note
