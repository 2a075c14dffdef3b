"""Products and services: what one has, and who can give what one has not (F1.7)."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comptoir.downloads.models import Release
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
PRODUCTS = "/c/5200001/products/"


@pytest.fixture
def cast() -> Cast:
    nights_are_over()
    return raise_curtain()


def test_each_product_says_how_many_seats_are_owned_used_and_waited_for(cast: Cast) -> None:
    subscribe(cast.second_contract, cast.sculpt, "560000030", seats=3, start=date(2026, 11, 1))
    seat(cast.subscription, cast.emil)
    seat(cast.subscription, cast.rita, waiting=True)
    page = words_of(signed_in(cast.camille).get(PRODUCTS))
    assert "Atelier Nord has 1 product; 6 of 7 seats are not used. 1 person waits for a seat." in page
    assert "1 of 7 seats in use" in page
    assert "10 April 2027, in 4 months 6 1 2" in page  # next renewal, not used, waiting, subscriptions


def test_a_product_names_its_newest_version_that_is_out(cast: Cast) -> None:
    for version, day in (("2026", date(2026, 3, 1)), ("2027.1", date(2026, 11, 20)), ("2028", date(2026, 11, 22))):
        Release.objects.create(product=cast.sculpt, version=version, kind="release", released_on=day, title=version)
    page = words_of(signed_in(cast.camille).get(PRODUCTS))
    assert "2027.1 20 November 2026" in page
    assert "2028" not in page


def test_what_is_suspended_is_still_named_but_its_seats_do_not_count(cast: Cast) -> None:
    subscribe(cast.contract, cast.sculpt, "560000031", seats=9, start=date(2025, 10, 20))
    page = words_of(signed_in(cast.camille).get(PRODUCTS))
    assert "0 of 4 seats in use" in page
    assert "1 suspended" in page


def test_what_has_ended_is_gone(cast: Cast) -> None:
    gone = product("GONE", "Gone With The Wind", {"year": (100, 90)})
    ended = subscribe(cast.contract, gone, "560000032", seats=9, start=date(2025, 9, 1))
    seat(ended, cast.emil)
    for who in (cast.camille, cast.emil):
        assert "Gone With The Wind" not in words_of(signed_in(who).get(PRODUCTS))


def test_an_end_user_sees_their_own_products_and_who_gives_the_others(cast: Cast) -> None:
    render = product("RNDR", "Render", {"year": (100, 90)})
    subscribe(cast.second_contract, render, "560000033", seats=3, start=date(2026, 11, 1))
    seat(cast.subscription, cast.emil, given_on=date(2026, 5, 4))
    page = words_of(signed_in(cast.emil).get(PRODUCTS))
    assert "You have a seat of 1 product." in page
    assert "Sculpt LT 560000001 4 May 2026 10 April 2027" in page
    assert names_after(page, "Render RNDR") == {"Anton Weber", "Sofia Costa", "Camille Morel"}
    for hidden in ("in use", "not used", "Rita Nielsen", "Pierre Payet", "Gaston Ancien", "EUR"):
        assert hidden not in page


def names_after(page: str, words: str) -> set[str]:
    """The names that stand after these words, up to the foot of the page."""
    return {name.strip() for name in page.split(words, 1)[1].split("A question?")[0].split(",")}


def test_whoever_waits_for_a_seat_is_told_so(cast: Cast) -> None:
    seat(cast.subscription, cast.emil, waiting=True)
    assert "you wait for a seat" in words_of(signed_in(cast.emil).get(PRODUCTS))


def test_where_nobody_here_gives_it_the_reseller_is_named(cast: Cast) -> None:
    reseller = Reseller.objects.create(number="7", name="Bytes & Beams")
    lone = member(cast.est, "Ute", "Ulm")
    sold = make_contract(cast.est, "110000050", channel="reseller", reseller=reseller)
    render = product("RNDR", "Render", {"year": (100, 90)})
    subscribe(sold, render, "560000034", seats=3, start=date(2026, 11, 1))
    assert "Render RNDR Oskar Ost" in words_of(signed_in(lone).get("/c/5200002/products/"))
    with wall_opened(read=[cast.est.pk], write=cast.est.pk):
        cast.oskar.roles.all().delete()
    page = words_of(signed_in(lone).get("/c/5200002/products/"))
    assert "Nobody here looks after it. Ask the reseller, Bytes & Beams." in page
    assert "Nobody here looks after it. Write to" in page  # Sculpt LT, bought from the vendor


def test_a_manager_of_one_contract_sees_who_gives_what_stands_under_others(cast: Cast) -> None:
    render = product("RNDR", "Render", {"year": (100, 90)})
    subscribe(cast.second_contract, render, "560000035", seats=3, start=date(2026, 11, 1))
    page = words_of(signed_in(cast.anton).get(PRODUCTS))
    owned, others = page.split("Other products here", 1)
    assert "0 of 3 seats in use" in owned
    assert "Sculpt LT" not in owned
    assert "Sculpt LT SCLT" in others


def test_the_number_of_queries_does_not_grow_with_the_products(cast: Cast) -> None:
    def queries(client: Client) -> int:
        client.get(PRODUCTS)
        with CaptureQueriesContext(connection) as made:
            assert client.get(PRODUCTS).status_code == 200
        return len(made)

    def grow(numbers: range) -> None:
        for n in numbers:
            made = product(f"P{n:03}", f"Product {n}", {"year": (100, 90)})
            Release.objects.create(product=made, version="1", kind="release", released_on=TODAY, title="1")
            line = subscribe(cast.contract, made, f"5600003{n:03}", seats=2, start=date(2026, 11, 1))
            seat(line, cast.emil)
            other = product(f"Q{n:03}", f"Other {n}", {"year": (100, 90)})
            subscribe(cast.second_contract, other, f"5600004{n:03}", seats=2, start=date(2026, 11, 1))
            member(cast.nord, f"Manager {n}", "Many", (Role.CONTRACT_MANAGER, cast.second_contract))

    browsers = [signed_in(who) for who in (cast.camille, cast.emil, cast.anton)]
    grow(range(5))
    few = [queries(client) for client in browsers]
    grow(range(5, 50))
    assert [queries(client) for client in browsers] == few
