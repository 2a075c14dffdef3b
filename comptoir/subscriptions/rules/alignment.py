"""One renewal date for several subscriptions: which match, the possible dates, what aligning charges. Source: rules 5 (P1, P10).

`planner.py` weighs the possible dates against each other.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from comptoir.kernel.calendar import Term, add_months, days_between, days_in_term
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money

from .lifecycle import State
from .prices import PriceBook, PriceKind
from .reason import Reason
from .seats import LineKind, SeatLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A subscription that may be aligned. `key` tells it apart, `name` is what people read.

    `ends_on` is the end of its last paid period, `term` that of the running one, `seats` those of today (those of the
    period that is paid ahead, where one is), `method` how it is paid. `planned_term` may also be that of a period paid
    ahead that has not begun. `overdue`: an invoice of it is past its due day.
    """

    key: str
    name: str
    contract: str
    state: State
    term: Term
    method: str
    ends_on: date
    anchor_day: int
    seats: int
    seats_at_renewal: int
    book: PriceBook
    automatic: bool = True
    planned_term: Term | None = None
    overdue: bool = False


@dataclass(frozen=True, slots=True, order=True)
class CommonDate:
    """A renewal date that others can move to, with the anchor day that all then take."""

    day: date
    anchor_day: int


@dataclass(frozen=True, slots=True)
class Likeness:
    """What subscriptions must share to be aligned."""

    term: Term
    method: str
    currency: str


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A subscription that can't be aligned with the others as it is, and every step that makes it match."""

    candidate: Candidate
    steps: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """The subscriptions that can be aligned, what they share, and the others with what keeps them out."""

    likeness: Likeness | None
    matching: tuple[Candidate, ...]
    unmatched: tuple[Unmatched, ...]


@dataclass(frozen=True, slots=True)
class Extension:
    """One subscription moved to its new end; `line` has 0 days where it already ends there, and is then not charged."""

    candidate: Candidate
    ends_on: date
    line: SeatLine

    @property
    def charged(self) -> bool:
        """Whether any day is added."""
        return self.line.days > 0


@dataclass(frozen=True, slots=True)
class AlignmentPlan:
    """What aligning charges now, all or nothing, and leaves behind: one extension each, one anchor day for all.

    From `together_on` on, all renew on the same days.
    """

    common: CommonDate
    extensions: tuple[Extension, ...]
    net: Money
    together_on: date


def likeness_of(candidate: Candidate) -> Likeness:
    """What another must share with it."""
    return Likeness(candidate.term, candidate.method, candidate.book.currency)


def match_candidates(candidates: Sequence[Candidate], likeness: Likeness | None = None) -> Matching:
    """Which of them can be aligned together, and what makes each of the others match (rules 5).

    They match on `likeness`; without one, on what most of the active ones share, a tie going to the one that renews
    last. `payment_method_differs` can be changed at once; `term_differs` is planned, and the wish kept until `on`.
    """
    target = likeness or _most_common(candidates)
    if target is None:
        return Matching(None, (), tuple(Unmatched(one, _standing(one)) for one in candidates))
    steps = [(one, (*_differences(one, target), *_standing(one))) for one in candidates]
    return Matching(
        target,
        tuple(one for one, found in steps if not found),
        tuple(Unmatched(one, found) for one, found in steps if found),
    )


def possible_dates(candidates: Iterable[Candidate]) -> tuple[CommonDate, ...]:
    """Their renewal dates, the earliest first; the last is the default (rules 5).

    Of two that renew on one day with different anchors, such as 28 Feb for the 28th and for the 31st, the later counts.
    """
    days: dict[date, int] = {}
    for one in candidates:
        days[one.ends_on] = max(one.anchor_day, days.get(one.ends_on, 0))
    return tuple(sorted(CommonDate(day, anchor) for day, anchor in days.items()))


def first_occurrence(common: CommonDate, term: Term, not_before: date) -> date:
    """The first day on or after `not_before` that lies a whole number of terms before or after the common date (rules 5)."""
    months = (not_before.year - common.day.year) * 12 + not_before.month - common.day.month
    steps = months // term.months
    found = add_months(common.day, steps * term.months, common.anchor_day)
    return found if found >= not_before else add_months(common.day, (steps + 1) * term.months, common.anchor_day)


