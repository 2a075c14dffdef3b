from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.subscriptions.rules import (
    LineKind,
    Owned,
    PriceKind,
    ReturnPlan,
    Sale,
    SaleKind,
    SeatLine,
    Sitting,
    SoldLine,
    newest_sale,
    plan_return,
    plan_taking_back,
    return_facts,
    return_until,
)


def euros(text: str) -> Money:
    return Money.parse(text, "EUR")


def line(kind: LineKind, seats: int, price: str, start: date, end: date, denominator: int = 365) -> SeatLine:
    days, unit = (end - start).days, euros(price)
    net = unit.prorate(days, denominator, seats)
    return SeatLine(kind, seats, unit, days, denominator, start, end, net, Term.YEAR, PriceKind.NEW)


BOUGHT, END = date(2025, 1, 1), date(2026, 1, 1)
PURCHASE = Sale("F-1", SaleKind.PURCHASE, 1, BOUGHT, Term.YEAR, (SoldLine(line(LineKind.PURCHASE, 4, "280", BOUGHT, END)),))
ADDED_ON = date(2025, 1, 10)
ADDITION = Sale(
    "F-2",
    SaleKind.ADDITION,
    2,
    ADDED_ON,
    Term.YEAR,
    (
        SoldLine(line(LineKind.RUNNING, 2, "280", ADDED_ON, END)),
        SoldLine(line(LineKind.EXTENSION, 2, "280", END, date(2026, 3, 1))),
    ),
)
RENEWAL = Sale(
    "F-3",
    SaleKind.RENEWAL,
    3,
    date(2025, 12, 20),
    Term.YEAR,
    (
        SoldLine(line(LineKind.RENEWAL, 4, "250", END, date(2027, 1, 1))),
        SoldLine(line(LineKind.RAISED, 2, "280", END, date(2027, 1, 1))),
    ),
    ends_before=END,
    anchor_before=1,
)
ALIGNMENT = Sale(
    "F-4",
    SaleKind.ALIGNMENT,
    4,
    date(2025, 12, 20),
    Term.YEAR,
    (SoldLine(line(LineKind.EXTENSION, 4, "250", END, date(2026, 6, 15))),),
    ends_before=END,
    anchor_before=1,
)
ANN, BOB, CYD = (
    Sitting(name, date(2025, 1, 1), last_used_on=date(2025, 1, day)) for name, day in (("Ann", 9), ("Bob", 8), ("Cyd", 7))
)
FOUR = Owned(4, 4, END, 1)


def give_back(sale: Sale, owned: Owned, today: date, seats: int | None = None) -> ReturnPlan:
    return plan_return(sale, (sale,), owned, today, seats=seats)


def refused(sale: Sale, owned: Owned, today: date, seats: int | None = None, *, sales: tuple[Sale, ...] = ()) -> Refused:
    with pytest.raises(Refused) as refusal:
        plan_return(sale, sales or (sale,), owned, today, seats=seats)
    return refusal.value


# --- what becomes of the subscription ----------------------------------------------------------------------------------


def test_a_returned_purchase_ends_the_subscription_and_gives_all_back() -> None:
    today = date(2025, 1, 31)
    plan = give_back(PURCHASE, FOUR, today)
    assert (str(plan.net), plan.ended_on, plan.renews_on_after, plan.automatic_after) == ("-1120.00", today, today, False)
    assert (plan.removes_period, [(one.quantity, str(one.net)) for one in plan.credits]) == (True, [(4, "-1120.00")])


def test_a_returned_addition_takes_its_seats_back_and_keeps_the_plan_as_a_difference() -> None:
    plan = give_back(ADDITION, replace(FOUR, seats_now=6, seats_at_renewal=5), date(2025, 2, 9))
    assert (plan.seats_now_after, plan.seats_at_renewal_after, plan.renews_on_after) == (4, 3, END)
    assert (plan.ended_on, plan.removes_period, plan.automatic_after) == (None, False, True)
    assert [one.quantity for one in plan.credits] == [2, 2]
    assert plan.net == -(ADDITION.lines[0].line.net + ADDITION.lines[1].line.net)


def test_at_least_one_seat_renews_after_a_return() -> None:
    assert give_back(ADDITION, replace(FOUR, seats_now=6, seats_at_renewal=1), ADDED_ON).seats_at_renewal_after == 1


