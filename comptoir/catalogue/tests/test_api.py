"""The catalogue over the API: for everybody, the same figures as the pages, and cheap to ask often."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comptoir.catalogue.models import Price, Product, ProductPlatform, ProductText, Promotion
from tests.cast import TODAY, Cast, product, raise_curtain

pytestmark = pytest.mark.django_db
HERE = "/api/v1/catalogue"


@pytest.fixture
def cast() -> Cast:
    cast = raise_curtain()
    ProductText.objects.create(product=cast.sculpt, language="en", summary="Solid shapes", features="Sweeps\nDrawings")
    ProductText.objects.create(product=cast.sculpt, language="fr", summary="Des volumes justes")
    ProductPlatform.objects.create(product=cast.sculpt, platform="macos")
    product("PLAN", "Plan", {"year": (10000, 9000)})
    Price.objects.create(
        product=cast.sculpt, term="year", currency="CHF", new_minor=28600, renewal_minor=25500, valid_from=date(2026, 1, 1)
    )
    return cast


def get(path: str = "", **query: Any) -> Any:
    return Client().get(HERE + path, query)


def codes(**query: Any) -> list[str]:
    return [each["code"] for each in get(**query).json()["items"]]


def test_nobody_needs_a_token_and_prices_stand_per_currency_and_term(cast: Cast) -> None:
    sculpt = get(q="sculpt lt").json()["items"][0]
    assert [(each["currency"], each["term"], each["new_price"]) for each in sculpt["prices"]] == [
        ("CHF", "year", "286.00"),
        ("EUR", "month", "31.00"),
        ("EUR", "year", "280.00"),
        ("EUR", "3years", "755.00"),
    ]
    three = sculpt["prices"][-1]
    assert (three["renewal_price"], three["per_month"]) == ("675.00", "20.97")
    assert three["compared"] == {"term": "year", "times": 3, "total": "780.00", "saved": "25.00"}  # rules 2: 280 + 2 x 250
    assert (sculpt["summary"], sculpt["platforms"]) == ("Solid shapes", ["macOS"])


def test_it_can_be_searched_and_narrowed(cast: Cast) -> None:
    Product.objects.filter(code="PLAN").update(family="Drawing", kind="cloud")
    assert codes() == ["PLAN", "SCLT"]
    assert codes(q="sweeps") == ["SCLT"]
    assert codes(kind="cloud") == codes(family="Drawing") == ["PLAN"]
    assert codes(platform="macos") == ["SCLT"]
    assert [each["currency"] for each in get(currency="CHF", q="sweeps").json()["items"][0]["prices"]] == ["CHF"]
    assert codes(q="nothing of the kind") == []


def test_a_cursor_leads_on_and_a_made_up_one_is_refused(cast: Cast) -> None:
    first = get(limit=1).json()
    assert [each["code"] for each in first["items"]] == ["PLAN"]
    second = get(limit=1, cursor=first["next"]).json()
    assert ([each["code"] for each in second["items"]], second["next"]) == (["SCLT"], None)
    assert get(cursor="nonsense").status_code == 422


def test_one_product_says_all_and_why_it_cannot_be_bought(cast: Cast, settings: Any) -> None:
    told = get("/SCLT").json()
    assert (told["sold"], told["features"], told["why_not"]) == (True, ["Sweeps", "Drawings"], [])
    settings.COUNTRIES_NOT_SERVED = frozenset({"BR"})
    assert "not available in your country" in get("/SCLT", country="BR").json()["why_not"][0]
    Product.objects.update(status="retired")
    told = get("/SCLT").json()
    assert (told["sold"], told["prices"]) == (False, [])
    assert "no longer sold" in told["why_not"][0]
    assert codes() == []


def test_promotions_follow_the_country(cast: Cast) -> None:
    days = {"valid_from": TODAY, "valid_to": TODAY}
    Promotion.objects.create(percent_basis_points=1000, label_en="Ten off", label_fr="Dix", country="CH", **days)
    assert get("/SCLT", country="CH").json()["promotions"] == [{"label": "Ten off", "until": "2026-11-21"}]
    assert get("/SCLT").json()["promotions"] == []


@pytest.mark.parametrize("query", [{"country": "XX"}, {"country": "fr"}, {"currency": "euro"}, {"kind": "boat"}, {"limit": 0}])
def test_what_makes_no_sense_is_told(cast: Cast, query: Any) -> None:
    answer = get(**query)
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert "public" not in answer.headers.get("Cache-Control", "")


def test_what_is_not_there_is_a_problem_and_not_a_page(cast: Cast) -> None:
    answer = get("/NOPE")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_whoever_asks_often_costs_little(cast: Cast) -> None:
    answer = get()
    assert "public" in answer.headers["Cache-Control"]
    assert "max-age=300" in answer.headers["Cache-Control"]
    assert "Accept-Language" in answer.headers["Vary"]
    again = Client().get(HERE, headers={"if-none-match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    french = Client().get(HERE, headers={"accept-language": "fr", "if-none-match": answer.headers["ETag"]})
    assert french.status_code == 200
    with CaptureQueriesContext(
        connection,
    ) as few:
        get()
    for n in range(8):
        product(f"P{n}", f"Product {n}", {"year": (10000, 9000)})
    with CaptureQueriesContext(connection) as many:
        get()
    assert len(many) == len(few)


def test_a_token_is_not_looked_at(cast: Cast) -> None:
    assert Client().get(HERE, headers={"authorization": "Bearer nonsense"}).status_code == 200
