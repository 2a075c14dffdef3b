"""Contracts and orders to read: the lists, one contract, one subscription, as each role meets them (F5.2)."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Reseller
from comptoir.permissions import Role
from tests.cast import (
    TODAY,
    Cast,
    make_contract,
    member,
    nights_are_over,
    product,
    raise_curtain,
    seat,
    signed_in,
    subscribe,
    words_of,
)

pytestmark = pytest.mark.django_db
HOME = "/c/5200001/"
LIST, ONE = f"{HOME}subscriptions/", f"{HOME}subscriptions/560000001/"
AtMost = Callable[[int], object]


@pytest.fixture
def cast() -> Cast:
    made = raise_curtain()
    nights_are_over()
    return made


def numbers_in(page: str) -> list[str]:
    """The subscriptions that a list shows, in its order."""
    return [part.split("</small>")[0] for part in page.split("<small>")[1:] if part[:4] == "5600"]


def test_the_list_begins_with_the_figures(cast: Cast) -> None:
    seat(cast.subscription, cast.emil)
    page = words_of(signed_in(cast.camille).get(LIST))
    assert "No subscription renews within 60 days; 3 of 4 seats are not used." in page
    assert "Sculpt LT 560000001" in page
    assert "1 / 4" in page
    assert "10 April 2027, in 4 months" in page


def test_a_full_customer_is_told_so_in_french_too(cast: Cast) -> None:
    for holder in (cast.emil, cast.rita, cast.sofia, cast.pierre):
        seat(cast.subscription, holder)
    assert "Les 4 postes sont tous utilisés." in words_of(signed_in(cast.camille, "fr").get(LIST))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "SCULPT"}, ["560000010", "560000001"]),
        ({"q": "0010"}, ["560000010"]),
        ({"q": "110000002"}, ["560000011"]),
        ({"q": "nothing like it"}, []),
        ({"product": "RNDR"}, ["560000011"]),
        ({"term": "month"}, ["560000010"]),
        ({"within": "30"}, ["560000010"]),
        ({"state": "active", "sort": "-renews"}, ["560000011", "560000001", "560000010"]),
        ({"sort": "number"}, ["560000001", "560000010", "560000011"]),
        ({"sort": "product"}, ["560000011", "560000001", "560000010"]),
        ({"sort": "-seats"}, ["560000011", "560000001", "560000010"]),
        ({}, ["560000010", "560000001", "560000011"]),
    ],
)
def test_the_list_is_searched_filtered_and_sorted(cast: Cast, asked: dict[str, str], found: list[str]) -> None:
    render = product("RNDR", "Render", {"year": (100, 90)})
    subscribe(cast.contract, cast.sculpt, "560000010", seats=2, start=date(2026, 11, 1), term="month")
    subscribe(cast.second_contract, render, "560000011", seats=9, start=date(2026, 11, 1))
    assert numbers_in(signed_in(cast.camille).get(LIST, asked).content.decode()) == found


@pytest.mark.parametrize(
    ("days_late", "state", "word"),
    [(0, "grace", "In grace"), (14, "grace", "In grace"), (15, "suspended", "Suspended"), (45, "cancelled", "Ended")],
)
def test_a_state_is_found_as_the_rule_has_it(cast: Cast, days_late: int, state: str, word: str) -> None:
    start = (TODAY - timedelta(days=days_late)).replace(year=2025)
    late = subscribe(cast.contract, cast.sculpt, "560000012", seats=1, start=start)
    assert (TODAY - late.renews_on).days == days_late
    camille = signed_in(cast.camille)
    for asked in ("active", "grace", "suspended", "cancelled"):
        found = numbers_in(camille.get(LIST, {"state": asked}).content.decode())
        assert ("560000012" in found) == (asked == state)
    assert f"560000012 110000001 {late.renews_on.day}" in words_of(camille.get(LIST, {"state": "all"}))
    assert word in words_of(camille.get(LIST, {"state": state}))
    assert ("560000012" in numbers_in(camille.get(LIST).content.decode())) == (state != "cancelled")


@pytest.mark.parametrize("asked", [{"state": "zz"}, {"term": "decade"}, {"within": "soon"}, {"sort": "colour"}, {"q": "x" * 101}])
def test_what_a_list_does_not_know_is_said_and_nothing_is_lost(cast: Cast, asked: dict[str, str]) -> None:
    answer = signed_in(cast.camille).get(LIST, asked)
    assert answer.status_code == 422
    assert "560000001" in numbers_in(answer.content.decode())
    assert "Please look at this again" in words_of(answer)


@pytest.mark.parametrize("place", ["zzz", "WyJhIl0", "WyJ4IiwiXHUwMDAwIl0", "WzEsMl0", "%00"])
def test_a_place_that_is_in_no_list_is_not_found(cast: Cast, place: str) -> None:
    camille = signed_in(cast.camille)
    assert camille.get(LIST, {"after": place}).status_code == 404
    assert camille.get(LIST, {"before": place}).status_code == 404


@pytest.mark.parametrize("sort", ["renews", "-renews", "number", "product", "-seats"])
def test_pages_lead_to_and_fro_and_show_each_row_once(cast: Cast, sort: str) -> None:
    for n in range(120):
        subscribe(cast.contract, cast.sculpt, f"5600001{n:03}", seats=1 + n % 3, start=date(2026, 8, 1 + n % 4))
    camille = signed_in(cast.camille)
    address, pages, back = f"{LIST}?sort={sort}", [], []
    while address:
        page = camille.get(address).content.decode()
        pages.append(numbers_in(page))
        back.append(address_of(page, "prev"))
        address = address_of(page, "next")
    assert [len(page) for page in pages] == [50, 50, 21]
    assert len({number for page in pages for number in page}) == 121
    assert back[0] == ""
    before = [camille.get(address).content.decode() for address in back[1:]]
    assert [numbers_in(page) for page in before] == pages[:-1]
    assert [numbers_in(camille.get(address_of(page, "next")).content.decode()) for page in before] == pages[1:]


def address_of(page: str, rel: str) -> str:
    """Where the pager leads."""
    if f'rel="{rel}"' not in page:
        return ""
    return LIST + page.split(f'rel="{rel}" href="')[1].split('"')[0].replace("&amp;", "&")


def test_a_manager_of_one_contract_sees_that_contract_alone(cast: Cast) -> None:
    subscribe(cast.second_contract, cast.sculpt, "560000013", seats=3, start=date(2026, 11, 1))
    anton = signed_in(cast.anton)
    assert numbers_in(anton.get(LIST).content.decode()) == ["560000013"]
    contracts = words_of(anton.get(f"{HOME}contracts/"))
    assert "110000002" in contracts
    assert "110000001" not in contracts
    assert anton.get(ONE).status_code == 404
    assert anton.get(f"{HOME}contracts/110000001/").status_code == 404
    assert anton.get(f"{HOME}subscriptions/560000013/").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "subscriptions/560000002/",
        "contracts/110000003/",
        "subscriptions/x/",
        "contracts/x/",
        "contracts/%00/",
        "subscriptions/%00/",
    ],
)
def test_what_is_another_customers_is_not_found(cast: Cast, path: str) -> None:
    assert signed_in(cast.camille).get(HOME + path).status_code == 404
    assert signed_in(cast.oskar).get(HOME + path).status_code == 404


@pytest.mark.parametrize("path", ["contracts/", "contracts/110000001/", "subscriptions/", "subscriptions/560000001/"])
def test_whoever_sees_no_contracts_finds_none(cast: Cast, path: str) -> None:
    assert signed_in(cast.emil).get(HOME + path).status_code == 404


def test_prices_are_for_those_who_may_see_them(cast: Cast) -> None:
    for who in (cast.camille, cast.pierre):
        page = words_of(signed_in(who).get(ONE))
        assert "1,000.00 EUR 4 seats × 250.00 EUR" in page
        assert "Price of a seat, without tax" in page
        assert "1,000.00 EUR" in words_of(signed_in(who).get(f"{HOME}contracts/110000001/"))
    for who in (cast.sofia, cast.rita):
        for path in (ONE, f"{HOME}contracts/110000001/", LIST, f"{HOME}contracts/", HOME):
            page = words_of(signed_in(who).get(path))
            assert "EUR" not in page, path
            assert "Price" not in page


def test_a_subscription_says_when_it_renews_and_with_how_many(cast: Cast) -> None:
    page = words_of(signed_in(cast.camille).get(ONE))
    assert "Renews by itself on 10 April 2027, in 4 months, with 4 seats. 4 of 4 seats are not used." in page
    assert "Nobody uses it yet" in page
    assert "Brought over from the old centre" in page
    assert "not known" in page


def test_a_subscription_without_automatic_renewal_says_when_it_ends(cast: Cast) -> None:
    subscribe(cast.contract, cast.sculpt, "560000014", seats=1, start=date(2026, 4, 10), automatic_renewal=False)
    page = words_of(signed_in(cast.camille).get(f"{HOME}subscriptions/560000014/"))
    assert "Ends on 10 April 2027, in 4 months, unless somebody renews it" in page
    assert "If it is renewed, without tax 250.00 EUR" in page


def test_after_its_day_a_subscription_is_shown_at_the_new_price(cast: Cast) -> None:
    subscribe(cast.contract, cast.sculpt, "560000015", seats=2, start=date(2025, 10, 30))
    page = words_of(signed_in(cast.camille).get(f"{HOME}subscriptions/560000015/"))
    assert "It was to be renewed on 30 October 2026. Nobody can use it; it can be renewed until 14 December 2026." in page
    assert "560.00 EUR 2 seats × 280.00 EUR, the new price" in page


def test_what_a_reseller_sold_shows_no_amount_of_ours(cast: Cast) -> None:
    reseller = Reseller.objects.create(number="7", name="Bytes & Beams", email="sales@bb.example")
    sold = make_contract(cast.nord, "110000009", channel="reseller", reseller=reseller)
    subscribe(sold, cast.sculpt, "560000016", seats=2, start=date(2026, 4, 10))
    camille = signed_in(cast.camille)
    page = words_of(camille.get(f"{HOME}subscriptions/560000016/"))
    assert "Bytes & Beams tells you the price." in page
    assert "EUR" not in page
    assert "EUR" not in words_of(camille.get(f"{HOME}contracts/110000009/"))


def test_every_action_is_there_with_its_reasons(cast: Cast) -> None:
    page = words_of(signed_in(cast.camille).get(ONE))
    for label in ("Add seats", "Give a seat", "Renew now", "Align payment dates", "Turn automatic renewal off", "Return"):
        assert label in page
    assert "too early to renew" in page
    rita = words_of(signed_in(cast.rita).get(ONE))
    assert "Camille Morel" in rita  # who may, for whoever may not


def test_who_uses_it_is_listed_by_name_with_who_waits(cast: Cast) -> None:
    seat(cast.subscription, cast.rita)
    seat(cast.subscription, cast.emil, waiting=True)
    seat(cast.subscription, cast.sofia, ended_on=TODAY)
    page = words_of(signed_in(cast.camille).get(ONE))
    users = page.split("Who uses it", 1)[1].split("Paid periods")[0]
    assert users.index("Emil Larsen") < users.index("Rita Nielsen")
    assert "waits for a seat" in users
    assert "Sofia Costa" not in users
    assert "1 of 4" in page


def test_a_contract_says_who_looks_after_it(cast: Cast) -> None:
    page = words_of(signed_in(cast.camille).get(f"{HOME}contracts/110000002/"))
    assert "Contract manager Anton Weber" in page
    assert "Contract manager of the whole customer Camille Morel" in page
    assert "Gaston" not in page
    assert "No contract manager" not in page


def test_a_contract_without_manager_says_what_that_means(cast: Cast) -> None:
    lone = make_contract(cast.est, "110000008")
    coordinator = member(cast.est, "Otto", "Amt", (Role.SOFTWARE_COORDINATOR, None))
    with_manager = words_of(signed_in(coordinator).get("/c/5200002/contracts/110000008/"))
    assert "No contract manager" not in with_manager
    with wall_opened(read=[cast.est.pk], write=cast.est.pk):
        cast.oskar.roles.all().delete()
    assert "No contract manager: nobody here can buy" in words_of(signed_in(coordinator).get(f"/c/5200002/contracts/{lone}/"))


def test_what_came_with_the_data_stays_text(cast: Cast) -> None:
    evil = product("EVIL", "<script>alert(1)</script>", {"year": (100, 90)})
    subscribe(cast.contract, evil, "560000017", seats=1, start=date(2026, 4, 10))
    villain = member(cast.nord, "<b>Bob</b>", 'O\'Neil & "Sons"')
    seat(cast.subscription, villain)
    camille = signed_in(cast.camille)
    for path in (LIST, f"{HOME}subscriptions/560000017/", ONE, f"{HOME}contracts/110000001/", HOME, f"{HOME}products/"):
        page = camille.get(path).content.decode()
        assert "<script>alert" not in page
        assert "<b>Bob" not in page
        assert "&amp;#x27;" not in page, path  # nothing is escaped twice
        assert "&amp;lt;" not in page, path


@pytest.mark.parametrize("path", ["subscriptions/", "contracts/", "contracts/110000001/", "subscriptions/560000001/", ""])
def test_the_number_of_queries_does_not_grow_with_the_rows(cast: Cast, path: str, django_assert_max_num_queries: AtMost) -> None:
    camille = signed_in(cast.camille)
    for n in range(5):
        made = subscribe(cast.contract, cast.sculpt, f"5600002{n:03}", seats=3, start=date(2025, 12, 10))
        seat(made, cast.emil)
    seat(cast.subscription, cast.emil)
    few = queries_of(camille, HOME + path)
    for n in range(5, 55):
        make_contract(cast.nord, f"1100002{n:02}")
        made = subscribe(cast.contract, cast.sculpt, f"5600002{n:03}", seats=3, start=date(2025, 12, 10))
        holder = member(cast.nord, f"Person {n}", "Many")
        seat(made, holder)
        seat(cast.subscription, holder, waiting=True)
    with django_assert_max_num_queries(few):
        assert camille.get(HOME + path).status_code == 200


def queries_of(client: Client, path: str) -> int:
    """How many queries a page makes once the process is warm."""
    client.get(path)
    with CaptureQueriesContext(connection) as made:
        client.get(path)
    return len(made)


@override_settings(GRACE_DAYS=20)
def test_the_vendor_may_set_how_long_grace_is(cast: Cast) -> None:
    subscribe(cast.contract, cast.sculpt, "560000018", seats=1, start=date(2025, 11, 3))
    assert "Everything works until 23 November 2026" in words_of(signed_in(cast.camille).get(f"{HOME}subscriptions/560000018/"))
