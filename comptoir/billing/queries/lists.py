"""Invoices and credit notes as lists show them: what is open, overdue, paid. The actor comes first and is the first filter."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comptoir.kernel.actor import Actor
from comptoir.kernel.money import Money
from comptoir.kernel.paging import Key, Page, Place, every, page_of
from comptoir.permissions import Can

from ..models import Invoice, InvoiceBalance
from ..rules import DocumentKind, InvoiceState, state_of
from .invoices import invoices


class Shown(StrEnum):
    """Which documents a list shows."""

    OPEN = "open"
    OVERDUE = "overdue"
    PAID = "paid"
    CREDIT_NOTES = "credit_notes"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; nothing: all."""

    shown: Shown | None = None
    year: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One document of a list. `left` is what is still to be paid; less than nothing: it is given back."""

    id: int
    number: str
    kind: DocumentKind
    corrects: str
    contract_id: int
    issued_on: date
    due_on: date
    net: Money
    tax: Money
    total: Money
    left: Money
    state: InvoiceState
    days_over: int
    po_number: str

    @property
    def signed(self) -> Money:
        """The total, less than nothing for a credit note."""
        return -self.total if self.kind is DocumentKind.CREDIT_NOTE else self.total

    @property
    def word(self) -> tuple[str, str]:
        """The state in a word, and its colour."""
        match self.state:
            case InvoiceState.NOTE:
                return _("Credit note"), ""
            case InvoiceState.OPEN:
                return _("Open"), "warn"
            case InvoiceState.OVERDUE:
                words = ngettext("%(n)s day overdue", "%(n)s days overdue", self.days_over)
                return words % {"n": self.days_over}, "danger"
            case InvoiceState.CREDITED:
                return _("Credited"), "hollow"
        return _("Paid"), "good"


@dataclass(frozen=True, slots=True)
class Figures:
    """What is to be paid, in all and late, and what is due next. In the customer's one currency."""

    open: int
    to_pay: Money
    overdue: int
    late: Money
    next_due: date | None


COLUMNS = ("id", "number", "kind", "contract_id", "issued_on", "due_on", "currency", "po_number")
DOCUMENTS = (  # of a file: never renamed
    *("number", "kind", "corrects", "issued_on", "due_on", "po_number", "currency", "net", "tax", "total", "open", "state"),
)
AMOUNTS = ("net_minor", "tax_minor", "total_minor")


def documents(actor: Actor, wanted: Wanted, on: date) -> QuerySet[Invoice]:
    """The documents that the actor may see and wants."""
    found = invoices(actor).order_by()
    match wanted.shown:
        case Shown.OPEN:
            found = found.filter(balance__open_minor__gt=0)
        case Shown.OVERDUE:
            found = found.filter(balance__open_minor__gt=0, balance__due_on__lt=on)
        case Shown.PAID:
            found = found.filter(balance__open_minor__lte=0)
        case Shown.CREDIT_NOTES:
            found = found.filter(kind=Invoice.Kind.CREDIT_NOTE)
    if wanted.year is not None:
        found = found.filter(issued_on__year=wanted.year)
    if wanted.words:
        found = found.filter(Q(number__icontains=wanted.words) | Q(po_number__icontains=wanted.words))
    return found


def page_of_documents(actor: Actor, wanted: Wanted, on: date, place: Place, *, size: int) -> Page[Row]:
    """One page of them, newest first. Raises Http404 for a place that is none."""
    rows = documents(actor, wanted, on).values(*COLUMNS, *AMOUNTS, open_minor=F("balance__open_minor"), of=F("corrects__number"))
    page = page_of(rows, [Key("id", int)], place, descending=True, size=size)
    return Page(_rows(actor, page.rows, on), page.next, page.previous)


def document_rows(actor: Actor, wanted: Wanted, on: date) -> Iterator[Mapping[str, Any]]:
    """All of them, for a file: what a credit note says is what it gives back."""
    for row in every(lambda place: page_of_documents(actor, wanted, on, place, size=place.size)):
        yield {
            "number": row.number,
            "kind": row.kind.value,
            "corrects": row.corrects or None,
            "issued_on": row.issued_on,
            "due_on": row.due_on,
            "po_number": row.po_number,
            "currency": row.total.currency,
            "net": row.net.decimal,
            "tax": row.tax.decimal,
            "total": row.total.decimal,
            "open": row.left.decimal,
            "state": row.state.value,
        }


def row_of(actor: Actor, document: Invoice, on: date) -> Row:
    """One document as the list would show it."""
    told = {name: getattr(document, name) for name in (*COLUMNS, *AMOUNTS)}
    balance = InvoiceBalance.objects.filter(organisation_id=actor.customer_id, invoice=document).first()
    told["open_minor"] = None if balance is None else balance.open_minor
    told["of"] = None if document.corrects is None else document.corrects.number
    return _rows(actor, [told], on)[0]


def _rows(actor: Actor, found: Sequence[Mapping[str, Any]], on: date) -> list[Row]:
    notes = Invoice.objects.filter(organisation_id=actor.customer_id, corrects__in=[row["id"] for row in found])
    credited = dict(notes.filter(number__isnull=False).values_list("corrects").annotate(Sum("total_minor")).order_by())
    return [_row(row, credited.get(row["id"], 0), on) for row in found]


def _row(row: Mapping[str, Any], credited: int, on: date) -> Row:
    kind, left = DocumentKind(row["kind"]), row["open_minor"] or 0
    currency = row["currency"]
    return Row(
        id=row["id"],
        number=row["number"],
        kind=kind,
        corrects=row["of"] or "",
        contract_id=row["contract_id"],
        issued_on=row["issued_on"],
        due_on=row["due_on"],
        net=Money(row["net_minor"], currency),
        tax=Money(row["tax_minor"], currency),
        total=Money(row["total_minor"], currency),
        left=Money(left, currency),
        state=state_of(kind, row["total_minor"], credited, left, row["due_on"], on),
        days_over=(on - row["due_on"]).days,
        po_number=row["po_number"],
    )


def figures(actor: Actor, currency: str, on: date) -> Figures:
    """What the actor's customer has to pay, as far as they may see it. One statement, by an index of what is open."""
    rows = InvoiceBalance.objects.filter(organisation_id=actor.customer_id, open_minor__gt=0)
    contracts = actor.contracts(Can.SEE_INVOICES)
    if contracts is not None:
        rows = rows.filter(contract_id__in=contracts)
    late = Q(due_on__lt=on)
    found = rows.aggregate(
        open=Count("id"),
        to_pay=Sum("open_minor"),
        overdue=Count("id", filter=late),
        late=Sum("open_minor", filter=late),
        next_due=Min("due_on", filter=~late),
    )
    to_pay, later = Money(found["to_pay"] or 0, currency), Money(found["late"] or 0, currency)
    return Figures(found["open"], to_pay, found["overdue"], later, found["next_due"])


def years(actor: Actor) -> list[int]:
    """The years in which the customer has documents, newest first: from its first and its last."""
    found = invoices(actor)
    first, last = (
        found.order_by("id").values_list("issued_on", flat=True).first(),
        found.values_list("issued_on", flat=True).first(),
    )
    if first is None or last is None:
        return []
    return list(range(last.year, first.year - 1, -1))
