"""Credits used and support cases: what people did on contracts."""

from __future__ import annotations

from comptoir.cutover.rules import layout
from comptoir.cutover.rules.book import Book
from comptoir.cutover.rules.known import Known
from comptoir.cutover.rules.people import People
from comptoir.cutover.rules.reading import Reading
from comptoir.cutover.rules.rows import CASE_STATUSES, CaseRow, CreditUseRow

MOST_CREDITS = 1_000_000_000
LOWEST_SEVERITY = 3
WORST_WRITTEN = 1_000


def judge_credit_use(book: Book, contracts: Known, people: People) -> tuple[CreditUseRow, ...]:
    """Credits used. Use by nobody known is refused (rules 10); a row wholly the same as another is repeated."""

    def read(row: Reading) -> CreditUseRow:
        return CreditUseRow(
            file=row.file,
            line=row.line,
            contract_number=row.refer("contract_number", contracts),
            email=people.refer(row, "email"),
            service=row.key("service").lower(),
            credits=row.integer("credits", 0, MOST_CREDITS),
            used_at=row.moment("used_at"),
        )

    rows = book.take(
        Known("use", layout.CREDIT_USE),
        read,
        lambda row: (row.contract_number, row.email, row.service, row.credits, row.used_at),
    )
    return tuple(rows.values())


def judge_cases(book: Book, contracts: Known, people: People) -> tuple[CaseRow, ...]:
    """Support cases by number. One by nobody known is refused: a case is private to its author (rules 11)."""

    def read(row: Reading) -> CaseRow:
        return CaseRow(
            file=row.file,
            line=row.line,
            case_number=row.key("case_number"),
            contract_number=row.refer("contract_number", contracts),
            email=people.refer(row, "email"),
            severity=_severity(row),
            status=row.choice("status", CASE_STATUSES),
            subject=row.text("subject"),
            opened_on=row.day("opened_on"),
        )

    rows = book.take(Known("case", layout.CASES), read, lambda row: row.case_number)
    return tuple(rows.values())


def _severity(row: Reading) -> int:
    """Severities are 1 to 3; the old centre's 4 becomes 3 (rules 12), and 0 becomes 1."""
    written = row.integer("severity", 0, WORST_WRITTEN)
    severity = min(max(written, 1), LOWEST_SEVERITY)
    if severity != written:
        row.adjust("severity_out_of_range", f"severity {written} became {severity}; severities are 1 to {LOWEST_SEVERITY}.")
    return severity
