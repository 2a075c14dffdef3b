"""Subscriptions, their serial numbers, and who has a seat of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from comptoir.cutover.rules import layout
from comptoir.cutover.rules.book import Book
from comptoir.cutover.rules.finding import count_of
from comptoir.cutover.rules.known import Known
from comptoir.cutover.rules.people import People
from comptoir.cutover.rules.reading import Reading
from comptoir.cutover.rules.rows import PAYMENT_METHODS, TERMS, AssignmentRow, SerialRow, SubscriptionRow

MOST_SEATS = 1_000_000


def judge_subscriptions(book: Book, contracts: Known, products: Known) -> tuple[Known, Mapping[str, SubscriptionRow]]:
    """Subscriptions by number. A period must end after it starts; it is kept as it is otherwise (rules 12)."""
    known = Known("subscription", layout.SUBSCRIPTIONS, "subscription_number")

    def read(row: Reading) -> SubscriptionRow:
        subscription = SubscriptionRow(
            file=row.file,
            line=row.line,
            subscription_number=row.key("subscription_number"),
            contract_number=row.refer("contract_number", contracts),
            product_code=row.refer("product_code", products),
            term=row.choice("term", TERMS),
            seats=row.integer("seats", 1, MOST_SEATS),
            period_start=row.day("period_start"),
            renews_on=row.day("renews_on"),
            auto_renew=row.flag("auto_renew"),
            payment_method=row.choice("payment_method", PAYMENT_METHODS),
        )
        days_known = not any(reason == "bad_date" for reason, _ in row.faults)
        if days_known and subscription.renews_on <= subscription.period_start:
            sentence = (
                f"renews_on {subscription.renews_on} is not after period_start {subscription.period_start}; "
                "it is the first day that is not paid, and so must be later."
            )
            row.fault("end_before_start", sentence)
        return subscription

    return known, book.take_named(known, read)


def judge_serials(book: Book, subscriptions: Known) -> tuple[SerialRow, ...]:
    """Serial numbers, each once."""

    def read(row: Reading) -> SerialRow:
        return SerialRow(
            file=row.file,
            line=row.line,
            serial_number=row.key("serial_number"),
            subscription_number=row.refer("subscription_number", subscriptions),
            version=row.key("version"),
            group_name=row.text("group_name"),
        )

    rows = book.take(Known("serial number", layout.SERIALS), read, lambda row: row.serial_number)
    return tuple(rows.values())


def judge_assignments(
    book: Book, subscriptions: Known, by_number: Mapping[str, SubscriptionRow], people: People
) -> tuple[AssignmentRow, ...]:
    """Who has a seat, once per subscription and person; `assigned_on` may precede the period (rules 12)."""

    def read(row: Reading) -> AssignmentRow:
        return AssignmentRow(
            file=row.file,
            line=row.line,
            subscription_number=row.refer("subscription_number", subscriptions),
            email=people.refer(row, "email"),
            assigned_on=row.day("assigned_on"),
        )

    known = Known("assignment", layout.ASSIGNMENTS)
    rows = book.take(known, read, lambda row: (row.subscription_number, row.email))
    return _seated(book, by_number, tuple(rows.values()))


def _seated(book: Book, by_number: Mapping[str, SubscriptionRow], rows: tuple[AssignmentRow, ...]) -> tuple[AssignmentRow, ...]:
    """The earliest keep their seats (ties: the line first), the rest wait (rules 12)."""
    taken: dict[str, list[AssignmentRow]] = {}
    for row in rows:
        taken.setdefault(row.subscription_number, []).append(row)
    waiting: set[int] = set()
    for number, given in taken.items():
        subscription = by_number[number]
        late = sorted(given, key=lambda row: (row.assigned_on, row.line))[subscription.seats :]
        if late:
            lines = ", ".join(str(row.line) for row in sorted(late, key=lambda row: row.line))
            sentence = (
                f"subscription {number} has {count_of(subscription.seats, 'seat')} and {len(given):,} people; "
                f"the earliest keep theirs, the rest wait ({layout.ASSIGNMENTS} line {lines})."
            )
            book.flag(subscription, "assignment_over_seats", sentence)
            waiting.update(row.line for row in late)
    return tuple(replace(row, waiting=True) if row.line in waiting else row for row in rows)
