"""What the next renewal will do differently: seats, term, automatic or not. Nothing is charged before. Source: rules 4.

Planned seats are kept as a difference to today's, so that seats added meanwhile renew too: 4, plan 3, +2 is 6 now, 5 at
renewal. Each function changes one field and leaves the others as they were.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from comptoir.kernel.calendar import Span, Term, next_end
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money

from .prices import PriceBook, PriceKind, UnitPrice
from .reason import Reason
from .seats import MOST_SEATS_AT_ONCE, LineKind, SeatLine, term_line

_COMPARED_MONTHS = 36  # every term goes into three years a whole number of times


class PlanField(StrEnum):
    """What can be planned; one pending change each."""

    SEATS = "seats"
    TERM = "term"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanState:
    """A subscription on the way to its next renewal, which is on `renews_on`, the first day that is not paid.

    `term` is that of its last paid period, `planned_term` None while nothing is planned. `seats_at_renewal` differs from
    `seats_now` by the plan. `paid_ahead`: a period was renewed early and has not begun.
    """

    seats_now: int
    seats_at_renewal: int
    term: Term
    renews_on: date
    anchor_day: int
    book: PriceBook
    planned_term: Term | None = None
    automatic: bool = True
    paid_ahead: bool = False

    @property
    def next_term(self) -> Term:
        """The term of the next period."""
        return self.planned_term or self.term


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChange:
    """The command: what to plan, and which plans to withdraw. None leaves a field as it is."""

    seats: int | None = None
    term: Term | None = None
    automatic: bool | None = None
    withdraw: frozenset[PlanField] = frozenset()


@dataclass(frozen=True, slots=True)
class Pending:
    """One pending change: what the field is today, what it will be from the renewal on."""

    field: PlanField
    today: int | Term | bool
    planned: int | Term | bool


@dataclass(frozen=True, slots=True)
class Sitting:
    """Who has a seat. `kept`: the manager chose this person to keep it; `key` tells people of one name apart."""

    name: str
    given_on: date
    last_used_on: date | None = None
    kept: bool = False
    key: int = 0


@dataclass(frozen=True, slots=True)
class TermChoice:
    """What the next renewal costs with a term, without tax, and what it saves against today's term.

    `per_year` is rounded once, for comparison; what it saves is exact over three years, in which every term fits.
    `bought_new` is what the same seats cost after a lapse. None where the book has no price.
    """

    term: Term
    today: bool
    planned: bool
    lines: tuple[SeatLine, ...]
    net: Money | None
    over_three_years: Money | None
    per_year: Money | None
    saved_over_three_years: Money | None
    saved_per_year: Money | None
    bought_new: Money | None

    @property
    def costs_more(self) -> Money | None:
        """What it costs more than today's term over three years, where it saves nothing."""
        return None if self.saved_over_three_years is None else -self.saved_over_three_years


@dataclass(frozen=True, slots=True)
class PlanPreview:
    """What the renewal will charge and leave behind after a change of plan. No lines: nothing renews by itself."""

    after: PlanState
    lines: tuple[SeatLine, ...]
    net: Money
    starts: date
    ends: date
    losing: tuple[Sitting, ...]
    warnings: tuple[Reason, ...]


def plan_seats(state: PlanState, seats: int) -> PlanState:
    """Plan `seats` for the next renewal (rules 4). As many as today: nothing is pending any more.

    Refused with `last_seat` (below 1: turn automatic renewal off instead), `seats_out_of_range` (more than 100,000
    above today's), `already_renewed` while a period is paid ahead: its seats are settled, and the renewal after it is
    planned once it has begun.
    """
    if state.paid_ahead:
        raise Refused("already_renewed", params={"renews_on": state.renews_on})
    if seats < 1:
        raise Refused("last_seat", params={"given": seats}, field="seats")
    if seats > state.seats_now + MOST_SEATS_AT_ONCE:
        limits = {"least": 1, "most": state.seats_now + MOST_SEATS_AT_ONCE, "given": seats}
        raise Refused("seats_out_of_range", params=limits, field="seats", status=422)
    return replace(state, seats_at_renewal=seats)


