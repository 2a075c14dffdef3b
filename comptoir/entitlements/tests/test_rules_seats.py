"""Who sits, against a simple model, whatever happens in whatever order over days (rules 9). No database: the rules alone."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from comptoir.entitlements.rules import Beyond, Room, SeatsPaid, Verdict, judged, seats_on, shortfall, who_sits, who_stands
from comptoir.subscriptions.rules import Sitting

START = date(2026, 1, 1)
DAYS = st.integers(0, 800).map(lambda n: START + timedelta(n))
PEOPLE = st.lists(
    st.builds(
        Sitting,
        name=st.sampled_from("ABCDE"),
        given_on=DAYS,
        last_used_on=st.none() | DAYS,
        kept=st.booleans(),
        key=st.integers(1, 40),
    ),
    max_size=12,
    unique_by=lambda one: one.key,
)
PAID = st.builds(
    SeatsPaid,
    now=st.integers(1, 9),
    at_renewal=st.integers(1, 9),
    renews_on=DAYS,
    turns_on=st.none() | DAYS,
    automatic=st.booleans(),
)


@given(PEOPLE, PAID, DAYS)
def test_never_more_people_sit_than_seats_count_and_each_sits_or_stands(
    people: list[Sitting], paid: SeatsPaid, day: date
) -> None:
    seats = seats_on(paid, day)
    sits, stands = who_sits(people, seats), who_stands(people, seats)
    assert len(sits) <= seats <= paid.now
    assert sorted(one.key for one in (*sits, *stands)) == sorted(one.key for one in people)
    assert not stands or len(sits) == seats


@given(PEOPLE, st.integers(0, 12), st.integers(0, 12))
def test_fewer_seats_only_take_away_and_more_only_give(people: list[Sitting], few: int, many: int) -> None:
    low, high = sorted((few, many))
    assert {one.key for one in who_sits(people, low)} <= {one.key for one in who_sits(people, high)}


@given(PEOPLE, st.integers(0, 12))
def test_who_was_chosen_sits_before_who_was_not_and_who_used_it_before_who_did_not(people: list[Sitting], seats: int) -> None:
    sits, stands = who_sits(people, seats), who_stands(people, seats)
    if any(one.kept for one in stands):
        assert all(one.kept for one in sits)
    if any(one.last_used_on and not one.kept for one in stands):
        assert all(one.kept or one.last_used_on for one in sits)


@given(PAID, DAYS)
def test_seats_are_fewer_from_the_day_of_the_turn_and_not_before(paid: SeatsPaid, day: date) -> None:
    turn = paid.turns_on or (paid.renews_on if paid.automatic else None)
    expected = paid.now if turn is None or day < turn else min(paid.now, paid.at_renewal)
    assert seats_on(paid, day) == expected


@given(st.lists(st.integers(1, 20), max_size=15), st.integers(-2, 8), st.sets(st.integers(1, 20)), st.sampled_from(Beyond))
def test_a_verdict_for_each_and_no_more_seats_than_are_free(
    wanted: list[int], free: int, present: set[int], beyond: Beyond
) -> None:
    ordered = sorted(present)
    seated, waiting = set(ordered[::3]), set(ordered[1::3])
    found = judged(wanted, Room(free=free, seated=seated, waiting=waiting, members=present), beyond)
    given_to = [pk for pk, verdict in found.items() if verdict == Verdict.GIVEN]
    assert set(found) == set(wanted)
    assert len(given_to) <= max(0, free)
    assert not {*given_to} & seated
    without = [pk for pk, verdict in found.items() if verdict in {Verdict.WAITS, Verdict.NO_SEAT, Verdict.IN_LINE}]
    assert shortfall(found) == len(without)
    assert not without or len(given_to) == max(0, free)  # nobody goes without while a seat is free
    # whoever comes first is served first
    order = [pk for pk in dict.fromkeys(wanted) if pk in {*given_to, *without}]
    assert order == [*given_to, *without]
