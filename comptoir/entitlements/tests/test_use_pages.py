"""The pages of home use and previous versions (F3.1)."""

import pytest

from comptoir.entitlements.actions.benefits import choose_benefits
from comptoir.entitlements.models import UseRight
from comptoir.entitlements.tests.test_use_rights import lent_to
from comptoir.kernel.models import AskedVerb, Event
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.tests.test_plans import actor_of
from tests.cast import TODAY, Cast, raise_curtain, signed_in, subscribe, words_of

pytestmark = pytest.mark.django_db
PAGE = "/c/5200001/home-use/"
ASK = "/c/5200001/subscriptions/560000001/home-use/"


@pytest.fixture
def cast() -> Cast:
    return lent_to(raise_curtain())


def test_the_page_says_what_one_may_have_before_one_asks_and_why_not(cast: Cast) -> None:
    browser = signed_in(cast.emil)
    told = words_of(browser.get(PAGE))
    assert "You have no licence beside your seat." in told
    assert "Ask for home use" in told
    assert "May be installed: 2027, 2026." in told
    assert "Everybody’s" not in told
    cast.sculpt.sharing = "named"
    cast.sculpt.save()
    told = words_of(browser.get(PAGE))
    assert "Home use takes a maintenance plan or a multi-user licence; each seat of this has a name." in told
    assert "Ask for home use" not in told
    assert browser.get(ASK).status_code == 302
    assert words_of(signed_in(cast.rita).get(PAGE)).count("You have no seat") == 1
    choose_benefits(actor_of(cast.sofia), cast.nord, people=[[cast.emil.pk, "home_use", "withheld"]], on=TODAY)
    assert "This benefit is withheld. Ask Sofia Costa and Camille Morel." in words_of(browser.get(PAGE))


def test_asked_approved_with_a_serial_number_shown_and_ended(cast: Cast) -> None:
    emil, sofia = signed_in(cast.emil), signed_in(cast.sofia)
    form = words_of(emil.get(ASK))
    assert "It holds until 20 November 2027" in form
    assert form.partition("Who can give you access:")[2].strip().startswith(("Camille Morel", "Sofia Costa"))
    abroad = emil.post(ASK, {"country": "DE", "reason": ""})
    assert (abroad.status_code, AskedVerb.objects.count()) == (409, 0)
    assert "The home must be in the company’s country" in words_of(abroad)
    assert emil.post(ASK, {"country": "FR", "reason": "Evenings"}).status_code == 302
    assert "Asked; nobody has answered yet" in words_of(emil.get(PAGE))
    actor_of(cast.sofia)
    request = f"/c/5200001/requests/{AskedVerb.objects.get().pk}/"
    assert "Emil Larsen may use Sculpt LT at home (France) until 20 November 2027." in words_of(sofia.get(request))
    assert sofia.post(f"{request}approval/", {"quote": "", "serial": "667-1"}).status_code == 302
    told = words_of(emil.get(PAGE))
    assert "You have 1 licence beside your seat." in told
    assert "Home use 667-1 21 November 2026 20 November 2027 In use End it" in told
    assert "There is one already, until" in told
    assert "Everybody’s" in words_of(sofia.get(PAGE))
    actor_of(cast.emil)
    right = UseRight.objects.get()
    assert signed_in(cast.rita).post(f"{PAGE}{right.pk}/end/").status_code == 404
    assert emil.post(f"{PAGE}{right.pk}/end/").status_code == 302
    told = words_of(emil.get(PAGE))
    assert "667-1 21 November 2026 20 November 2026 Ended" in told
    actor_of(cast.emil)
    assert Event.objects.filter(kind="use_right.ended").count() == 1


def test_a_manager_takes_one_without_asking_and_a_previous_version_is_chosen(cast: Cast) -> None:
    sofia = signed_in(cast.sofia)
    assert sofia.post(ASK, {"country": "FR", "serial": "K-9"}).status_code == 302
    emil = signed_in(cast.emil)
    older = "/c/5200001/subscriptions/560000001/previous-version/"
    assert emil.post(older, {"version": "2025", "reason": ""}).status_code == 422
    assert emil.post(older, {"version": "2026", "reason": ""}).status_code == 302
    actor_of(cast.sofia)
    asked = AskedVerb.objects.get()
    assert (asked.verb, asked.arguments["version"]) == ("entitlements.give_previous_version", "2026")
    assert UseRight.objects.get().number == "K-9"
    Subscription.objects.filter(pk=cast.subscription.pk).update(seats_now=1, seats_at_renewal=1)
    emil.post(ASK, {"country": "FR"})
    actor_of(cast.sofia)
    assert AskedVerb.objects.count() == 1


def test_the_pages_of_the_seats_the_product_and_the_person_show_it_to_who_gives_it_and_whose_it_is(cast: Cast) -> None:
    sofia = signed_in(cast.sofia)
    seats, person = "/c/5200001/subscriptions/560000001/people/", f"/c/5200001/people/{cast.sofia.pk}/"
    assert "Home use and previous versions Person" not in words_of(sofia.get(seats))
    assert sofia.post(ASK, {"country": "FR", "serial": "K-9"}).status_code == 302
    shown = "Sculpt LT 560000001 Home use K-9"
    assert f"Sofia Costa {shown}" in words_of(sofia.get(seats))
    subscribe(cast.contract, cast.sculpt, "560000077", seats=1, start=cast.subscription.starts_on)
    assert f"Sofia Costa {shown}" in words_of(sofia.get("/c/5200001/products/SCLT/"))
    assert shown in words_of(signed_in(cast.camille).get(person))
    assert shown not in words_of(signed_in(cast.rita).get(person))
    assert "K-9" not in words_of(signed_in(cast.emil).get(seats))
    actor_of(cast.emil)
    assert sofia.post(f"{PAGE}{UseRight.objects.get().pk}/end/").status_code == 302
    assert "K-9" not in words_of(sofia.get(seats))  # what has ended stands on the page of all
    assert "K-9 20 November 2026 Ended" in words_of(signed_in(cast.camille).get(person))
