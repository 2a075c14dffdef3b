"""Invoices and credit notes of any kind, written as verbs write them, for tests."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import TypeVar

from django.db import transaction

from comptoir.billing.actions.credit_notes import issue_credit_note
from comptoir.billing.actions.invoices import Draft, Line, issue_invoices
from comptoir.billing.models import Invoice
from comptoir.billing.queries.invoices import treatment_for
from comptoir.billing.rules import totals
from comptoir.contracts.models import Contract
from comptoir.kernel.actor import Actor
from comptoir.kernel.money import Money
from comptoir.kernel.recording import Running, running, write_events
from comptoir.kernel.walls import wall_opened
from tests.cast import TODAY

R = TypeVar("R")


@contextmanager
def verb_of(organisation_id: int) -> Iterator[None]:
    """What an action does around its steps: one transaction, inside the customer's wall, its events written at the end."""
    with transaction.atomic(), wall_opened(read=[organisation_id], write=organisation_id):
        current = Running(Actor.job("test", organisation_id))
        token = running.set(current)
        try:
            yield
            write_events(current.events)
        finally:
            running.reset(token)


def within(organisation_id: int, look: Callable[[], R]) -> R:
    """What one sees inside the customer's wall."""
    with wall_opened(read=[organisation_id], write=organisation_id):
        return look()


def line(quantity: int, price: str, currency: str = "EUR", *, days: int = 365, of: int = 365, **more: object) -> Line:
    """So many seats at so much for so many days of a term, from today."""
    unit = Money.parse(price, currency)
    told = {"kind": "renewal", "item": "Sculpt LT", "reference": "560000001", **more}
    return Line(
        start=TODAY,
        end=TODAY + timedelta(days=days),
        quantity=quantity,
        unit_price=unit,
        days=days,
        denominator=of,
        net=unit.prorate(days, of, quantity),
        **told,  # type: ignore[arg-type]
    )


def draft(contract: Contract, lines: Sequence[Line], method: str = "invoice", on: date = TODAY) -> Draft:
    """A draft of these lines, taxed as its customer is."""
    treatment = treatment_for(contract.organisation, on)
    return Draft(contract.pk, method, lines, treatment, totals([line.net for line in lines], treatment))


def invoiced(contract: Contract, *lines: Line, method: str = "invoice", on: date = TODAY) -> Invoice:
    """One invoice of these lines."""
    with verb_of(contract.organisation_id):
        return issue_invoices(contract.organisation, [draft(contract, lines, method, on)], on=on)[0]


def credited(invoice: Invoice, *quantities: int, reason: str = "return", on: date = TODAY) -> Invoice:
    """A credit note that takes back so many of each line, in the order of the lines."""
    with verb_of(invoice.organisation_id):
        rows = invoice.lines.order_by("position")
        credits = [(row, quantity) for row, quantity in zip(rows, quantities, strict=False) if quantity]
        return issue_credit_note(invoice, credits, reason=reason, on=on)
