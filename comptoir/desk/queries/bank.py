"""A line of the bank's that fits no invoice: which open invoices it may pay, over all customers and of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from comptoir.billing.models import InvoiceBalance, StatementLine
from comptoir.billing.rules.bank import numbers_in
from comptoir.kernel.actor import Actor
from comptoir.kernel.money import Money

MOST = 25
LEAST_WORD = 3  # letters that a word of the payer's has before it is looked for among the names of customers


@dataclass(frozen=True, slots=True)
class BankLine:
    """One line of a statement, as the desk reads it."""

    id: int
    booked_on: date
    amount: Money
    payer: str
    told: str
    bank_ref: str
    state: str
    why: str
    note: str
    numbers: str

    @property
    def waits(self) -> bool:
        """Whether nobody has settled it."""
        return self.state == StatementLine.State.UNMATCHED


def line_of(pk: int) -> BankLine:
    """One line of a statement. Raises StatementLine.DoesNotExist."""
    row = StatementLine.objects.get(pk=pk)
    told = {name: getattr(row, name) for name in ("booked_on", "payer", "told", "bank_ref", "state", "why", "note", "numbers")}
    return BankLine(id=row.pk, amount=Money(row.amount_minor, row.currency), **told)


def settled_lines() -> Sequence[BankLine]:
    """The lines that were laid aside, the newest first: a mistake can still be put right."""
    ids = StatementLine.objects.filter(state=StatementLine.State.IGNORED).order_by("-id").values_list("pk", flat=True)[:MOST]
    return [line_of(pk) for pk in ids]


def may_be_paid_by(line: BankLine, words: str) -> Sequence[InvoiceBalance]:
    """The open invoices in the line's currency that it may pay: those that hold the words, or, without words, what fits.

    What fits is the same amount, a number that the payer wrote, or a word of the payer's in the customer's name; best first.
    """
    rows = InvoiceBalance.objects.filter(currency=line.amount.currency, open_minor__gt=0).select_related("organisation")
    same, named = Q(open_minor=line.amount.minor), Q(number__in=numbers_in(f"{line.told} {line.bank_ref}"))
    names = Q(pk__in=[])
    for word in line.payer.split():
        if len(word) >= LEAST_WORD:
            names |= Q(organisation__name__icontains=word)
    rows = _with_words(rows, words) if words else rows.filter(same | named | names)
    best = Case(
        When(named, then=Value(0)),
        When(same & names, then=Value(1)),
        When(same, then=Value(2)),
        When(names, then=Value(3)),
        default=Value(4),
        output_field=IntegerField(),
    )
    return list(rows.annotate(best=best).order_by("best", "due_on", "id")[:MOST])


def _with_words(rows: QuerySet[InvoiceBalance], words: str) -> QuerySet[InvoiceBalance]:
    for word in words.split():
        rows = rows.filter(
            Q(number__icontains=word) | Q(organisation__number__startswith=word) | Q(organisation__name__icontains=word)
        )
    return rows


@dataclass(frozen=True, slots=True)
class Part:
    """What of a line pays one invoice: what was open before, what it pays, what stays open."""

    number: str
    due_on: date
    open: Money
    paid: Money

    @property
    def left(self) -> Money:
        """What stays open of the invoice."""
        return self.open - self.paid


def open_invoices(actor: Actor, currency: str) -> list[InvoiceBalance]:
    """The open invoices of the actor's customer in one currency, those due first first."""
    rows = InvoiceBalance.objects.filter(organisation_id=actor.customer_id, currency=currency, open_minor__gt=0)
    return list(rows.order_by("due_on", "id")[: MOST * 4])


def parts_of(balances: Sequence[InvoiceBalance], paid: Mapping[str, Money]) -> list[Part]:
    """What each invoice that is named gets."""
    return [Part(row.number, row.due_on, row.open, paid[row.number]) for row in balances if row.number in paid]


def spread(amount: Money, balances: Sequence[InvoiceBalance], first: str) -> dict[str, Money]:
    """The amount for the chosen invoice, or where it is not there for those due first, at most what is open of each."""
    chosen = [row for row in balances if row.number == first] or balances
    told, left = {}, amount
    for row in chosen:
        if left.minor > 0:
            told[row.number] = min(left, row.open)
            left -= told[row.number]
    return told
