"""The next period, by hand or by the nightly run: its lines, its days, its price. Source: rules 6 and 2."""

from dataclasses import dataclass, replace
from datetime import date

from comptoir.kernel.calendar import Span, Term, next_end
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money

from .lifecycle import RULES_6, Lengths, State, renewable_from, state_of
from .planning import PlanState, next_period, plan_seats, split_lines
from .prices import PriceKind, UnitPrice
from .reason import Reason
from .seats import LineKind, SeatLine, term_line


@dataclass(frozen=True, slots=True)
class RenewalState:
    """A subscription that may be renewed. `plan.renews_on` is the first day that is not paid.

    `period_start` is the first day of the last paid period (of the period that it extends, for an extension).
    `open_invoice_due_on`: the renewal went on an invoice that is still to be paid; `plan.renews_on` is then the day on
    which that renewal began. `automatic_failed`: the run tried on `plan.renews_on` and the card or account said no;
    `run_awaited`: the run is to renew it and has not come yet.
    """

    plan: PlanState
    period_start: date
    open_invoice_due_on: date | None = None
    automatic_failed: bool = False
    run_awaited: bool = False

    def state(self, today: date, lengths: Lengths = RULES_6) -> State:
        """Where it stands on a day (rules 6)."""
        return state_of(
            self.plan.renews_on,
            self.plan.term,
            today,
            invoice_due_on=self.open_invoice_due_on,
            run_awaited=self.run_awaited,
            lengths=lengths,
        )


@dataclass(frozen=True, slots=True)
class RenewByHand:
    """The command: with which term and how many seats. None: what is planned, else what there is."""

    term: Term | None = None
    seats: int | None = None


@dataclass(frozen=True, slots=True)
class NewPeriod:
    """The paid period `[start, end)` to be written; `days` is its denominator, `price` what a renewed seat costs in it."""

    start: date
    end: date
    days: int
    term: Term
    price: Money
    price_kind: PriceKind


@dataclass(frozen=True, slots=True)
class RenewalPlan:
    """What a renewal charges and leaves behind: shown by the preview, stored by the action, never computed twice.

    `seats_after` are those from the period's first day on. `credits_open_invoice`: the unpaid invoice of the renewal
    that lapsed is to be credited.
    """

    lines: tuple[SeatLine, ...]
    net: Money
    period: NewPeriod
    seats_after: int
    term_after: Term
    anchor_after: int
    late: bool
    credits_open_invoice: bool = False
    warnings: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class NotRenewed:
    """The run renews nothing: the subscription ends on `on`. `price_missing` is for staff to hear, too."""

    on: date
    reason: Reason


def plan_renewal_by_hand(state: RenewalState, command: RenewByHand, today: date, lengths: Lengths = RULES_6) -> RenewalPlan:
    """The renewal ordered on `today` (rules 6): from 90 days before the end, never more than one period ahead.

    In time the renewal price of today; in grace today's new price, but the renewal price of the renewal date where the
    automatic payment failed or the run itself is late (rules 2); suspended: today's new price, for a period that starts
    today. Refused with `too_early`, `already_renewed`, `invoice_overdue` (an open renewal invoice is paid, not ordered
    again), `cancelled`, `price_missing`, `last_seat`, `seats_out_of_range`.
    """
    stands = state.state(today, lengths)
    _refuse_by_hand(state, today, stands, lengths)
    plan = state.plan
    if command.seats is not None:
        plan = plan_seats(plan, command.seats)
    term = command.term or plan.next_term
    if stands == State.SUSPENDED:
        return _late(replace(plan, renews_on=today, anchor_day=today.day), term, today, state.open_invoice_due_on is not None)
    if stands == State.ACTIVE:
        return _in_time(plan, term, today, late=False)
    if state.automatic_failed or state.run_awaited:
        return _in_time(plan, term, plan.renews_on, late=True)
    return _late(plan, term, today, False)


