"""Bank transfers: statements that are read, and their lines that pay invoices."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.conf import settings

from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.jobs import enqueue
from comptoir.kernel.models import House
from comptoir.kernel.money import Money
from comptoir.kernel.recording import record
from comptoir.organisations.models import Organisation
from comptoir.permissions import Can

from ..models import Allocation, BankStatement, Invoice, InvoiceBalance, Payment, StatementLine
from ..rules.bank import Unreadable, read_statement
from .refunds import give_back_rest


@action(Can.IMPORT_STATEMENT)
def import_statement(actor: Actor, house: House, *, name: str, content: str, on: date) -> House:
    """Read a statement (`content`: the file in base64; CSV or camt.053). Lines that were read before are not read again.

    Each new line is matched by a job. Raises Refused `statement_unreadable`, or `statement_line_unreadable` naming the line:
    nothing of the file is kept then.
    """
    try:
        form, lines = read_statement(base64.b64decode(content), settings.CURRENCIES[0])
    except Unreadable as problem:
        params = {"line": problem.line, "why": problem.why, "value": problem.value[:40] or "…"}
        code = "statement_line_unreadable" if problem.line else "statement_unreadable"
        raise Refused(code, params=params, field="content", status=422) from None
    told = {"name": name, "format": form, "lines": len(lines), "imported_on": on, "imported_by": actor.log_name}
    statement = BankStatement.objects.create(**told)
    known = set(StatementLine.objects.filter(digest__in=[line.digest for line in lines]).values_list("digest", flat=True))
    rows = [
        StatementLine(
            statement=statement,
            digest=line.digest,
            booked_on=line.booked_on,
            amount_minor=line.amount.minor,
            currency=line.amount.currency,
            payer=line.payer,
            told=line.told,
            bank_ref=line.bank_ref,
        )
        for line in lines
        if line.digest not in known
    ]
    StatementLine.objects.bulk_create(rows, ignore_conflicts=True)
    for pk in StatementLine.objects.filter(statement=statement).order_by("pk").values_list("pk", flat=True):
        enqueue("billing.match_line", line=pk)
    record(Events.STATEMENT_IMPORTED, house, on=on, name=name, lines=len(lines), new=len(rows), statement=statement.pk)
    return house


@action(Can.MATCH_PAYMENT)
def receive_transfer(
    actor: Actor, organisation: Organisation, *, line: int, parts: Mapping[str, int], on: date, rest_back: bool = False
) -> Organisation:
    """Let a line of a statement pay invoices of one customer: number -> minor units. What is left of it stays the customer's,
    or with `rest_back` becomes a refund that finance pays out.

    The job matches a line that names its invoices; the desk may match any. Raises Refused `line_matched` for one that was,
    `amount_differs` and, for a line in another currency than the customer's, `currency_differs_from_customer`.
    """
    row = StatementLine.objects.select_for_update().get(pk=line)
    if row.state == StatementLine.State.MATCHED:
        raise Refused("line_matched")
    if row.currency != organisation.currency:
        params = {"currency": row.currency, "customer": organisation.name, "theirs": organisation.currency}
        raise Refused("currency_differs_from_customer", params=params)
    money = {"amount_minor": row.amount_minor, "currency": row.currency}
    payment = Payment.objects.create(
        organisation=organisation, kind=Payment.Kind.TRANSFER, **money, received_on=row.booked_on, reference=row.digest
    )
    invoices = {invoice.number: invoice for invoice in Invoice.objects.filter(organisation=organisation, number__in=parts)}
    _refuse_too_much(organisation, parts, row)
    Allocation.objects.bulk_create(
        Allocation(organisation=organisation, payment=payment, invoice=invoices[number], amount_minor=minor, on=on)
        for number, minor in sorted(parts.items())
    )
    rest = row.amount_minor - sum(parts.values())
    if rest_back and rest > 0:
        give_back_rest(payment, minor=rest, on=on)
    row.state, row.numbers, row.why, row.note = StatementLine.State.MATCHED, ", ".join(sorted(parts)), "", ""
    row.save(update_fields=["state", "numbers", "why", "note"])
    failpoint("statement.matched")
    _tell_received(payment, invoices.values(), parts, on)
    return organisation


def _tell_received(payment: Payment, invoices: Iterable[Invoice], parts: Mapping[str, int], on: date) -> None:
    """Say what came in: for each invoice that it pays, or that it pays none."""
    paid = list(invoices)
    for invoice in paid:
        record(
            Events.PAYMENT_RECEIVED,
            payment,
            contract_id=invoice.contract_id,
            on=on,
            total=f"{Money(parts[str(invoice.number)], payment.currency)} {payment.currency}",
            invoice=invoice.pk,
            number=invoice.number,
        )
    if not paid:
        record(Events.PAYMENT_RECEIVED, payment, on=on, total=f"{payment.amount} {payment.currency}")


def _refuse_too_much(organisation: Organisation, parts: Mapping[str, int], row: StatementLine) -> None:
    """Raises Refused `amount_differs` where a part is more than is open, or all of them more than came in."""
    balances = InvoiceBalance.objects.select_for_update(no_key=True).filter(organisation=organisation, number__in=parts)
    due = {balance.number: balance.open_minor for balance in balances.order_by("pk")}
    fits = all(number in due and 0 < minor <= due[number] for number, minor in parts.items())
    if not fits or sum(parts.values()) > row.amount_minor:
        raise Refused("amount_differs", params={"numbers": ", ".join(sorted(parts))})


@action(Can.MATCH_PAYMENT)
def leave_lines(actor: Actor, house: House, *, lines: Sequence[int], note: str, on: date) -> House:
    """Say that lines of a statement pay no invoice of ours, and what they are instead.

    Raises Refused `reason_missing` and, where none of them waits any more, `line_matched`.
    """
    if not note.strip():
        raise Refused("reason_missing", field="note", status=422)
    waiting = StatementLine.objects.filter(pk__in=lines, state=StatementLine.State.UNMATCHED)
    count = waiting.update(state=StatementLine.State.IGNORED, note=note.strip())
    if not count:
        raise Refused("line_matched")
    record(Events.LINES_LEFT, house, on=on, count=count, lines=list(lines))
    return house
