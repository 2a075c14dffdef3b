"""Aligning, asked for by those who may not, and approved in one click after a fresh price (rules 5, 7)."""

import re
from datetime import date

import pytest

from comptoir.kernel.models import AskedVerb, House
from comptoir.kernel.walls import wall_opened
from comptoir.subscriptions.models import Order, Subscription
from tests.cast import Cast, product, raise_curtain, signed_in, subscribe, words_of

pytestmark = pytest.mark.django_db
DAY = date(2027, 2, 1)
HERE = "/c/5200001/alignment/"
NUMBERS = ["560000001", "560000011", "560000012"]


@pytest.fixture
def cast() -> Cast:
    """Three that match, on 10 April, 1 September and 15 December 2027, and a monthly one that does not."""
    made = raise_curtain()
    big = product("BIG", "Big", {"year": (190000, 180000)})
    small = product("SML", "Small", {"year": (45000, 42000), "month": (4500, 4500)})
    subscribe(made.contract, big, "560000011", seats=2, start=date(2026, 9, 1))
    subscribe(made.second_contract, small, "560000012", seats=1, start=date(2026, 12, 15))
    subscribe(made.contract, small, "560000013", seats=1, start=date(2027, 1, 20), term="month")
    House.objects.update(business_day=DAY)
    return made


def asked_of(cast: Cast) -> AskedVerb:
    with wall_opened(read=[cast.nord.pk]):
        return AskedVerb.objects.get()


def renewal_dates(cast: Cast) -> set[date]:
    with wall_opened(read=[cast.nord.pk]):
        return set(Subscription.objects.filter(number__in=NUMBERS).values_list("renews_on", flat=True))


@pytest.mark.parametrize("who", ["sofia", "emil"])
def test_whoever_may_only_ask_sees_what_matches_and_who_decides_and_no_price(cast: Cast, who: str) -> None:
    visitor = signed_in(getattr(cast, who))
    for address in (HERE, "/c/5200001/subscriptions/560000001/alignment/"):
        answer = visitor.get(address)
        page, html = words_of(answer), answer.content.decode()
        assert re.findall(r'name="n" value="(\d+)"', html) == NUMBERS
        assert html.count(" checked>") == 3
        assert "approved in one click, after a look at the price, by Camille Morel" in page
        assert "1 other subscription can’t be aligned with these as it is" in page
        assert "EUR" not in page
        assert "Align 3 subscriptions" not in page


def test_it_is_approved_in_one_click_after_a_fresh_price(cast: Cast) -> None:
    sofia = signed_in(cast.sofia)
    typed = {"n": NUMBERS, "date": "2027-12-15", "reason": "One date, please", "request_key": "k"}
    assert sofia.post(HERE, typed).headers["Location"].endswith("/requests/")
    asked = asked_of(cast)
    assert (asked.verb, asked.arguments) == ("subscriptions.align", {"also": NUMBERS[1:], "to": "2027-12-15"})
    assert renewal_dates(cast) == {date(2027, 4, 10), date(2027, 9, 1), date(2027, 12, 15)}, "nothing has moved"
    assert "EUR" not in words_of(sofia.get(f"/c/5200001/requests/{asked.pk}/"))
    camille = signed_in(cast.camille)
    answer = camille.get(f"/c/5200001/requests/{asked.pk}/")
    page = words_of(answer)
    assert "Align Sculpt LT and 2 other subscriptions on 15 December 2027" in page
    assert "4 seats × 250.00\xa0EUR × 249 of 366 days" in answer.content.decode()
    quote = re.findall(r'name="quote" value="([^"]+)"', answer.content.decode())[0]
    done = camille.post(f"/c/5200001/requests/{asked.pk}/approval/", {"quote": quote, "request_key": "a"})
    assert "/orders/" in done.headers["Location"]
    assert renewal_dates(cast) == {date(2027, 12, 15)}
    with wall_opened(read=[cast.nord.pk]):
        assert (Order.objects.get().verb, AskedVerb.objects.get().state) == ("align", "approved")


def test_a_price_that_moved_since_is_shown_again_and_nothing_is_ordered(cast: Cast) -> None:
    signed_in(cast.sofia).post(HERE, {"n": NUMBERS, "request_key": "k"})
    asked, camille = asked_of(cast), signed_in(cast.camille)
    html = camille.get(f"/c/5200001/requests/{asked.pk}/").content.decode()
    quote = re.findall(r'name="quote" value="([^"]+)"', html)[0]
    House.objects.update(business_day=date(2027, 4, 12))  # the first is past its end now
    assert camille.post(f"/c/5200001/requests/{asked.pk}/approval/", {"quote": quote, "request_key": "a"}).status_code == 409
    with wall_opened(read=[cast.nord.pk]):
        assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"n": NUMBERS[:1]}, "There is no other subscription"),
        ({"n": [*NUMBERS, "560000013"]}, "term"),
        ({"n": NUMBERS, "date": "2027-05-05"}, "Choose one of their renewal dates."),
        ({"n": [*NUMBERS, "560000002"]}, "560000002"),
    ],
    ids=["one", "another term", "no date of theirs", "another customer's"],
)
def test_what_can_not_be_aligned_is_not_asked_for(cast: Cast, typed: dict[str, object], said: str) -> None:
    answer = signed_in(cast.sofia).post(HERE, {**typed, "request_key": "k"})
    assert answer.status_code in {409, 422}
    assert said in words_of(answer)
    with wall_opened(read=[cast.nord.pk]):
        assert not AskedVerb.objects.exists()


def test_whoever_may_align_is_not_asked_to_ask(cast: Cast) -> None:
    assert "Send the request" not in words_of(signed_in(cast.camille).get(HERE))
    assert "Ask for it" in words_of(signed_in(cast.sofia).get("/c/5200001/subscriptions/560000001/"))
    refused = signed_in(cast.camille).post(HERE, {"n": NUMBERS, "reason": "", "request_key": "k"})
    assert refused.status_code == 422
