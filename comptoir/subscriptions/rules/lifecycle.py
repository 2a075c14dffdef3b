"""What becomes of a subscription when nobody renews it, and the windows to renew and to return. Source: rules 6."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from comptoir.kernel.calendar import Term, add_days


class State(StrEnum):
    """Where a subscription stands. `TRIAL` is a kind of subscription, never the outcome of a lapse."""

    ACTIVE = "active"
    GRACE = "grace"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"
    TRIAL = "trial"


@dataclass(frozen=True, slots=True)
class Lengths:
    """The vendor's settings, in days, with the values of rules 6; those of the monthly term stand apart."""

    grace: int = 15
    suspended: int = 30
    suspended_month: int = 15
    renewal_opens: int = 90
    return_window: int = 30
    return_window_month: int = 15
    taken_back: int = 15


RULES_6 = Lengths()


@dataclass(frozen=True, slots=True)
class Lapse:
    """The first days of grace, suspension and cancellation of a subscription that nobody renews."""

    grace: date
    suspended: date
    cancelled: date


def lapse_of(paid_until: date, term: Term, invoice_due_on: date | None = None, lengths: Lengths = RULES_6) -> Lapse:
    """When a subscription paid up to, not including, `paid_until` lapses (rules 6); the clock starts as in `state_of`."""
    start = max(paid_until, invoice_due_on or paid_until)
    suspended = lengths.suspended_month if term == Term.MONTH else lengths.suspended
    return Lapse(start, add_days(start, lengths.grace), add_days(start, lengths.grace + suspended))


def state_of(
    renews_on: date,
    term: Term,
    today: date,
    *,
    invoice_due_on: date | None = None,
    run_awaited: bool = False,
    lengths: Lengths = RULES_6,
) -> State:
    """The state on `today` of a subscription paid up to, not including, `renews_on` (rules 6).

    The clock starts at `renews_on`; if the renewal is on invoice, at its due day `invoice_due_on`, but never inside
    what is paid. Everything works in grace; suspended can still be renewed; cancelled is bought new. A run that is late
    finds the subscription in grace, where everything works; while the run has not tried yet (`run_awaited`) it stays
    there, however late: the system's own delay costs nobody access (rules 2).
    """
    lapse = lapse_of(renews_on, term, invoice_due_on, lengths)
    if today < lapse.grace:
        return State.ACTIVE
    if today < lapse.suspended or run_awaited:
        return State.GRACE
    return State.SUSPENDED if today < lapse.cancelled else State.CANCELLED


def renewable_from(start: date, end: date, term: Term, lengths: Lengths = RULES_6) -> date:
    """The first day on which the period `[start, end)` can be renewed by hand (rules 6).

    90 days before its end, for the monthly term from its first day; never before its first day.
    """
    if term == Term.MONTH:
        return start
    return max(start, add_days(end, -lengths.renewal_opens))


def returnable_until(invoiced_on: date, term: Term, lengths: Lengths = RULES_6) -> date:
    """The last day on which a line invoiced on that day can be returned: 30 days later, 15 for `month` (rules 6)."""
    return add_days(invoiced_on, lengths.return_window_month if term == Term.MONTH else lengths.return_window)