def run_due(plan: PlanState, last_run_on: date, today: date) -> bool:
    """Whether the run of `today` renews it, when that of `last_run_on` was the last that finished (rules 6).

    What was automatic when its day came. Turned on after its end, or past its end when it was brought over, it is never
    renewed by the run: late by hand costs the new price.
    """
    return plan.automatic and last_run_on < plan.renews_on <= today


def plan_automatic_renewal(state: RenewalState, today: date) -> RenewalPlan | NotRenewed:
    """The renewal of the nightly run, due on `plan.renews_on`, at the price valid on that day, also when the run is late.

    As planned: seats, term. Where the term has no renewal price on that day nothing is renewed; where only the seats
    above today's have no price, the others are. Refused with `too_early` before the day, `automatic_renewal_off`.
    """
    plan = state.plan
    if today < plan.renews_on:
        raise Refused("too_early", params={"opens_on": plan.renews_on})
    if not plan.automatic:
        raise Refused("automatic_renewal_off", params={"on": plan.renews_on})
    term, on = plan.next_term, plan.renews_on
    if plan.book.find(PriceKind.RENEWAL, term, on) is None:
        facts = {"product": plan.book.product_name, "currency": plan.book.currency, "term": term, "on": on}
        return NotRenewed(on, Reason("price_missing", facts))
    raised = plan.seats_at_renewal - plan.seats_now
    if raised > 0 and plan.book.find(PriceKind.NEW, term, on) is None:
        warning = Reason("seats_not_raised", {"seats": plan.seats_now, "planned": plan.seats_at_renewal})
        done = _in_time(replace(plan, seats_at_renewal=plan.seats_now), term, on, late=today > on)
        return replace(done, warnings=(warning,))
    return _in_time(plan, term, on, late=today > on)


def _refuse_by_hand(state: RenewalState, today: date, stands: State, lengths: Lengths) -> None:
    plan = state.plan
    if stands == State.CANCELLED:
        raise Refused("cancelled", params={"ended_on": plan.renews_on})
    if plan.paid_ahead or (stands == State.ACTIVE and state.open_invoice_due_on is not None):
        raise Refused("already_renewed", params={"renews_on": plan.renews_on})
    if stands == State.GRACE and state.open_invoice_due_on is not None:
        raise Refused("invoice_overdue", params={"due_on": state.open_invoice_due_on})
    opens_on = renewable_from(state.period_start, plan.renews_on, plan.term, lengths)
    if today < opens_on:
        raise Refused("too_early", params={"opens_on": opens_on})


def _in_time(plan: PlanState, term: Term, on: date, *, late: bool) -> RenewalPlan:
    period = next_period(plan, term)
    lines = split_lines(plan.seats_now, plan.seats_at_renewal, lambda kind: plan.book.price(kind, term, on), period, term)
    return _plan(plan, lines, period, term, late)


def _late(plan: PlanState, term: Term, today: date, credits_open_invoice: bool) -> RenewalPlan:
    period = Span(plan.renews_on, next_end(plan.renews_on, term, plan.anchor_day))
    price = UnitPrice(plan.book.price(PriceKind.NEW, term, today), PriceKind.NEW)
    line = term_line(LineKind.RENEWAL, plan.seats_at_renewal, price, period, term)
    return replace(_plan(plan, (line,), period, term, True), credits_open_invoice=credits_open_invoice)


def _plan(plan: PlanState, lines: tuple[SeatLine, ...], period: Span, term: Term, late: bool) -> RenewalPlan:
    first = lines[0]
    return RenewalPlan(
        lines=lines,
        net=Money.sum((line.net for line in lines), plan.book.currency),
        period=NewPeriod(period.start, period.end, period.days, term, first.unit_price, first.price_kind),
        seats_after=plan.seats_at_renewal,
        term_after=term,
        anchor_after=plan.anchor_day,
        late=late,
    )