def extend_to(candidate: Candidate, common: CommonDate, today: date) -> Extension:
    """One subscription extended to the common date, for all its seats, at the renewal price of today (rules 5, 2).

    Never shortened; by less than a full term, or just one where a short month cuts both days off alike. Refused with
    `price_missing`.
    """
    ends_on = first_occurrence(common, candidate.term, candidate.ends_on)
    price = candidate.book.price(PriceKind.RENEWAL, candidate.term, today)
    days = days_between(candidate.ends_on, ends_on)
    denominator = days_in_term(candidate.ends_on, candidate.term, candidate.anchor_day)
    line = SeatLine(
        kind=LineKind.EXTENSION,
        quantity=candidate.seats,
        unit_price=price,
        days=days,
        denominator=denominator,
        start=candidate.ends_on,
        end=ends_on,
        net=price.prorate(days, denominator, candidate.seats),
        term=candidate.term,
        price_kind=PriceKind.RENEWAL,
    )
    return Extension(candidate, ends_on, line)


def plan_alignment(candidates: Sequence[Candidate], today: date, day: date | None = None) -> AlignmentPlan:
    """All of them moved to one date, by default their latest: a plan for everything or nothing (rules 5).

    Pending seats and 'automatic off' move along. Refused with the first reason that keeps one out (`term_differs`,
    `payment_method_differs`, `term_change_pending`, ...), `nothing_to_align` where fewer than two are left or all
    already renew together, `date_not_common` (422, field `date`) for another day than one of theirs, `price_missing`.
    """
    found = match_candidates(candidates)
    for unmatched in found.unmatched:
        reason = unmatched.steps[0]
        raise Refused(reason.code, params={**reason.params, "names": (unmatched.candidate.name,)})
    dates = possible_dates(candidates)
    if len(candidates) < 2 or found.likeness is None:
        raise Refused("nothing_to_align")
    wanted = day or dates[-1].day
    common = next((one for one in dates if one.day == wanted), None)
    if common is None:
        raise Refused("date_not_common", params={"date": wanted}, field="date", status=422)
    extensions = tuple(extend_to(one, common, today) for one in candidates)
    if not any(extension.charged or extension.candidate.anchor_day != common.anchor_day for extension in extensions):
        raise Refused("nothing_to_align")
    return AlignmentPlan(
        common=common,
        extensions=extensions,
        net=Money.sum((extension.line.net for extension in extensions), found.likeness.currency),
        together_on=max(extension.ends_on for extension in extensions),
    )


def _most_common(candidates: Sequence[Candidate]) -> Likeness | None:
    active = [one for one in candidates if one.state == State.ACTIVE]
    shared = Counter(likeness_of(one) for one in active)
    latest = {likeness_of(one): one for one in sorted(active, key=lambda one: (one.ends_on, one.key))}
    return max(shared, key=lambda like: (shared[like], latest[like].ends_on, latest[like].key), default=None)


def _differences(one: Candidate, target: Likeness) -> tuple[Reason, ...]:
    steps = []
    if one.book.currency != target.currency:
        steps.append(Reason("currency_differs", {"currency": target.currency}))
    if one.term != target.term:
        steps.append(Reason("term_differs", {"term": target.term, "on": one.ends_on}))
    if one.method != target.method:
        steps.append(Reason("payment_method_differs", {"method": target.method}))
    return tuple(steps)


def _standing(one: Candidate) -> tuple[Reason, ...]:
    steps = []
    if one.planned_term not in {None, one.term}:
        steps.append(Reason("term_change_pending", {"term": one.planned_term, "on": one.ends_on}))
    if one.state != State.ACTIVE:
        code = {State.GRACE: "in_grace", State.SUSPENDED: "suspended", State.CANCELLED: "cancelled", State.TRIAL: "trial"}
        steps.append(Reason(code[one.state], {"ended_on": one.ends_on, "ends_on": one.ends_on}))
    if one.overdue:
        steps.append(Reason("invoice_overdue"))
    return tuple(steps)
