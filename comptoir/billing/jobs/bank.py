"""Lines of bank statements find their invoices. A line that does not fit keeps its reason, for the desk."""

from collections.abc import Sequence

from django.db import transaction

from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.errors import Refused
from comptoir.kernel.jobs import enqueue, job
from comptoir.kernel.money import Money
from comptoir.kernel.roster import every_customer
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Organisation

from ..actions.bank import receive_transfer
from ..adapters.hearing import keep_why
from ..models import InvoiceBalance, StatementLine
from ..rules.bank import OpenInvoice, match, numbers_in

AT_ONCE = 5_000  # customers that are searched in one statement


@job("billing.match_line", own_transactions=True)
def match_line(actor: Actor, *, line: int) -> None:
    """Find whose a line is, and have that customer's job take it in."""
    row = StatementLine.objects.get(pk=line)
    if row.state != StatementLine.State.UNMATCHED:
        return
    numbers = numbers_in(f"{row.told} {row.bank_ref}")
    found = _open(numbers) if numbers else []
    told = match(Money(row.amount_minor, row.currency), numbers, found)
    with transaction.atomic():
        if told.parts:
            enqueue("billing.receive_transfer", organisation_id=found[0].customer_id, line=row.pk)
        else:
            keep_why(row, told.why)


@job("billing.receive_transfer")
def receive(actor: Actor, *, line: int) -> None:
    """Take a line in, unless somebody has meanwhile or it no longer fits."""
    row = StatementLine.objects.select_for_update().get(pk=line)
    if row.state != StatementLine.State.UNMATCHED:
        return
    numbers = numbers_in(f"{row.told} {row.bank_ref}")
    told = match(Money(row.amount_minor, row.currency), numbers, _of_customers([actor.customer_id], numbers))
    if not told.parts:
        keep_why(row, told.why)
        return
    organisation = Organisation.objects.get(pk=actor.customer_id)
    try:
        receive_transfer(actor, organisation, line=row.pk, parts=dict(told.parts), on=business_day())
    except Refused as refusal:
        keep_why(row, refusal.code)


def _open(numbers: Sequence[str]) -> list[OpenInvoice]:
    """The invoices of these numbers, over all customers, a part of them at a time."""
    found: list[OpenInvoice] = []
    for ids in every_customer(AT_ONCE):
        with wall_opened(read=ids):
            found += _of_customers(ids, numbers)
    return found


def _of_customers(ids: Sequence[int], numbers: Sequence[str]) -> list[OpenInvoice]:
    rows = InvoiceBalance.objects.filter(organisation_id__in=ids, number__in=numbers)
    return [OpenInvoice(row.number, row.organisation_id, row.open) for row in rows.order_by("pk")]