def plan_term(state: PlanState, term: Term) -> PlanState:
    """Plan the term of the next period (rules 4, seed P3). Today's term: nothing is pending any more.

    Refused with `automatic_renewal_off` (nothing would renew), `price_missing` if it has no renewal price on that day.
    """
    if term == state.term:
        return replace(state, planned_term=None)
    if not state.automatic:
        raise Refused("automatic_renewal_off", params={"on": state.renews_on})
    state.book.price(PriceKind.RENEWAL, term, state.renews_on)
    return replace(state, planned_term=term)


def plan_automatic(state: PlanState, automatic: bool) -> PlanState:
    """Turn automatic renewal on or off; never refused here. Planned seats and term are kept and wait (rules 4)."""
    return replace(state, automatic=automatic)


def withdraw_plan(state: PlanState, field: PlanField) -> PlanState:
    """Take one pending change back; the others stay. For `AUTOMATIC`: renew automatically again (rules 4).

    Refused with `already_renewed` for seats while a period is paid ahead, as `plan_seats`.
    """
    if field == PlanField.SEATS:
        return plan_seats(state, state.seats_now)
    if field == PlanField.TERM:
        return replace(state, planned_term=None)
    return plan_automatic(state, True)


def planned(state: PlanState, change: PlanChange) -> PlanState:
    """The state after a change: first what is withdrawn, then automatic, seats, term. Refused as each of them."""
    for field in sorted(change.withdraw):
        state = withdraw_plan(state, field)
    if change.automatic is not None:
        state = plan_automatic(state, change.automatic)
    if change.seats is not None:
        state = plan_seats(state, change.seats)
    return state if change.term is None else plan_term(state, change.term)


def change_of(seats: int | None, term: str | None, automatic: bool | None, withdraw: Iterable[str]) -> PlanChange:
    """The command that these words ask for."""
    fields = frozenset(PlanField(field) for field in withdraw)
    return PlanChange(seats=seats, term=None if term is None else Term(term), automatic=automatic, withdraw=fields)


def pending_changes(state: PlanState) -> tuple[Pending, ...]:
    """What is pending, to be shown wherever the subscription is. Automatic renewal turned off counts: then all ends."""
    found = []
    if state.seats_at_renewal != state.seats_now:
        found.append(Pending(PlanField.SEATS, state.seats_now, state.seats_at_renewal))
    if state.planned_term is not None:
        found.append(Pending(PlanField.TERM, state.term, state.planned_term))
    if not state.automatic:
        found.append(Pending(PlanField.AUTOMATIC, True, False))
    return tuple(found)


def next_period(state: PlanState, term: Term) -> Span:
    """The days of the next period with that term: from the old end to the anchor's day (rules 1, 6)."""
    return Span(state.renews_on, next_end(state.renews_on, term, state.anchor_day))


def renewal_lines(state: PlanState, on: date, term: Term | None = None) -> tuple[SeatLine, ...]:
    """What the next renewal charges with the planned term, or `term`, at the prices valid on `on` (rules 2, 4).

    Seats up to today's number pay the renewal price; planned ones above it the new price, in a line of their own.
    Refused with `price_missing`.
    """
    term = term or state.next_term
    period = next_period(state, term)
    return split_lines(
        state.seats_now,
        state.seats_at_renewal,
        lambda kind: state.book.price(kind, term, on),
        period,
        term,
    )


def split_lines(
    seats_before: int, seats: int, price: Callable[[PriceKind], Money], period: Span, term: Term
) -> tuple[SeatLine, ...]:
    """The lines of a renewal in time of `seats`, of which up to `seats_before` have the renewal price (rules 4)."""
    kept, raised = min(seats_before, seats), max(0, seats - seats_before)
    renewal = UnitPrice(price(PriceKind.RENEWAL), PriceKind.RENEWAL)
    lines = [term_line(LineKind.RENEWAL, kept, renewal, period, term)]
    if raised:
        new = UnitPrice(price(PriceKind.NEW), PriceKind.NEW)
        lines.append(term_line(LineKind.RAISED, raised, new, period, term))
    return tuple(lines)


