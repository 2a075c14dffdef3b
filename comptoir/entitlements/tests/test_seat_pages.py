"""The pages of seats: who has one, give, take back, lists, asking and approving."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comptoir.entitlements.models import Assignment
from comptoir.kernel.actor import Actor
from comptoir.kernel.jobs import JOBS
from comptoir.kernel.models import AskedVerb, Message
from comptoir.kernel.walls import wall_opened
from comptoir.subscriptions.tests.test_plans import actor_of
from tests.cast import TODAY, Cast, member, raise_curtain, seat, signed_in, subscribe, words_of

pytestmark = pytest.mark.django_db
SEATS = "/c/5200001/subscriptions/560000001/people/"


@pytest.fixture
def cast() -> Cast:
    """Four seats: Pierre and Rita have one."""
    made = raise_curtain()
    seat(made.subscription, made.pierre, given_on=date(2026, 5, 1))
    seat(made.subscription, made.rita, given_on=date(2026, 5, 2))
    return made


def names(cast: Cast, *, waiting: bool = False) -> set[str]:
    actor_of(cast.sofia)
    rows = Assignment.objects.filter(subscription=cast.subscription, ended_on=None, waiting=waiting)
    return set(rows.values_list("membership__name", flat=True))


def test_a_product_with_one_subscription_leads_to_its_seats(cast: Cast) -> None:
    browser = signed_in(cast.sofia)
    assert browser.get("/c/5200001/products/SCLT/").headers["Location"] == SEATS
    subscribe(cast.contract, cast.sculpt, "560000070", seats=1, start=date(2026, 11, 1))
    assert "560000070 110000001 0 of 1 seat in use 1 0" in words_of(browser.get("/c/5200001/products/SCLT/"))


def test_the_page_says_who_sits_and_finds_people_to_give_a_seat(cast: Cast) -> None:
    browser = signed_in(cast.sofia)
    page = words_of(browser.get(SEATS))
    assert "2 of 4 seats are used; 2 are free." in page
    assert "Pierre Payet pierre.payet@example.com has a seat 1 May 2026" in page
    assert "Emil Larsen" not in page
    assert "Emil Larsen emil.larsen@example.com no seat" in words_of(browser.get(f"{SEATS}?q=lars"))
    assert browser.post(f"{SEATS}given/", {"members": [cast.emil.pk]}).headers["Location"] == SEATS
    assert names(cast) == {"Pierre Payet", "Rita Nielsen", "Emil Larsen"}
    browser.post(f"{SEATS}taken/", {"members": [cast.emil.pk, cast.rita.pk]})
    assert names(cast) == {"Pierre Payet"}


def test_without_a_seat_left_the_page_offers_to_wait_and_to_add_seats(cast: Cast) -> None:
    seat(cast.subscription, cast.sofia)
    seat(cast.subscription, cast.camille)
    browser = signed_in(cast.camille)
    refused = browser.post(f"{SEATS}given/", {"members": [cast.emil.pk]})
    told = words_of(refused)
    assert refused.status_code == 409
    assert "All 4 seats are in use." in told
    assert "Put Emil Larsen on the waiting list" in told
    assert "Add seats" in told
    browser.post(f"{SEATS}given/", {"members": [cast.emil.pk], "beyond": "wait"})
    assert names(cast, waiting=True) == {"Emil Larsen"}
    own = words_of(signed_in(cast.emil).get(SEATS))
    assert "You wait for a seat The next seat that becomes free is yours." in own
    browser.post(f"{SEATS}taken/", {"members": [cast.rita.pk]})
    assert "Emil Larsen" in names(cast)


def test_a_seat_is_given_to_somebody_else(cast: Cast) -> None:
    browser = signed_in(cast.sofia)
    page = words_of(browser.get(f"{SEATS}swap/?giver={cast.rita.pk}&q=emil"))
    assert "Give the seat of Rita Nielsen to somebody else" in page
    assert browser.post(f"{SEATS}swap/", {"giver": cast.rita.pk, "taker": cast.emil.pk}).status_code == 302
    assert names(cast) == {"Pierre Payet", "Emil Larsen"}


def test_a_pasted_list_is_judged_person_by_person_before_anybody_is_given_a_seat(cast: Cast) -> None:
    browser = signed_in(cast.sofia)
    pasted = "Emil Larsen <EMIL.Larsen@example.com>; rita.nielsen@example.com\nsofia.costa@example.com, "
    pasted += "camille.morel@example.com x@y.z"
    page = browser.post(f"{SEATS}list/", {"people": pasted, "beyond": "wait"})
    told = words_of(page)
    assert "3 of 5 would be given a seat or wait for one. Nothing has changed yet." in told
    for line in (
        "emil.larsen@example.com Emil Larsen gets a seat",
        "rita.nielsen@example.com Rita Nielsen has a seat already",
        "camille.morel@example.com Camille Morel goes on the waiting list",
        "x@y.z – is not one of your people",
    ):
        assert line in told
    assert len(names(cast)) == 2
    hidden = {name: page.context["found"].giving.quote if name == "quote" else "wait" for name in ("quote", "beyond")}
    browser.post(f"{SEATS}given/", {**hidden, "members": list(page.context["found"].members)})
    assert len(names(cast)) == 4
    assert names(cast, waiting=True) == {"Camille Morel"}


def test_an_end_user_asks_and_a_coordinator_approves_with_one_click_from_the_mail(cast: Cast) -> None:
    browser = signed_in(cast.emil)
    page = words_of(browser.get(SEATS))
    assert "You have no seat of this" in page
    assert page.partition("Who can give you access:")[2].startswith(" Sofia Costa, Camille Morel")
    assert "Pierre Payet" not in page
    assert browser.post("/c/5200001/subscriptions/560000001/request/", {"reason": "a model"}).status_code == 302
    assert "nobody has answered yet" in words_of(browser.get(SEATS))
    actor_of(cast.sofia)
    asked = AskedVerb.objects.get()
    body, _own = JOBS["subscriptions.tell_asked"]
    body(Actor.job("subscriptions.tell_asked", cast.nord.pk), asked_id=asked.pk)
    assert {mail.to for mail in Message.objects.all()} == {"sofia.costa@example.com", "camille.morel@example.com"}
    address = f"/c/5200001/requests/{asked.pk}/"
    assert address in Message.objects.get(to="sofia.costa@example.com").text
    coordinator = signed_in(cast.sofia)
    assert "Emil Larsen gets a seat: 2 of 4 are free." in words_of(coordinator.get(address))
    assert coordinator.post(f"{address}approval/", {"quote": ""}).status_code == 302
    assert "Emil Larsen" in names(cast)
    assert AskedVerb.objects.get().state == "approved"


def test_approving_without_a_seat_offers_the_waiting_list(cast: Cast) -> None:
    seat(cast.subscription, cast.sofia)
    seat(cast.subscription, cast.camille)
    signed_in(cast.emil).post("/c/5200001/subscriptions/560000001/request/", {"reason": ""})
    actor_of(cast.sofia)
    address = f"/c/5200001/requests/{AskedVerb.objects.get().pk}/"
    coordinator = signed_in(cast.sofia)
    told = words_of(coordinator.get(address))
    assert "All 4 seats are in use." in told
    assert "Add seats first" not in told  # a coordinator asks for more
    assert "Add seats first" in words_of(signed_in(cast.camille).get(address))
    assert coordinator.post(f"{address}approval/", {"quote": ""}).status_code == 409
    assert coordinator.post(f"{address}approval/", {"quote": "", "beyond": "wait"}).status_code == 302
    assert names(cast, waiting=True) == {"Emil Larsen"}


def test_a_coordinator_sees_and_answers_requests_for_seats_but_not_for_money(cast: Cast) -> None:
    browser = signed_in(cast.emil)
    browser.post("/c/5200001/subscriptions/560000001/request/", {"reason": ""})
    browser.post("/c/5200001/subscriptions/560000001/seats/", {"add": 2, "reason": ""})
    told = words_of(signed_in(cast.sofia).get("/c/5200001/requests/"))
    assert "A seat of Sculpt LT" in told
    assert "2 more seats of Sculpt LT" not in told
    assert "2 more seats of Sculpt LT" in words_of(signed_in(cast.camille).get("/c/5200001/requests/"))


def test_the_page_costs_the_same_however_many_people_there_are(cast: Cast) -> None:
    browser = signed_in(cast.sofia)

    def queries() -> int:
        browser.get(f"{SEATS}?q=n")
        with CaptureQueriesContext(connection) as made:
            assert browser.get(f"{SEATS}?q=n").status_code == 200
        return len(made)

    few = queries()
    for n in range(12):
        made = member(cast.nord, f"Nora{n}", "Novak")
        if n > 2:
            with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
                seat(cast.subscription, made, waiting=True, given_on=TODAY)
    assert queries() == few
