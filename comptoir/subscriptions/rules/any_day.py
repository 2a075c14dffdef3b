"""Seats, price and state of a subscription on any day that is past. Source: rules 6, 9 and the promise 'any day'."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from comptoir.kernel.calendar import Term
from comptoir.kernel.money import Money

from .lifecycle import RULES_6, Lengths, State, state_of


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One line of the seat ledger: from `on` there were that many seats. A later `seq` of the same day counts."""

    seq: int
    on: date
    seats_now: int
    seats_at_renewal: int


@dataclass(frozen=True, slots=True)
class PastPeriod:
    """A period `[start, end)` that was sold. `price` per seat and term, None: not known; `undone_on`: given back."""

    start: date
    end: date
    term: Term
    price: Money | None
    undone_on: date | None = None


@dataclass(frozen=True, slots=True)
class LateInvoice:
    """A renewal on invoice: what it renewed ended on `ended_on`; it was paid or credited on `closed_on`, None: still open."""

    ended_on: date
    due_on: date
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class History:
    """All that a day's answer is made from. `ended_on`: a returned purchase ended it."""

    entries: tuple[LedgerEntry, ...]
    periods: tuple[PastPeriod, ...]
    invoices: tuple[LateInvoice, ...] = ()
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class AnyDay:
    """What there was on a day. `paid`: a period that stood that day covered it; `price` is a seat's in that period."""

    seats: int
    seats_at_renewal: int
    state: State
    paid: bool
    term: Term
    price: Money | None

    @property
    def seats_working(self) -> int:
        """The seats that could be used that day: all in grace, none once suspended (rules 6)."""
        return self.seats if self.state in {State.ACTIVE, State.GRACE} else 0


def on_day(history: History, day: date, lengths: Lengths = RULES_6) -> AnyDay | None:
    """What the subscription was on `day`; None before it began. As it stood then: a return counts from its own day."""
    entries = [entry for entry in history.entries if entry.on <= day]
    begun = [period for period in history.periods if period.start <= day]
    standing = [period for period in begun if period.undone_on is None or day < period.undone_on]
    if not entries or not begun:
        return None
    entry = max(entries, key=lambda entry: entry.seq)
    ended = not standing or (history.ended_on is not None and history.ended_on <= day)
    last = max(standing or begun, key=lambda period: period.start)
    paid = not ended and day < last.end
    state = State.CANCELLED if ended else _state(history.invoices, last, day, lengths)
    return AnyDay(entry.seats_now, entry.seats_at_renewal, state, paid, last.term, last.price if paid else None)


def _state(invoices: Sequence[LateInvoice], last: PastPeriod, day: date, lengths: Lengths) -> State:
    """An open renewal invoice lapses from its due day, though the period that it sold stands (rules 6)."""
    late = [one for one in invoices if one.ended_on <= day and (one.closed_on is None or day < one.closed_on)]
    if late:
        first = min(late, key=lambda one: one.due_on)
        return state_of(first.ended_on, last.term, day, invoice_due_on=first.due_on, lengths=lengths)
    return state_of(last.end, last.term, day, lengths=lengths)