def test_a_returned_renewal_puts_the_subscription_back_at_its_old_end_and_is_not_renewed_again() -> None:
    owned = Owned(4, 6, date(2027, 1, 1), 1, sitting=(ANN, BOB, CYD))
    plan = give_back(RENEWAL, owned, date(2025, 12, 31))
    assert (plan.renews_on_after, plan.anchor_after, plan.automatic_after, plan.removes_period) == (END, 1, False, True)
    assert (plan.seats_now_after, plan.seats_at_renewal_after, plan.ended_on) == (4, 6, None)
    assert [(one.line.kind, one.quantity, str(one.net)) for one in plan.credits] == [
        (LineKind.RENEWAL, 4, "-1000.00"),
        (LineKind.RAISED, 2, "-560.00"),
    ]


def test_a_returned_alignment_puts_back_end_and_anchor_and_takes_nobodys_seat() -> None:
    owned = Owned(4, 3, date(2026, 6, 15), 15, automatic=True, sitting=(ANN, BOB, CYD))
    plan = give_back(ALIGNMENT, owned, date(2025, 12, 31))
    assert (plan.renews_on_after, plan.anchor_after, plan.automatic_after) == (END, 1, True)
    assert (plan.seats_now_after, plan.seats_at_renewal_after, plan.removes_period) == (4, 3, True)
    assert plan.net == -ALIGNMENT.lines[0].line.net


# --- until when --------------------------------------------------------------------------------------------------------


def test_the_window_is_30_days_from_the_invoice_and_15_for_a_month() -> None:
    assert return_until(PURCHASE) == date(2025, 1, 31)
    assert return_until(replace(PURCHASE, term=Term.MONTH)) == date(2025, 1, 16)
    late = refused(PURCHASE, FOUR, date(2025, 2, 1))
    assert (late.code, late.params) == ("return_window_over", {"until": date(2025, 1, 31)})


def test_an_alignment_is_returned_only_before_the_old_renewal_date() -> None:
    assert return_until(ALIGNMENT) == date(2025, 12, 31)
    assert refused(ALIGNMENT, FOUR, END).code == "return_window_over"
    early = replace(ALIGNMENT, invoiced_on=date(2025, 10, 1))
    assert return_until(early) == date(2025, 10, 31)


# --- in which order ----------------------------------------------------------------------------------------------------


def test_the_newest_goes_first() -> None:
    six = replace(FOUR, seats_now=6)
    refusal = refused(PURCHASE, six, date(2025, 1, 20), sales=(PURCHASE, ADDITION))
    assert (refusal.code, refusal.params) == ("return_newer_first", {"names": ("F-2",)})
    assert newest_sale((PURCHASE, ADDITION)) == ADDITION


def test_what_was_given_back_already_stands_in_nobodys_way() -> None:
    gone = replace(ADDITION, lines=tuple(replace(sold, returned=2) for sold in ADDITION.lines))
    assert gone.left == 0
    assert plan_return(PURCHASE, (gone, PURCHASE), FOUR, date(2025, 1, 20)).ended_on
    assert newest_sale((gone, PURCHASE)) == PURCHASE
    assert newest_sale((gone,)) is None


def test_the_facts_for_the_reasons_name_all_that_is_newer_and_all_who_sit() -> None:
    facts = return_facts(PURCHASE, (PURCHASE, ADDITION, RENEWAL), replace(FOUR, sitting=(BOB, ANN)), date(2025, 1, 20))
    assert (facts.until, facts.newer, facts.seats_in_use_by) == (date(2025, 1, 31), ("F-3", "F-2"), ("Ann", "Bob"))


# --- seats must be free ------------------------------------------------------------------------------------------------


def test_seats_in_use_are_not_given_back_and_those_in_the_way_are_named() -> None:
    owned = Owned(4, 4, END, 1, sitting=(ANN, BOB, CYD))
    refusal = refused(replace(ADDITION, order=9), owned, ADDED_ON)
    assert (refusal.code, refusal.params) == ("seats_in_use", {"names": ("Cyd",)})
    assert give_back(ADDITION, replace(owned, sitting=(ANN, BOB)), ADDED_ON).seats_now_after == 2


def test_for_a_purchase_every_seat_must_be_free() -> None:
    assert refused(PURCHASE, replace(FOUR, sitting=(ANN,)), BOUGHT).params == {"names": ("Ann",)}


def test_a_renewal_that_has_begun_needs_its_seats_free_one_ahead_does_not() -> None:
    owned = Owned(6, 6, date(2027, 1, 1), 1, sitting=(ANN,))
    assert refused(RENEWAL, owned, END).code == "seats_in_use"
    assert give_back(RENEWAL, replace(owned, sitting=()), END).renews_on_after == END


# --- part, by the desk -------------------------------------------------------------------------------------------------


