"""What can be given back, until when, in which order, and what becomes of the subscription then. Source: rules 6."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money

from .availability import Returnable
from .lifecycle import RULES_6, Lengths, returnable_until
from .planning import Sitting, by_rank
from .seats import SeatLine


class SaleKind(StrEnum):
    """What an invoice sold to a subscription."""

    PURCHASE = "purchase"
    ADDITION = "addition"
    RENEWAL = "renewal"
    ALIGNMENT = "alignment"


@dataclass(frozen=True, slots=True)
class SoldLine:
    """One line of an invoice and how many of its seats have been given back already."""

    line: SeatLine
    returned: int = 0

    @property
    def left(self) -> int:
        """Seats that are still sold."""
        return self.line.quantity - self.returned

    def net_of(self, seats: int) -> Money:
        """What `seats` of it cost: rounded as the line would have been."""
        return self.line.unit_price.prorate(self.line.days, self.line.denominator, seats)


@dataclass(frozen=True, slots=True)
class Sale:
    """What one invoice sold to one subscription: returned as one (rules 6: the whole line).

    `order` counts the subscription's sales, the newest highest. `ends_before` and `anchor_before` are the renewal date and
    anchor day that it had before a renewal or alignment.
    """

    key: str
    kind: SaleKind
    order: int
    invoiced_on: date
    term: Term
    lines: tuple[SoldLine, ...]
    ends_before: date | None = None
    anchor_before: int | None = None

    @property
    def starts(self) -> date:
        """The first day that it paid for."""
        return min(sold.line.start for sold in self.lines)

    @property
    def left(self) -> int:
        """Seats of it that are still sold; an addition has the same number in each of its lines."""
        if self.kind == SaleKind.ADDITION:
            return self.lines[0].left
        return sum(sold.left for sold in self.lines)


@dataclass(frozen=True, slots=True)
class Owned:
    """What the subscription has today, and who sits on it."""

    seats_now: int
    seats_at_renewal: int
    renews_on: date
    anchor_day: int
    automatic: bool = True
    sitting: tuple[Sitting, ...] = ()


@dataclass(frozen=True, slots=True)
class CreditLine:
    """What a credit note gives back of a line: `quantity` seats, `net` below zero."""

    line: SeatLine
    quantity: int
    net: Money


@dataclass(frozen=True, slots=True)
class ReturnPlan:
    """What a return gives back and leaves behind. `ended_on` is set where nothing is left of the subscription.

    `removes_period`: the period or extension that was sold no longer counts as paid.
    """

    credits: tuple[CreditLine, ...]
    net: Money
    seats_now_after: int
    seats_at_renewal_after: int
    renews_on_after: date
    anchor_after: int
    automatic_after: bool
    removes_period: bool
    ended_on: date | None = None


def newest_sale(sales: Sequence[Sale]) -> Sale | None:
    """The sale that is to be returned before any other: the newest of which something is left (rules 6)."""
    return max((sale for sale in sales if sale.left), key=lambda sale: sale.order, default=None)


def return_facts(sale: Sale, sales: Sequence[Sale], owned: Owned, today: date, lengths: Lengths = RULES_6) -> Returnable:
    """What `reasons` asks about a return (rules 6, 8): its last day, what is newer, who is in the way."""
    newer = sorted((one for one in sales if one.left and one.order > sale.order), key=lambda one: -one.order)
    return Returnable(
        until=return_until(sale, lengths),
        newer=tuple(one.key for one in newer),
        seats_in_use_by=tuple(one.name for one in _in_the_way(sale, owned, sale.left, today)),
    )


def return_until(sale: Sale, lengths: Lengths = RULES_6) -> date:
    """The last day of a return: 30 days after the invoice's, 15 for `month`; an alignment's before its old renewal date."""
    until = returnable_until(sale.invoiced_on, sale.term, lengths)
    if sale.kind == SaleKind.ALIGNMENT and sale.ends_before is not None:
        return min(until, date.fromordinal(sale.ends_before.toordinal() - 1))
    return until


def plan_return(
    sale: Sale,
    sales: Sequence[Sale],
    owned: Owned,
    today: date,
    *,
    seats: int | None = None,
    lengths: Lengths = RULES_6,
) -> ReturnPlan:
    """The whole of a sale given back, whatever was used; the desk may give back part: `seats` of it (rules 6).

    A purchase ends the subscription; a renewal puts it back at its old end and turns automatic renewal off, else the next
    run would renew it again; an alignment puts back end and anchor; an addition takes its seats back. Refused with
    `return_window_over`, `return_newer_first`, `seats_in_use`, `seats_out_of_range` (422: parts of what is left; an
    alignment is returned whole).
    """
    count = sale.left if seats is None else seats
    facts = return_facts(sale, sales, owned, today, lengths)
    if facts.until is None or today > facts.until:
        raise Refused("return_window_over", params={"until": facts.until})
    if facts.newer:
        raise Refused("return_newer_first", params={"names": facts.newer})
    if not 1 <= count <= sale.left or (sale.kind == SaleKind.ALIGNMENT and count != sale.left):
        raise Refused("seats_out_of_range", params={"least": 1, "most": sale.left, "given": count}, field="seats", status=422)
    if people := _in_the_way(sale, owned, count, today):
        raise Refused("seats_in_use", params={"names": tuple(one.name for one in people)})
    credits = _credits(sale, count)
    return _effect(sale, owned, count, today, credits)


def plan_taking_back(sale: Sale, sales: Sequence[Sale], owned: Owned, today: date) -> ReturnPlan:
    """All that is left of a sale that was never paid, taken back whatever is in the way (rules 6): nobody chose to return it.

    Automatic renewal stays as it is: the subscription goes on. Seats that a later renewal has sold again stay.
    """
    plan = _effect(sale, owned, sale.left, today, _credits(sale, sale.left))
    renewed = [one for one in sales if one.kind == SaleKind.RENEWAL and one.left and one.order > sale.order]
    if sale.kind == SaleKind.ADDITION and renewed:
        begun = any(one.starts <= today for one in renewed)
        now = owned.seats_now if begun else plan.seats_now_after
        plan = replace(plan, seats_now_after=now, seats_at_renewal_after=owned.seats_at_renewal)
    return replace(plan, automatic_after=owned.automatic)


def _in_the_way(sale: Sale, owned: Owned, seats: int, today: date) -> tuple[Sitting, ...]:
    """Those who would lose their seat today. A renewal that has not begun and an alignment take no seat away today."""
    if sale.kind == SaleKind.ALIGNMENT or (sale.kind == SaleKind.RENEWAL and today < sale.starts):
        return ()
    return by_rank(owned.sitting)[max(0, owned.seats_now - seats) :]


def _credits(sale: Sale, seats: int) -> tuple[CreditLine, ...]:
    """Rounded as what was sold less what stays sold, so that parts add up to the whole line."""
    found, to_go = [], seats
    for sold in reversed(sale.lines):  # the raised seats of a renewal first: they came last
        taken = seats if sale.kind == SaleKind.ADDITION else min(sold.left, to_go)
        to_go -= taken
        if taken:
            found.append(CreditLine(sold.line, taken, sold.net_of(sold.left - taken) - sold.net_of(sold.left)))
    return tuple(reversed(found))


def _effect(sale: Sale, owned: Owned, seats: int, today: date, credits: tuple[CreditLine, ...]) -> ReturnPlan:
    whole = seats == sale.left
    now, later = _seats_after(sale, owned, seats, today, whole)
    undone = whole and sale.kind != SaleKind.ADDITION
    back = undone and sale.kind in {SaleKind.RENEWAL, SaleKind.ALIGNMENT}
    ends = undone and sale.kind == SaleKind.PURCHASE
    return ReturnPlan(
        credits=credits,
        net=Money.sum((credit.net for credit in credits), sale.lines[0].line.net.currency),
        seats_now_after=now,
        seats_at_renewal_after=later,
        renews_on_after=today if ends else (sale.ends_before or owned.renews_on) if back else owned.renews_on,
        anchor_after=(sale.anchor_before or owned.anchor_day) if back else owned.anchor_day,
        automatic_after=owned.automatic and not (undone and sale.kind in {SaleKind.RENEWAL, SaleKind.PURCHASE}),
        removes_period=undone,
        ended_on=today if ends else None,
    )


def _seats_after(sale: Sale, owned: Owned, seats: int, today: date, whole: bool) -> tuple[int, int]:
    """Planned seats stay a difference, but at least one renews (rules 4). A period undone leaves the seats as they were.

    At least one works: a renewal of fewer seats, undone itself since, has dropped those that came before it already.
    """
    if sale.kind == SaleKind.ALIGNMENT or (whole and sale.kind != SaleKind.ADDITION):
        return owned.seats_now, owned.seats_at_renewal
    later = max(1, owned.seats_at_renewal - seats)
    begun = sale.kind != SaleKind.RENEWAL or sale.starts <= today
    return max(1, owned.seats_now - seats) if begun else owned.seats_now, later
