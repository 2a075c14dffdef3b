"""How long somebody tries a product. Source: rules 9."""

from datetime import date

from comptoir.kernel.calendar import add_days

DAYS = 30


def end_of_trial(started_on: date) -> date:
    """The first day after a trial that began on that day."""
    return add_days(started_on, DAYS)


def days_left(ends_on: date, today: date) -> int:
    """How many days of a trial are left, today among them; 0 once it has ended."""
    return max(0, (ends_on - today).days)
