"""Days, terms and spans `[start, end)`. Days are dates in the vendor's billing time zone. Source: rules 1."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from enum import StrEnum


class Term(StrEnum):
    """How long a paid period lasts, in calendar months."""

    MONTH = "month"
    YEAR = "year"
    THREE_YEARS = "3years"

    @property
    def months(self) -> int:
        """Calendar months in the term."""
        return _MONTHS[self]


_MONTHS = {Term.MONTH: 1, Term.YEAR: 12, Term.THREE_YEARS: 36}


def add_months(day: date, months: int, anchor_day: int) -> date:
    """The day `months` after `day`'s month that the anchor asks for: its own, or the last day of a shorter month.

    The anchor is kept apart, so that it survives short months: 31 Jan, 28 Feb, 31 Mar (rules 1). ValueError, with a
    sentence, for an anchor outside 1 to 31 and for a result outside the years 1 to 9999.
    """
    if not 1 <= anchor_day <= 31:
        raise ValueError(f"An anchor day lies between 1 and 31, not {anchor_day}.")
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        raise ValueError(f"{months} months from {day.isoformat()} lies outside the calendar's years {MINYEAR} to {MAXYEAR}.")
    return date(year, month0 + 1, min(anchor_day, monthrange(year, month0 + 1)[1]))


def add_days(day: date, days: int) -> date:
    """The day `days` after `day`. ValueError, with a sentence, outside the years 1 to 9999."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise ValueError(
            f"{days} days from {day.isoformat()} lies outside the calendar's years {MINYEAR} to {MAXYEAR}."
        ) from None


def next_end(start: date, term: Term, anchor_day: int) -> date:
    """The renewal date of a full term that starts on `start`: the first day that is not paid (rules 1).

    ValueError as `add_months`.
    """
    return add_months(start, term.months, anchor_day)


def days_in_term(start: date, term: Term, anchor_day: int) -> int:
    """The days of a full term that starts on `start`: what a period stores as its denominator (rules 1, 3)."""
    return days_between(start, next_end(start, term, anchor_day))


def days_between(start: date, end: date) -> int:
    """Days from `start`, counted, to `end`, not counted; negative if `end` is earlier."""
    return (end - start).days


@dataclass(frozen=True, slots=True)
class Span:
    """The days from `start` up to, not including, `end`. ValueError if that is no day at all."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"A span that starts on {self.start.isoformat()} cannot end on {self.end.isoformat()}.")

    @property
    def days(self) -> int:
        """How many days the span has, at least 1."""
        return days_between(self.start, self.end)

    def days_from(self, day: date) -> int:
        """How many of its days are on or after `day`: `day` counts, all count before the start, none after the end."""
        return max(0, days_between(max(day, self.start), self.end))

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end
