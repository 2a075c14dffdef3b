"""At the first sign-in administrators look once at who may do what, between the language and the tour (F1.6)."""

from datetime import timedelta

import pytest
from django.test import Client

from comptoir.home.tests.test_tour import of
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.models import Event
from comptoir.kernel.tests.stage import token_of
from comptoir.organisations.actions import check_roles, give_role
from comptoir.organisations.models import Membership, RoleCheck
from comptoir.organisations.tests.stage import acting, added
from tests.cast import TODAY, Cast, raise_curtain, signed_in, words_of

pytestmark = pytest.mark.django_db
PAGE, HOME = "/c/5200001/people/check/", "/c/5200001/"
ITEMS = ("managers", "roles", "idle", "requests", "invitations")


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def test_language_comes_first_then_the_check_then_the_tour(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    of(cast.camille, language_confirmed_at=None, tour_ended_at=None)
    words = words_of(camille.get(HOME))
    order = ["Confirm the language", "Look once at who may do what: 5 items are left.", "New here?"]
    assert sorted(order, key=words.index) == order
    for n, item in enumerate(ITEMS):
        assert camille.post(PAGE, {"item": item, "request_key": item}).status_code == 302
        left = 4 - n
        assert (f"{left} of 5 items" in words_of(camille.get(PAGE))) == (left > 0)
    words = words_of(camille.get(PAGE))
    assert "You have looked at everything." in words
    assert words.count("looked at on 21 November 2026") == 5
    assert "Take the tour" in words
    assert "Look once" not in words_of(camille.get(HOME))
    assert "Check roles and permissions" in words_of(camille.get("/profile/?customer=5200001")), "it can be made again"


def test_whoever_has_ended_the_tour_is_asked_for_nothing_and_no_coordinator_is_asked_for_anothers(cast: Cast) -> None:
    assert "Look once" not in words_of(signed_in(cast.camille).get(HOME))
    camille = signed_in(cast.camille)
    camille.post(PAGE, {"item": "managers", "request_key": "a"})
    assert "5 of 5 items" in words_of(signed_in(cast.sofia).get(PAGE)), "each looks for themselves"


def test_what_looks_odd_is_said_with_its_page(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    of(cast.camille, last_login=now() - timedelta(days=400))
    words = words_of(camille.get(PAGE))
    assert "2 people can act as contract managers: Camille Morel, Anton Weber." in words
    assert "Anton Weber manages contracts and has never signed in here." in words
    assert "There is no second manager" not in words
    assert "Payer: 1 Software coordinator: 1 Report viewer: 1" in words
    assert "5 people have a role and have not signed in for half a year" in words
    assert "Anton Weber (never)" in words
    assert "Gaston" not in words, "who left has no role"
    assert "Every invitation was answered or is still good." in words
    nina = added(cast, cast.camille)
    Membership.objects.filter(pk=nina.pk).update(invited_until=now() - timedelta(days=1))
    words = words_of(camille.get(PAGE))
    assert "1 invitation ended without an answer." in words
    for each in camille.get(PAGE).context["checks"]:
        assert camille.get(each.url).status_code == 200


def test_a_lone_manager_is_told_so(cast: Cast) -> None:
    est = signed_in(cast.oskar)
    words = words_of(est.get("/c/5200002/people/check/"))
    assert "There is no second manager: whoever is away leaves nobody" in words
    assert "Nobody coordinates software: only managers give seats." in words


@pytest.mark.parametrize("who", ["pierre", "rita", "emil", "oskar"])
def test_it_is_for_managers_and_coordinators(cast: Cast, who: str) -> None:
    somebody = signed_in(getattr(cast, who))
    of(getattr(cast, who), tour_ended_at=None)
    assert somebody.get(PAGE).status_code == somebody.post(PAGE, {"item": "roles"}).status_code == 404
    if who != "oskar":
        assert "Look once" not in words_of(somebody.get(HOME))


def test_a_click_that_comes_twice_is_noted_once_and_no_item_is_made_up(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    for _again in range(2):
        camille.post(PAGE, {"item": "roles", "request_key": "same"})
    camille.post(PAGE, {"item": "cakes"})
    assert "nothing called cakes" in words_of(camille.get(PAGE))
    actor = acting(cast.camille)
    assert list(RoleCheck.objects.values_list("item", flat=True)) == ["roles"]
    assert Event.objects.filter(kind="role.checked").count() == 1
    with pytest.raises(Refused, match="check_unknown"):
        check_roles(actor, cast.nord, item="cakes", on=TODAY)


def test_the_api_tells_and_takes_the_same(cast: Cast) -> None:
    headers = {"authorization": f"Bearer {token_of(cast.sofia)}"}
    client, checks = Client(headers=headers), "/api/v1/customers/5200001/role-checks"
    assert [each["item"] for each in client.get(checks).json()] == list(ITEMS)
    told = client.put(f"{checks}/roles").json()
    assert [each["checked_on"] for each in told] == [None, "2026-11-21", None, None, None]
    assert client.put(f"{checks}/cakes").json()["code"] == "check_unknown"
    assert client.get("/api/v1/me/tour").json() == {"step": 0, "ended": False}
    kept = client.put("/api/v1/me/tour", {"step": 3, "ended": True}, content_type="application/json")
    assert kept.json() == {"step": 3, "ended": True}
    assert of(cast.sofia).tour_ended_at is not None
    assert of(cast.camille).tour_ended_at is None
    give_role(acting(cast.camille), cast.nord, member=cast.emil.pk, role="payer", on=TODAY)
    emil = Client(headers={"authorization": f"Bearer {token_of(cast.emil)}"})
    assert emil.get(checks).status_code == emil.put(f"{checks}/roles").status_code == 403
