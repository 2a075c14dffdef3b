"""What a subscription was on any past day: as it stood then, whatever happened since."""

import json
from datetime import date, timedelta

import pytest

from comptoir.subscriptions.actions.returns import return_sale
from comptoir.subscriptions.queries.any_day import told_on
from tests.cast import TODAY, Cast, raise_curtain, signed_in, words_of

from .test_add_seats import actor_of
from .test_returns import bought
from .test_seat_pages import Api

pytestmark = pytest.mark.django_db
LATER = TODAY + timedelta(days=5)


@pytest.fixture
def cast() -> Cast:
    """Four seats since 2026-04-10; three more on 2026-11-21, returned five days later."""
    made = raise_curtain()
    camille = actor_of(made.camille)
    return_sale(camille, bought(camille, 3), on=LATER)
    made.subscription.refresh_from_db()
    return made


@pytest.mark.parametrize(
    ("on", "seats", "paid"),
    [
        (date(2026, 4, 10), 4, []),
        (TODAY - timedelta(days=1), 4, []),
        (TODAY, 7, [("F-2026-000001", "322.19", False)]),
        (LATER - timedelta(days=1), 7, [("F-2026-000001", "322.19", False)]),
        (LATER, 4, [("A-2026-000001", "-322.19", True), ("F-2026-000001", "322.19", True)]),
    ],
)
def test_each_day_tells_what_there_was_that_day(cast: Cast, on: date, seats: int, paid: list[tuple[str, str, bool]]) -> None:
    told = told_on(actor_of(cast.camille), cast.subscription, on)
    assert told is not None
    assert (told.day.seats, told.day.state, told.day.paid) == (seats, "active", True)
    assert [(each.number, str(each.net), each.paid) for each in told.payments] == paid
    assert {each.by for each in told.payments if not each.credit} <= {"Camille Morel"}


def test_after_its_end_it_is_in_grace_then_suspended_then_ended(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    days = {
        date(2027, 4, 9): "active",
        date(2027, 4, 10): "grace",
        date(2027, 4, 25): "suspended",
        date(2027, 5, 25): "cancelled",
    }
    told = {day: told_on(camille, cast.subscription, day) for day in days}
    assert {day: each.day.state for day, each in told.items() if each} == days
    assert told_on(camille, cast.subscription, date(2026, 4, 9)) is None


def test_who_sees_no_prices_sees_seats_and_state_alone(cast: Cast) -> None:
    told = told_on(actor_of(cast.rita), cast.subscription, LATER)
    assert told is not None
    assert (told.price, list(told.payments)) == (None, [])
    assert signed_in(cast.emil).get("/c/5200001/subscriptions/560000001/on/").status_code == 404


def test_the_page_takes_a_past_day_and_nothing_else(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    path = "/c/5200001/subscriptions/560000001/on/"
    assert "4 seats of Sculpt LT worked that day" in words_of(camille.get(f"{path}?on=2026-11-20"))
    assert "what we know of it begins on 10 April 2026" in words_of(camille.get(f"{path}?on=2020-01-01"))
    for wrong, said in (("tomorrow", "This is not a day"), ("2027-01-01", "That day has not come yet")):
        answer = camille.get(path, {"on": wrong})
        assert answer.status_code == 422
        assert said in words_of(answer)


def test_the_api_says_the_same(cast: Cast) -> None:
    api = Api(cast, cast.camille)
    found = json.loads(api.get("subscriptions/560000001/on/2026-11-21").content)
    assert (found["seats"], found["state"], found["term"], found["price"]) == (7, "active", "year", None)
    assert [row["number"] for row in found["invoices"]] == ["F-2026-000001"]
    assert api.get("subscriptions/560000001/on/2026-04-09").status_code == 404
    future = api.get("subscriptions/560000001/on/2099-01-01")
    assert (future.status_code, json.loads(future.content)["code"]) == (422, "day_not_come")
    assert api.get("subscriptions/560000001/on/someday").status_code == 422
