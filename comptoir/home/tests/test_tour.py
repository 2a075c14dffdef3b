"""The tour of the portal: what it shows to whom, how it is left, ended and taken again (F1.6)."""

import pytest

from comptoir.identity.models import Person
from comptoir.kernel.models import Event
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership
from tests.cast import Cast, raise_curtain, signed_in, words_of

pytestmark = pytest.mark.django_db
TOUR, HOME = "/c/5200001/tour/", "/c/5200001/"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def of(who: Membership, **columns: object) -> Person:
    """Their own row, after these columns of it are changed."""
    with wall_opened(person=who.person_id):
        if columns:
            Person.objects.filter(pk=who.person_id).update(**columns)
        return Person.objects.get(pk=who.person_id)


STEPS = {"camille": 8, "sofia": 8, "pierre": 7, "emil": 6}


@pytest.mark.parametrize("who", STEPS)
def test_the_tour_has_six_to_eight_steps_whose_pages_one_may_see(cast: Cast, who: str) -> None:
    member = getattr(cast, who)
    visitor = signed_in(member)
    for step in range(1, STEPS[who] + 1):
        page = visitor.get(TOUR, {"step": step})
        assert f"Step {step} of {STEPS[who]}." in words_of(page)
        assert visitor.get(page.context["step"].url).status_code == 200


def test_administrators_are_asked_to_check_roles_and_coordinators_told_who_changes_them(cast: Cast) -> None:
    assert "Please look once whether contract managers, payers" in words_of(signed_in(cast.camille).get(TOUR, {"step": 5}))
    assert "a contract manager changes them" in words_of(signed_in(cast.sofia).get(TOUR, {"step": 5}))
    assert "Each change of money" not in words_of(signed_in(cast.sofia).get(TOUR, {"step": 4}))


def test_home_offers_the_tour_until_it_is_done(cast: Cast) -> None:
    emil = signed_in(cast.emil)
    of(cast.emil, tour_ended_at=None)
    assert "Take the tour" in words_of(emil.get(HOME))
    emil.post(TOUR, {"step": "3", "then": "later", "request_key": "a"})
    assert "Go on with the tour" in words_of(emil.get(HOME))
    assert "Step 3 of 6." in words_of(emil.get(TOUR))
    emil.post(TOUR, {"step": "6", "then": "done", "request_key": "b"})
    assert "the tour" not in words_of(emil.get(HOME)).replace("The tour stays", "")
    assert "Take the tour again" in words_of(emil.get("/profile/?customer=5200001"))
    assert "Step 1 of 6." in words_of(emil.get(TOUR))


def test_whoever_wants_no_tour_is_not_offered_it_again_and_loses_nothing(cast: Cast) -> None:
    emil = signed_in(cast.emil)
    of(cast.emil, tour_ended_at=None)
    answer = emil.post(TOUR, {"step": "1", "then": "never", "request_key": "a"})
    assert (answer.status_code, answer.headers["Location"]) == (302, HOME)
    assert of(cast.emil).tour_ended_at is not None
    assert emil.get(TOUR).status_code == 200


def test_a_click_that_comes_twice_is_noted_once_and_nobody_elses_tour_moves(cast: Cast) -> None:
    emil = signed_in(cast.emil)
    of(cast.emil, tour_ended_at=None)
    for _again in range(2):
        assert emil.post(TOUR, {"step": "2", "then": "later", "request_key": "same"}).status_code == 302
    with wall_opened(person=cast.emil.person_id):
        assert Event.objects.filter(kind="tour.kept").count() == 1
    assert (of(cast.emil).tour_step, of(cast.camille).tour_step) == (2, 0)


@pytest.mark.parametrize("step", ["", "0", "99", "-1", "٣", "1e3", "\x00", "9" * 400])
def test_a_step_that_is_none_is_the_nearest(cast: Cast, step: str) -> None:
    emil = signed_in(cast.emil)
    assert emil.get(TOUR, {"step": step}).status_code == 200
    assert emil.post(TOUR, {"step": step, "then": "later"}).status_code == 302
    assert 1 <= of(cast.emil).tour_step <= 6


def test_a_stranger_finds_no_tour(cast: Cast) -> None:
    assert signed_in(cast.oskar).get(TOUR).status_code == 404