def test_the_desk_may_give_back_part_of_a_purchase() -> None:
    plan = give_back(PURCHASE, replace(FOUR, sitting=(ANN, BOB)), date(2025, 1, 20), seats=2)
    assert (str(plan.net), plan.seats_now_after, plan.seats_at_renewal_after) == ("-560.00", 2, 2)
    assert (plan.ended_on, plan.removes_period, plan.automatic_after, plan.renews_on_after) == (None, False, True, END)


def test_part_of_a_renewal_takes_the_raised_seats_first() -> None:
    plan = give_back(RENEWAL, Owned(4, 6, date(2027, 1, 1), 1), date(2025, 12, 25), seats=3)
    assert [(one.line.kind, one.quantity) for one in plan.credits] == [(LineKind.RENEWAL, 1), (LineKind.RAISED, 2)]
    assert (plan.seats_now_after, plan.seats_at_renewal_after, plan.renews_on_after) == (4, 3, date(2027, 1, 1))
    one = give_back(RENEWAL, Owned(6, 6, date(2027, 1, 1), 1), END, seats=1)
    assert [(credit.line.kind, credit.quantity) for credit in one.credits] == [(LineKind.RAISED, 1)]
    assert (one.seats_now_after, one.seats_at_renewal_after) == (5, 5)


@pytest.mark.parametrize(("sale", "seats"), [(PURCHASE, 0), (PURCHASE, 5), (ALIGNMENT, 2)])
def test_a_part_that_is_none_is_refused_and_an_alignment_is_returned_whole(sale: Sale, seats: int) -> None:
    refusal = refused(sale, FOUR, sale.invoiced_on, seats)
    assert (refusal.code, refusal.field, refusal.status) == ("seats_out_of_range", "seats", 422)


@given(st.integers(1, 10**6), st.integers(2, 60), st.integers(1, 366), st.data())
def test_parts_add_up_to_the_whole_line_to_the_cent(price: int, seats: int, days: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(1, seats - 1))
    end = date.fromordinal(BOUGHT.toordinal() + days)
    sold = SoldLine(line(LineKind.PURCHASE, seats, str(Money(price, "EUR")), BOUGHT, end, 366))
    sale, owned = replace(PURCHASE, lines=(sold,)), replace(FOUR, seats_now=seats, seats_at_renewal=seats)
    first = give_back(sale, owned, BOUGHT, seats=part)
    rest = replace(sale, lines=(replace(sold, returned=part),))
    second = give_back(rest, replace(owned, seats_now=first.seats_now_after), BOUGHT)
    assert first.net + second.net == -sold.line.net
    assert second.ended_on == BOUGHT


# --- taken back unpaid -------------------------------------------------------------------------------------------------


def test_what_was_never_paid_is_taken_back_whoever_sits_there_and_the_subscription_goes_on() -> None:
    owned = replace(FOUR, seats_now=6, seats_at_renewal=6, sitting=(ANN, BOB, CYD))
    plan = plan_taking_back(ADDITION, [PURCHASE, ADDITION], owned, date(2025, 3, 1))
    assert (plan.seats_now_after, plan.seats_at_renewal_after, plan.automatic_after, plan.ended_on) == (4, 4, True, None)
    assert plan.net == -(ADDITION.lines[0].line.net + ADDITION.lines[1].line.net)
    aligned = plan_taking_back(ALIGNMENT, [ALIGNMENT], Owned(4, 4, date(2026, 6, 15), 15), date(2026, 2, 5))
    assert (aligned.renews_on_after, aligned.anchor_after, aligned.automatic_after) == (END, 1, True)


def test_seats_that_a_later_renewal_sold_are_not_taken_back_with_the_addition() -> None:
    owned = Owned(6, 6, date(2027, 1, 1), 1)
    ahead = plan_taking_back(ADDITION, [PURCHASE, ADDITION, RENEWAL], owned, date(2025, 12, 25))
    assert (ahead.seats_now_after, ahead.seats_at_renewal_after) == (4, 6)
    begun = plan_taking_back(ADDITION, [PURCHASE, ADDITION, RENEWAL], owned, END)
    assert (begun.seats_now_after, begun.seats_at_renewal_after) == (6, 6)
    assert begun.net == ahead.net == -(ADDITION.lines[0].line.net + ADDITION.lines[1].line.net)


def test_where_a_smaller_renewal_was_undone_one_seat_stays() -> None:
    plan = give_back(ADDITION, Owned(1, 1, END, 1), ADDED_ON)
    assert (plan.seats_now_after, plan.seats_at_renewal_after) == (1, 1)
