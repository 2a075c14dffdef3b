"""The public catalogue, as a visitor meets it (P13)."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comptoir.catalogue.models import Price, Product, ProductPlatform, ProductText, Promotion, Terms, TermsText
from tests.cast import Cast, product, raise_curtain, words_of

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 1)


@pytest.fixture
def cast() -> Cast:
    cast = raise_curtain()
    ProductText.objects.create(product=cast.sculpt, language="en", summary="Solid shapes", features="Sweeps\nDrawings")
    ProductText.objects.create(product=cast.sculpt, language="fr", summary="Des volumes justes")
    ProductPlatform.objects.create(product=cast.sculpt, platform="macos")
    return cast


def test_a_visitor_reads_the_catalogue_without_an_account(cast: Cast) -> None:
    page = words_of(Client().get("/catalogue/"))
    assert "Sculpt LT" in page
    assert "Solid shapes" in page
    assert "from 20.97\xa0EUR per seat and month" in page.replace(" EUR", "\xa0EUR")


def test_the_page_of_a_product_compares_the_terms_with_their_arithmetic(cast: Cast) -> None:
    page = words_of(Client().get("/catalogue/SCLT/")).replace("\xa0", " ")
    assert "280.00 EUR + 2 × 250.00 EUR = 780.00 EUR" in page
    assert "saves 25.00 EUR" in page
    assert "The renewal price holds for whoever renews before the renewal date" in page  # P3, P7
    assert "Sweeps" in page


def test_french_is_spoken_to_who_reads_french_and_english_stands_in_for_a_missing_text(cast: Cast) -> None:
    french = Client(headers={"accept-language": "fr-FR"})
    assert "Des volumes justes" in words_of(french.get("/catalogue/"))
    ProductText.objects.filter(language="fr").delete()
    assert "Solid shapes" in words_of(french.get("/catalogue/"))


def test_a_product_without_a_text_says_so_and_can_be_bought(cast: Cast) -> None:
    ProductText.objects.all().delete()
    page = words_of(Client().get("/catalogue/SCLT/"))
    assert "No description yet" in page
    assert "Add to the basket" in page


def test_search_and_filters_narrow_and_an_empty_list_says_how_to_widen(cast: Cast) -> None:
    other = product("PLAN", "Plan", {"year": (10000, 9000)})
    Product.objects.filter(pk=other.pk).update(family="Drawing", kind="cloud")
    visitor = Client()

    def names(**query: str) -> set[str]:
        page = visitor.get("/catalogue/", query).context["page"]
        return {sheet.product.name for sheet in page.rows}

    assert names() == {"Sculpt LT", "Plan"}
    assert names(q="sculpt") == {"Sculpt LT"}
    assert names(q="sweeps") == {"Sculpt LT"}  # from its features
    assert names(family="Drawing") == {"Plan"}
    assert names(kind="cloud") == {"Plan"}
    assert names(platform="macos") == {"Sculpt LT"}
    assert names(q="sculpt", kind="cloud") == set()
    assert "Show everything" in words_of(visitor.get("/catalogue/", {"q": "nothing of the kind"}))


def test_prices_follow_the_country_that_is_chosen(cast: Cast) -> None:
    Price.objects.create(product=cast.sculpt, term="year", currency="CHF", new_minor=28600, renewal_minor=25500, valid_from=DAY)
    visitor = Client()
    answer = visitor.post("/catalogue/country/", {"country": "CH", "next": "/catalogue/SCLT/"})
    assert answer.headers["Location"] == "/catalogue/SCLT/"
    page = words_of(visitor.get("/catalogue/SCLT/")).replace("\xa0", " ")
    assert "286.00 CHF" in page
    assert "280.00 EUR" not in page


def test_no_other_site_is_led_to_by_the_choice_of_a_country(cast: Cast) -> None:
    answer = Client().post("/catalogue/country/", {"country": "CH", "next": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/catalogue/"


def test_a_product_without_a_price_in_the_currency_is_shown_with_whom_to_ask(cast: Cast) -> None:
    visitor = Client()
    visitor.post("/catalogue/country/", {"country": "JP"})
    assert "No price in JPY: ask bonjour@atelier-sculpt.example" in words_of(visitor.get("/catalogue/"))
    page = words_of(visitor.get("/catalogue/SCLT/"))
    assert "Sculpt LT has no price in your currency." in page
    assert "Add to the basket" not in page


def test_a_country_that_is_not_served_is_told(cast: Cast, settings: Any) -> None:
    settings.COUNTRIES_NOT_SERVED = frozenset({"FR"})
    visitor = Client()
    assert "We don’t sell to France by ourselves" in words_of(visitor.get("/catalogue/"))
    page = words_of(visitor.get("/catalogue/SCLT/"))
    assert "Self-service is not available in your country." in page
    assert "Add to the basket" not in page


def test_what_is_no_longer_sold_is_not_listed_and_its_page_says_why(cast: Cast) -> None:
    Product.objects.update(status="retired")
    assert "Sculpt LT" not in words_of(Client().get("/catalogue/"))
    page = words_of(Client().get("/catalogue/SCLT/"))
    assert "Sculpt LT is no longer sold." in page
    assert "Add to the basket" not in page


def test_a_promotion_is_shown_while_it_holds_and_a_code_is_not_told(cast: Cast) -> None:
    days = {"valid_from": date(2026, 11, 1), "valid_to": date(2026, 11, 30), "label_fr": "f"}
    Promotion.objects.create(percent_basis_points=1000, label_en="Ten off", **days)
    Promotion.objects.create(code="HUSH", percent_basis_points=2000, label_en="Twenty off", **days)
    page = words_of(Client().get("/catalogue/SCLT/"))
    assert "Ten off. Until 30 November 2026" in page
    assert "Twenty off" not in page
    Promotion.objects.update(valid_to=date(2026, 11, 20))
    assert "Ten off" not in words_of(Client().get("/catalogue/SCLT/"))


def test_the_terms_of_sale_can_be_read_and_the_newest_that_holds_is_shown(cast: Cast) -> None:
    for version, since in (("1", date(2025, 1, 1)), ("2", date(2026, 1, 1)), ("3", date(2027, 1, 1))):
        terms = Terms.objects.create(version=version, valid_from=since)
        TermsText.objects.create(terms=terms, language="en", text=f"1. What\n\nText of {version}")
    page = words_of(Client().get("/catalogue/terms-of-sale/"))
    assert "Version 2" in page
    assert "Text of 2" in page
    assert "Text of 3" not in page


def test_an_unknown_product_is_not_found(cast: Cast) -> None:
    assert Client().get("/catalogue/NOPE/").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_catalogue(cast: Cast) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert Client().get("/catalogue/").status_code == 200
        return len(caught)

    queries()  # what is looked up once per process
    before = queries()
    for number in range(30):
        product(f"P{number}", f"Product {number}", {"year": (10000, 9000)})
    assert queries() == before
