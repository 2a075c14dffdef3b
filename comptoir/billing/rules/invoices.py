"""The numbers and days of invoices and credit notes. Source: rules 1 and 6."""

from datetime import date
from enum import StrEnum

from comptoir.kernel.calendar import add_days

DAYS_TO_PAY = 30


class DocumentKind(StrEnum):
    """An invoice, or the credit note that corrects one: the first letter of its number."""

    INVOICE = "F"
    CREDIT_NOTE = "A"


def format_number(kind: DocumentKind, year: int, n: int) -> str:
    """The number of the n-th document of its series: "F-2026-000001", "A-2026-000001" for a credit note (rules 6).

    `year` is that of the issue day in the billing zone. ValueError for `n` under 1 and a year of other than 4 digits.
    """
    if n < 1 or not 1000 <= year <= 9999:
        raise ValueError(f"No document can be number {n} of the year {year}.")
    return f"{DocumentKind(kind)}-{year}-{n:06d}"


def due_on(issued: date, days: int = DAYS_TO_PAY) -> date:
    """The last day to pay an invoice issued on that day (rules 6). ValueError for less than 0 days."""
    if days < 0:
        raise ValueError(f"An invoice cannot be due {-days} days before it is issued.")
    return add_days(issued, days)


class InvoiceState(StrEnum):
    """What somebody who pays wants to know of a document. `NOTE` is a credit note: there is nothing to pay."""

    OPEN = "open"
    OVERDUE = "overdue"
    PAID = "paid"
    CREDITED = "credited"
    NOTE = "note"


def state_of(kind: DocumentKind, total: int, credited: int, left: int, due: date, on: date) -> InvoiceState:
    """The state of a document on a day: amounts in minor units, `left` is what is still to be paid of it.

    Overdue is what is open after its due day (rules 6). An invoice that credit notes took back whole is credited, even if it
    had been paid before.
    """
    if kind is DocumentKind.CREDIT_NOTE:
        return InvoiceState.NOTE
    if left > 0:
        return InvoiceState.OVERDUE if due < on else InvoiceState.OPEN
    return InvoiceState.CREDITED if 0 < total <= credited else InvoiceState.PAID
