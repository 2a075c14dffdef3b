"""The switch that stops all charging."""

import pytest

from comptoir.kernel.models import Event, House
from comptoir.kernel.walls import wall_opened
from tests.cast import Cast, at_desk, raise_curtain, staff_member, words_of

pytestmark = pytest.mark.django_db
SWITCH = "/desk/charging/"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def reason() -> str:
    return House.objects.get().charging_stopped_because


def test_finance_stops_all_charging_with_a_reason_that_every_page_of_the_desk_shows(cast: Cast) -> None:
    fiona = at_desk(staff_member("Fiona", "Lenoir", "finance"))
    assert "Charges are made" in words_of(fiona.get(SWITCH))
    assert fiona.post(SWITCH, {"reason": "Prices look wrong", "request_key": "k"}).status_code == 302
    assert reason() == "Prices look wrong"
    for path in ("/desk/", "/desk/customers/", "/desk/customers/5200001/", "/desk/prices/", "/desk/runs/", SWITCH):
        assert "All charging is stopped: Prices look wrong" in words_of(fiona.get(path)), path
    assert fiona.post(SWITCH, {"reason": "again"}).status_code == 409
    assert fiona.post(SWITCH, {"resume": "yes"}).status_code == 302
    assert reason() == ""
    assert "All charging is stopped" not in words_of(fiona.get("/desk/"))
    with wall_opened(house=True):
        assert [event.kind for event in Event.objects.order_by("seq")] == ["charging.stopped", "charging.resumed"]


def test_without_a_reason_nothing_stops(cast: Cast) -> None:
    answer = at_desk(staff_member("Fiona", "Lenoir", "finance")).post(SWITCH, {"reason": "  "})
    assert answer.status_code == 422
    assert "Say why" in words_of(answer)
    assert reason() == ""


def test_the_switch_wants_a_fresh_proof_of_who_one_is(cast: Cast) -> None:
    answer = at_desk(staff_member("Fiona", "Lenoir", "finance"), fresh=False).post(SWITCH, {"reason": "x"})
    assert answer.headers["Location"] == "/sign-in/again/?next=%2Fdesk%2Fcharging%2F"
    assert reason() == ""


def test_the_catalogue_has_no_switch(cast: Cast) -> None:
    karl = at_desk(staff_member("Karl", "Lang", "catalogue"))
    assert karl.get(SWITCH).status_code == karl.post(SWITCH, {"reason": "x"}).status_code == 404
    assert "Charging" not in words_of(karl.get("/desk/"))
