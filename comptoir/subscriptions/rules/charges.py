"""What will be charged in the coming months, with all that is planned, if nothing changes. Source: rules 4 and 6."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from comptoir.kernel.calendar import add_months
from comptoir.kernel.money import Money

from .reason import Reason
from .renewal import NotRenewed, RenewalState, plan_automatic_renewal
from .seats import SeatLine

MONTHS_AHEAD = 12


@dataclass(frozen=True, slots=True)
class Coming:
    """One coming renewal, or, with `ends`, the day on which the subscription ends instead and why. Without tax."""

    on: date
    lines: tuple[SeatLine, ...]
    net: Money
    seats: int
    ends: Reason | None = None


def coming_charges(state: RenewalState, today: date, months: int = MONTHS_AHEAD) -> tuple[Coming, ...]:
    """The automatic renewals due from today up to the same day `months` later, at the prices that the book knows.

    The first as planned, the later ones alike. What does not renew by itself ends: `seats_end`, or `price_missing`.
    A renewal that is late stands on its own day, in the past; one on an open invoice is charged already.
    """
    until = add_months(today, months, today.day)
    found: list[Coming] = []
    while state.plan.renews_on < until:
        charge, after = _next(state)
        found.append(charge)
        if after is None:
            break
        state = after
    return tuple(found)


def by_day(charges: Iterable[Coming], currency: str) -> dict[date, Money]:
    """What is charged on each day, the earliest first: for a calendar over many subscriptions of one currency."""
    days: dict[date, list[Money]] = {}
    for charge in charges:
        if charge.ends is None:
            days.setdefault(charge.on, []).append(charge.net)
    return {day: Money.sum(days[day], currency) for day in sorted(days)}


def _next(state: RenewalState) -> tuple[Coming, RenewalState | None]:
    plan = state.plan
    nothing = Money.zero(plan.book.currency)
    if not plan.automatic:
        facts = {"on": plan.renews_on, "seats": plan.seats_now}
        return Coming(plan.renews_on, (), nothing, plan.seats_now, Reason("seats_end", facts)), None
    done = plan_automatic_renewal(state, plan.renews_on)
    if isinstance(done, NotRenewed):
        return Coming(done.on, (), nothing, plan.seats_now, done.reason), None
    after = replace(
        plan,
        seats_now=done.seats_after,
        seats_at_renewal=done.seats_after,
        term=done.term_after,
        planned_term=None,
        renews_on=done.period.end,
        paid_ahead=False,
    )
    return Coming(plan.renews_on, done.lines, done.net, done.seats_after), RenewalState(after, done.period.start)