def compare_terms(state: PlanState, on: date | None = None) -> tuple[TermChoice, ...]:
    """Month, year and 3 years as the term of the next renewal, at the prices valid on its day or `on` (rules 4, seed P3).

    4 seats of the seed's product: 1,000 for a year; 2,700 for 3 years, which saves 300 in them; 3,020 bought new.
    """
    on = on or state.renews_on
    todays = _over_three_years(state, state.term, on)
    return tuple(_choice(state, term, todays, on) for term in Term)


def who_stays(sitting: Sequence[Sitting], seats: int) -> tuple[Sitting, ...]:
    """Those who keep their seat when there are only `seats`: the first by `by_rank` (rules 4, 9)."""
    return by_rank(sitting)[: max(0, seats)]


def by_rank(sitting: Sequence[Sitting]) -> tuple[Sitting, ...]:
    """In the order in which they keep their seats: chosen by the manager, then the most recently used, the earliest given.

    Who never used a seat comes after who did (rules 9: kept, last used, given).
    """
    used = sorted(sitting, key=lambda one: (one.given_on, one.name, one.key))
    return tuple(sorted(used, key=lambda one: (not one.kept, -(one.last_used_on or date.min).toordinal())))


def preview_plan(state: PlanState, change: PlanChange, sitting: Sequence[Sitting] = ()) -> PlanPreview:
    """What a change of plan makes of the next renewal, who would lose access, what to know before the click (rules 4).

    At the prices valid on the renewal's day. With automatic renewal off there are no lines. Refused as `planned`, and
    with `price_missing`.
    """
    after = planned(state, change)
    lines = renewal_lines(after, after.renews_on) if after.automatic else ()
    losing = by_rank(sitting)[after.seats_at_renewal :]
    return PlanPreview(
        after=after,
        lines=lines,
        net=Money.sum((line.net for line in lines), after.book.currency),
        starts=after.renews_on,
        ends=next_period(after, after.next_term).end if after.automatic else after.renews_on,
        losing=losing,
        warnings=_warnings(after, sitting, losing),
    )


def _warnings(state: PlanState, sitting: Sequence[Sitting], losing: Sequence[Sitting]) -> tuple[Reason, ...]:
    warnings = []
    if not state.automatic:
        warnings.append(Reason("seats_end", {"on": state.renews_on, "seats": state.seats_now}))
    if losing:
        chosen = sum(one.kept for one in sitting) >= state.seats_at_renewal
        names = tuple(one.name for one in losing)
        facts = {"names": names, "seats": state.seats_at_renewal, "on": state.renews_on, "chosen": chosen}
        warnings.append(Reason("people_lose_access", facts))
    return tuple(warnings)


def _choice(state: PlanState, term: Term, todays: Money | None, on: date) -> TermChoice:
    total = _over_three_years(state, term, on)
    lines = () if total is None else renewal_lines(state, on, term)
    saved = None if total is None or todays is None else todays - total
    new = state.book.find(PriceKind.NEW, term, on)
    return TermChoice(
        term=term,
        today=term == state.term,
        planned=term == state.next_term,
        lines=lines,
        net=None if total is None else Money.sum((line.net for line in lines), state.book.currency),
        over_three_years=total,
        per_year=None if total is None else total.prorate(1, 3),
        saved_over_three_years=saved,
        saved_per_year=None if saved is None else saved.prorate(1, 3),
        bought_new=None if new is None else new * state.seats_at_renewal,
    )


def _over_three_years(state: PlanState, term: Term, on: date) -> Money | None:
    renewal = state.book.find(PriceKind.RENEWAL, term, on)
    raises = state.seats_at_renewal > state.seats_now
    if renewal is None or (raises and state.book.find(PriceKind.NEW, term, on) is None):
        return None
    first = Money.sum((line.net for line in renewal_lines(state, on, term)), state.book.currency)
    return first + renewal * state.seats_at_renewal * (_COMPARED_MONTHS // term.months - 1)
