"""Distances in time, and where things stand on a timeline."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.ui.rules import LANES, Mark, distance, draw_timeline, share, whole_months

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 21), (0, "day")),
        (date(2026, 11, 20), (-1, "day")),
        (date(2027, 1, 5), (45, "day")),
        (date(2027, 1, 21), (2, "month")),
        (date(2027, 3, 20), (3, "month")),
        (date(2027, 3, 21), (4, "month")),
        (date(2028, 11, 20), (23, "month")),
        (date(2028, 11, 21), (2, "year")),
        (date(2026, 9, 20), (-2, "month")),
        (date(2023, 11, 21), (-3, "year")),
    ],
)
def test_a_distance_is_said_in_the_unit_that_people_would_use(day: date, expected: tuple[int, str]) -> None:
    assert distance(day, TODAY) == expected


def test_a_month_counts_once_its_day_has_come() -> None:
    assert whole_months(date(2026, 1, 15), date(2026, 3, 14)) == 1
    assert whole_months(date(2026, 1, 15), date(2026, 3, 15)) == 2


def test_what_lies_outside_the_next_twelve_months_is_not_drawn() -> None:
    marks = [Mark(TODAY - timedelta(days=1), "before"), Mark(TODAY, "now"), Mark(date(2027, 11, 22), "after")]
    assert [stem.label for stem in draw_timeline(marks, TODAY).stems] == ["now"]


def test_what_happens_on_one_day_shares_a_dot() -> None:
    day = date(2027, 2, 7)
    stems = draw_timeline([Mark(day, "Terrain"), Mark(day, "Plan & Coupe")], TODAY).stems
    assert [stem.label for stem in stems] == ["Plan & Coupe +1"]


def test_a_long_name_is_cut_and_says_so() -> None:
    (stem,) = draw_timeline([Mark(TODAY, "A product with a name that never ends")], TODAY).stems
    assert stem.label == "A product with a name…"


def test_where_too_many_stand_together_the_soonest_keeps_its_name() -> None:
    stems = draw_timeline([Mark(TODAY + timedelta(days=n), f"Product {n}") for n in range(20)], TODAY).stems
    assert stems[0].top > 0
    assert sum(stem.top > 0 for stem in stems) == LANES
    assert len(stems) == 20


def test_an_empty_timeline_still_has_its_months() -> None:
    picture = draw_timeline([], TODAY)
    assert picture.stems == ()
    assert [tick.day for tick in picture.ticks][:2] == [date(2026, 12, 1), date(2027, 1, 1)]


@given(st.lists(st.integers(0, 364), max_size=40), st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_no_stem_crosses_a_name(days: list[int], on: date) -> None:
    picture = draw_timeline([Mark(on + timedelta(days=n), "Plan & Coupe") for n in days], on)
    named = [stem for stem in picture.stems if stem.top]
    for left in named:
        for right in named:
            if left.x < right.x <= left.x + 10:
                assert right.top > left.top
    assert all(0 <= stem.x <= 100 and 0 <= stem.top < picture.height for stem in picture.stems)


def test_a_share_stays_between_nothing_and_all() -> None:
    assert (share(1, 4), share(5, 4), share(0, 0), share(-1, 4)) == (25.0, 100.0, 0.0, 0.0)
