"""The pages of the renewal plan, alignment and payment method, as each role meets them."""

from datetime import date

import pytest
from django.test import Client

from comptoir.kernel.models import AskedVerb
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Reseller
from comptoir.subscriptions.models import AlignmentWish, Order, PlannedChange, Subscription
from comptoir.subscriptions.tests.test_alignment import NUMBERS
from tests.cast import Cast, make_contract, product, raise_curtain, seat, signed_in, subscribe, words_of

pytestmark = pytest.mark.django_db
BASE = "/c/5200001/"
ONE = f"{BASE}subscriptions/560000001/"


@pytest.fixture
def cast() -> Cast:
    made = raise_curtain()
    big = product("BIG", "Big", {"year": (190000, 180000)})
    small = product("SML", "Small", {"year": (45000, 42000)})
    subscribe(made.contract, big, "560000011", seats=2, start=date(2026, 9, 1))
    subscribe(made.second_contract, small, "560000012", seats=1, start=date(2026, 10, 15))
    return made


def row(cast: Cast, number: str = "560000001") -> Subscription:
    with wall_opened(read=[cast.nord.pk]):
        return Subscription.objects.get(number=number)


def quote_in(page: str) -> str:
    return page.split('name="quote" value="')[1].split('"')[0]


def test_fewer_seats_are_planned_after_the_price_was_seen_and_shown_everywhere(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    page = camille.get(f"{ONE}plan/seats/", {"seats": 3})
    assert "3 seats × 250.00" in words_of(page)
    assert "As it is planned now it would cost 1,000.00\xa0EUR without tax." in page.content.decode()
    sent = {"seats": 3, "quote": quote_in(page.content.decode()), "request_key": "k"}
    assert [camille.post(f"{ONE}plan/seats/", sent).status_code for _ in range(2)] == [302, 302]
    assert (row(cast).seats_now, row(cast).seats_at_renewal) == (4, 3)
    for address in (ONE, f"{ONE}seats/", f"{ONE}plan/term/", f"{ONE}plan/automatic/"):
        assert "3 seats instead of 4" in words_of(camille.get(address)), address
    for address in (BASE, f"{BASE}subscriptions/", f"{BASE}contracts/110000001/"):
        assert "3 seats from the renewal" in words_of(camille.get(address)), address
    camille.post(f"{ONE}plan/withdrawal/", {"field": "seats", "request_key": "w"})
    assert row(cast).seats_at_renewal == 4


def test_the_page_names_who_would_lose_access_and_takes_the_choice(cast: Cast) -> None:
    for n, member in enumerate((cast.pierre, cast.sofia, cast.rita)):
        seat(cast.subscription, member, given_on=date(2026, 5, 1 + n))
    camille = signed_in(cast.camille)
    page = words_of(camille.get(f"{ONE}plan/seats/", {"seats": 2}))
    assert "Rita Nielsen would lose access" in page
    wrong = camille.post(f"{ONE}plan/seats/", {"seats": 2, "keep": [cast.rita.pk], "request_key": "k"})
    assert wrong.status_code == 422
    assert "Choose exactly as many people as there will be seats." in words_of(wrong)
    assert f'id="keep-{cast.rita.pk}" value="{cast.rita.pk}" checked' in wrong.content.decode()
    camille.post(f"{ONE}plan/seats/", {"seats": 2, "request_key": "l"})
    assert "Rita Nielsen would lose access" in words_of(camille.get(ONE))
    camille.post(f"{ONE}plan/seats/", {"seats": 2, "keep": [cast.rita.pk, cast.sofia.pk], "request_key": "m"})
    assert "would lose access" not in words_of(camille.get(ONE))


def test_the_terms_are_compared_with_computed_savings_and_one_is_chosen(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    page = camille.get(f"{ONE}plan/term/")
    said = words_of(page)
    for part in ("1,000.00 EUR", "2,700.00 EUR", "saves 300.00 EUR", "100.00 EUR a year", "3,020.00 EUR"):
        assert part in said, part
    quote = page.content.decode().split('name="quote" value="')[2].split('"')[0]  # monthly, then 3-yearly
    assert camille.post(f"{ONE}plan/term/", {"term": "3years", "quote": quote, "request_key": "k"}).status_code == 302
    with wall_opened(read=[cast.nord.pk]):
        assert PlannedChange.objects.get().term == "3years"
    assert "On 10 April 2027 it renews for 3 years." in words_of(camille.get(ONE))
    assert camille.post(f"{ONE}plan/term/", {"term": "never", "request_key": "l"}).status_code == 422


def test_automatic_renewal_is_turned_off_and_on_in_one_click_each(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    assert "If you turn it off" in words_of(camille.get(f"{ONE}plan/automatic/"))
    camille.post(f"{ONE}plan/automatic/", {"automatic": "off", "request_key": "k"})
    assert not row(cast).automatic_renewal
    assert "all seats end on 10 April 2027" in words_of(camille.get(ONE))
    closed = words_of(camille.get(f"{ONE}plan/term/"))
    assert "Automatic renewal is off" in closed
    assert "1,000.00 EUR" in closed
    camille.post(f"{ONE}plan/withdrawal/", {"field": "automatic", "request_key": "l"})
    assert row(cast).automatic_renewal


def test_several_are_planned_after_a_verdict_for_each(cast: Cast) -> None:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        Subscription.objects.filter(number="560000012").update(automatic_renewal=False)
    camille = signed_in(cast.camille)
    assert 'name="n" value="560000001"' in camille.get(f"{BASE}subscriptions/").content.decode()
    wanted = {"n": NUMBERS, "term": "3years"}
    said = words_of(camille.get(f"{BASE}renewal-plan/", wanted))
    assert "1 of 3 can be changed like this" in said  # Big has no price for 3 years, Small does not renew by itself
    assert "Automatic renewal is off" in said
    camille.post(f"{BASE}renewal-plan/", {"n": ["560000001"], "term": "3years", "request_key": "k"})
    with wall_opened(read=[cast.nord.pk]):
        assert [change.subscription_id for change in PlannedChange.objects.all()] == [cast.subscription.pk]
    refused = camille.post(f"{BASE}renewal-plan/", {**wanted, "seats": 2, "request_key": "l"})
    assert refused.status_code == 409
    with wall_opened(read=[cast.nord.pk]):
        assert PlannedChange.objects.count() == 1
    assert camille.get(f"{BASE}renewal-plan/").status_code == 200


def test_dates_are_aligned_from_the_page_and_the_order_shows_it(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    page = camille.get(f"{BASE}alignment/")
    said = words_of(page)
    assert "renew on 3 different days" in said
    assert "Leave all as it is" in said
    assert "of 366 days" in said
    sent = {"numbers": ",".join(NUMBERS), "date": "2027-10-15", "quote": quote_in(page.content.decode()), "request_key": "k"}
    places = {camille.post(f"{BASE}alignment/", sent).headers["Location"] for _ in range(2)}
    assert places == {f"{BASE}orders/5200001-1/"}
    assert camille.get(places.pop()).status_code == 200
    assert {row(cast, number).renews_on for number in NUMBERS} == {date(2027, 10, 15)}
    again = camille.post(f"{BASE}alignment/", {**sent, "request_key": "l"})
    assert again.status_code == 409
    with wall_opened(read=[cast.nord.pk]):
        assert Order.objects.count() == 1


def test_another_date_is_chosen_and_an_old_quote_is_told(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    page = camille.get(f"{BASE}alignment/", {"n": NUMBERS, "date": "2027-04-10"}).content.decode()
    assert 'value="2027-04-10" id="date-2027-04-10" checked' in page
    camille.post(f"{ONE}seats/", {"add": 1, "request_key": "seats"})
    sent = {"numbers": ",".join(NUMBERS), "date": "2027-04-10", "quote": quote_in(page), "request_key": "k"}
    answer = camille.post(f"{BASE}alignment/", sent)
    assert answer.status_code == 409
    assert "Something changed since this price was shown" in words_of(answer)
    assert quote_in(answer.content.decode()) != sent["quote"]


def test_what_does_not_match_gets_its_step(cast: Cast) -> None:
    subscribe(cast.contract, cast.sculpt, "560000021", seats=1, start=date(2026, 5, 1), term="3years")
    subscribe(cast.contract, cast.sculpt, "560000022", seats=1, start=date(2026, 5, 2), payment_method="card")
    camille = signed_in(cast.camille)
    picked = {"n": [*NUMBERS, "560000021", "560000022"]}
    said = words_of(camille.get(f"{BASE}alignment/", picked))
    assert "It is paid for 3 years at a time, the others for a year." in said
    assert "It is paid like this: Card; the others like this: On invoice." in said
    numbers = ",".join(picked["n"])
    place = f"{BASE}subscriptions/560000022/payment-method/"
    answer = camille.post(place, {"method": "invoice", "back": numbers, "request_key": "m"})
    assert answer.headers["Location"].startswith(f"{BASE}alignment/?n=")
    assert row(cast, "560000022").payment_method == "invoice"
    wish = {"numbers": f"{','.join(NUMBERS)},560000021", "term": "year", "request_key": "w"}
    camille.post(f"{BASE}alignment/wishes/", wish)
    with wall_opened(read=[cast.nord.pk]):
        made = AlignmentWish.objects.get()
        assert (made.outcome, made.members.count()) == ("waiting", 4)
    assert "You will get a mail." in words_of(camille.get(f"{BASE}alignment/"))
    camille.post(f"{BASE}alignment/wishes/{made.pk}/withdrawal/", {"request_key": "x"})
    with wall_opened(read=[cast.nord.pk]):
        made.refresh_from_db()
        assert made.outcome == "withdrawn"


def test_nobody_reaches_what_they_may_not(cast: Cast) -> None:
    oskar, pierre = signed_in(cast.oskar), signed_in(cast.pierre)
    for path in (f"{ONE}plan/seats/", f"{ONE}plan/term/", f"{BASE}alignment/", f"{BASE}renewal-plan/", f"{ONE}payment-method/"):
        assert oskar.get(path).status_code == 404, path
        assert Client().get(path).status_code == 302, path
    assert pierre.get(f"{ONE}payment-method/").status_code == 200
    for path in (f"{ONE}plan/seats/", f"{ONE}plan/term/"):
        answer = signed_in(cast.emil).get(path)
        assert "EUR" not in answer.content.decode()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_pages_stand_in_both_languages(cast: Cast, language: str) -> None:
    camille = signed_in(cast.camille, language)
    for path in (
        ONE,
        f"{ONE}plan/seats/",
        f"{ONE}plan/term/",
        f"{ONE}plan/automatic/",
        f"{ONE}payment-method/",
        f"{BASE}alignment/",
    ):
        assert camille.get(path).status_code == 200, path


def test_who_may_only_ask_plans_by_request_and_sees_no_price(cast: Cast) -> None:
    emil, camille = signed_in(cast.emil), signed_in(cast.camille)
    page = emil.get(f"{ONE}plan/seats/")
    assert "Camille Morel" in words_of(page)
    assert emil.post(f"{ONE}plan/seats/", {"seats": 3, "reason": "one left", "request_key": "k"}).status_code == 302
    assert emil.post(f"{ONE}plan/term/", {"term": "3years", "request_key": "l"}).status_code == 302
    assert emil.post(f"{ONE}plan/automatic/", {"request_key": "m"}).status_code == 302
    assert row(cast).version == 1
    said = words_of(camille.get(f"{BASE}requests/"))
    for title in ("renew with 3 seats", "renew for 3 years", "turn automatic renewal off"):
        assert f"Sculpt LT: {title}" in said
    with wall_opened(read=[cast.nord.pk]):
        waiting = {asked.verb: asked.pk for asked in AskedVerb.objects.all()}
    detail = camille.get(f"{BASE}requests/{waiting['subscriptions.plan_seats']}/").content.decode()
    approval = {"quote": quote_in(detail), "request_key": "a"}
    place = f"{BASE}requests/{waiting['subscriptions.plan_seats']}/approval/"
    assert camille.post(place, approval).headers["Location"] == f"{BASE}requests/"
    assert row(cast).seats_at_renewal == 3
    assert camille.get(f"{BASE}requests/{waiting['subscriptions.automatic_off']}/").status_code == 200


def test_a_reseller_s_subscription_leads_to_a_mail_to_the_reseller(cast: Cast) -> None:
    reseller = Reseller.objects.create(number="R-1", name="Grand Plan", email="sales@grandplan.example")
    contract = make_contract(cast.nord, "110000009", channel="reseller", reseller=reseller)
    subscribe(contract, cast.sculpt, "560000009", seats=2, start=date(2026, 5, 1))
    page = signed_in(cast.camille).get(f"{BASE}subscriptions/560000009/").content.decode()
    assert 'href="mailto:sales@grandplan.example?subject=Add%20seats%3A%20Sculpt%20LT%20560000009&amp;body=Hello' in page
    assert "110000009" in page
