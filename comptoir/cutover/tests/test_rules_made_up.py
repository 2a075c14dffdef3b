"""Made-up rows follow from their seed alone, and keep to the rules of real ones."""

import hashlib
from datetime import date
from itertools import pairwise

import pytest

from comptoir.cutover.rules.chance import Chance
from comptoir.cutover.rules.made_up import World, contracts, customer, people, subscriptions
from comptoir.cutover.rules.made_up_book import PRODUCTS, price_of
from comptoir.kernel.calendar import Term, days_between, next_end

ON = date(2026, 11, 21)
WORLD = World(customers=3, people=31, subscriptions=62, seed=1)


def everything(world: World) -> list[object]:
    rows: list[object] = []
    for index in range(world.customers):
        made = customer(world, index, ["EUR", "GBP"])
        told = list(people(world, index, made.country, ON))
        rows += [made, *told, *contracts(world, index, ON, resellers=2)]
        rows += subscriptions(world, index, ON, products=8, joined=[one.joined_on for one in told])
    return rows


def test_a_seed_gives_the_same_rows_on_every_machine() -> None:
    digest = hashlib.sha256("\n".join(map(repr, everything(WORLD))).encode()).hexdigest()
    assert digest[:16] == "41a88dc3c5ecab0b"


def test_another_seed_gives_other_rows_with_numbers_of_their_own() -> None:
    other = World(customers=3, people=31, subscriptions=62, seed=2)
    numbers = {row.number for row in everything(WORLD) if hasattr(row, "number")}
    assert not numbers & {row.number for row in everything(other) if hasattr(row, "number")}
    assert len(numbers) == len([row for row in everything(WORLD) if hasattr(row, "number")])


def test_every_row_asked_for_is_made_and_customers_get_equal_shares() -> None:
    assert [len(WORLD.share(31, index)) for index in range(3)] == [11, 10, 10]
    assert [row for index in range(3) for row in WORLD.share(31, index)] == list(range(31))
    emails = [row.email for row in everything(WORLD) if hasattr(row, "email")]
    assert len(emails) == len(set(emails)) == 31
    assert [email for email in emails if email.startswith("manager@")] == [
        "manager@seed-600010001.example",
        "manager@seed-600010002.example",
        "manager@seed-600010003.example",
    ]


def test_all_of_a_world_can_be_due_on_one_day() -> None:
    world = World(2, 10, 60, 7, due_in=5)
    made = [row for index in range(2) for row in subscriptions(world, index, ON, products=8, joined=[ON] * 5)]
    assert {row.renews_on for row in made} == {date(2026, 11, 26)}
    assert all(row.automatic_renewal for row in made)
    assert {row.channel for index in range(2) for row in contracts(world, index, ON, resellers=2)} == {"direct"}
    assert World(2, 10, 60, 7, due_in=29).fault() == "--due-in takes a number of days from 1 to 28."


def test_periods_touch_and_are_full_terms() -> None:
    made = list(subscriptions(World(1, 50, 500, 7), 0, ON, products=8, joined=[ON] * 50))
    for one in made:
        assert all(before.end == after.start for before, after in pairwise(one.periods))
        for period in one.periods:
            assert next_end(period.start, one.term, one.renews_on.day) == period.end
    assert {one.term for one in made} == set(Term)
    assert any(one.renews_on <= ON for one in made)
    yearly = [one for one in made if one.term is Term.YEAR and one.renews_on > ON]
    months = {one.renews_on.month for one in yearly}
    assert months == set(range(1, 13))
    assert all(days_between(ON, one.renews_on) <= 366 for one in yearly)


def test_nobody_sits_where_there_is_no_seat_or_before_they_came() -> None:
    joined = [date(2020, 1, 1), date(2026, 1, 1), ON]
    made = list(subscriptions(World(1, 3, 400, 7), 0, ON, products=8, joined=joined))
    for one in made:
        assert len(one.sitting) <= one.seats
        assert len({person for person, _since in one.sitting}) == len(one.sitting)
        assert all(one.periods[0].start <= since <= ON and since >= joined[person] for person, since in one.sitting)
    assert any(len(one.sitting) == 3 for one in made)
    assert max(one.seats for one in made) > 60
    assert all(1 <= one.seats <= 200 for one in made)


@pytest.mark.parametrize(
    "world",
    [World(0, 1, 1, 1), World(2, 1, 2, 1), World(2, 2, 1, 1), World(1, 1, 1, -1), World(1, 1, 1, 10_000), World(1, 10**7, 1, 1)],
)
def test_a_world_that_cannot_be_is_told_in_one_sentence(world: World) -> None:
    assert world.fault().startswith("--")
    assert world.fault().endswith(".")
    assert WORLD.fault() == ""


def test_the_made_up_book_makes_renewing_cheaper_but_not_by_the_month() -> None:
    for product in PRODUCTS:
        for currency in ("EUR", "GBP", "USD", "CHF"):
            month, year = price_of(product, Term.MONTH, currency), price_of(product, Term.YEAR, currency)
            assert month.new == month.renewal > 0
            assert 0 < year.renewal < year.new < 12 * month.new


def test_choices_follow_their_weights() -> None:
    chance = Chance("weights")
    drawn = [chance.weighed((("often", 9), ("seldom", 1), ("never", 0))) for _ in range(2_000)]
    assert 1_700 < drawn.count("often") < 1_900
    assert drawn.count("never") == 0
    assert {chance.between(1, 3) for _ in range(100)} == {1, 2, 3}
