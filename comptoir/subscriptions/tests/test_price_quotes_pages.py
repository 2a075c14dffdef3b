"""Price quotes: prices kept for some days, shared, accepted once at what they promised."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from comptoir.billing.models import Invoice
from comptoir.catalogue.models import Price, Product, Promotion, Terms
from comptoir.kernel.models import House
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import SpendingLimit
from comptoir.subscriptions.adapters import told_of
from comptoir.subscriptions.models import Order, PriceQuote, Subscription
from comptoir.subscriptions.queries.price_quotes import Quoted, preview_quoted
from tests.cast import TODAY, Cast, raise_curtain, signed_in, words_of

pytestmark = pytest.mark.django_db
LIST = "/c/5200001/quotes/"
ONE = "/c/5200001/quotes/5200001-Q1/"


@pytest.fixture
def cast() -> Cast:
    cast = raise_curtain()
    Terms.objects.create(version="7", valid_from=TODAY)
    return cast


def quoted(who: Client, **told: str) -> Any:
    who.post("/basket/", {"action": "add", "product": "SCLT", "term": "3years", "seats": 4})
    return who.post(LIST, told)


def accept(who: Client, **told: Any) -> Any:
    page = who.get(ONE).content.decode()
    quote = page.split('name="quote" value="')[1].split('"')[0]
    return who.post(ONE, {"quote": quote, "pay": "invoice", "accept": "on", "request_key": "k", **told})


def plain(answer: Any) -> str:
    return words_of(answer).replace("\xa0", " ")


def bought(cast: Cast) -> list[Subscription]:
    with wall_opened(read=[cast.nord.pk]):
        return list(Subscription.objects.filter(organisation=cast.nord).exclude(pk=cast.subscription.pk))


def today(day: Any) -> None:
    House.objects.update(business_day=day)


def test_a_basket_becomes_a_quote_with_number_prices_and_last_day(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    assert quoted(camille).headers["Location"] == ONE
    page = plain(camille.get(ONE))
    assert "4 seats × 755.00 EUR" in page  # rules 4
    assert "These prices hold until 21 December 2026" in page
    assert "3,624.00 EUR" in page  # with 20 % of tax
    assert "5200001-Q1" in plain(camille.get(LIST))
    assert bought(cast) == []


def test_it_is_accepted_at_its_price_whatever_the_book_says_by_then(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    quoted(camille)
    Price.objects.filter(product=cast.sculpt, term="3years").update(new_minor=99900)
    Product.objects.update(status="retired")
    today(TODAY + timedelta(days=30))
    answer = accept(camille, po_number="PO 9")
    with wall_opened(read=[cast.nord.pk]):
        order = Order.objects.get(verb="buy")
        assert answer.headers["Location"].endswith(f"/orders/{order.number}/")
        assert (Invoice.objects.get().net_minor, order.po_number, order.terms_version) == (302000, "PO 9", "7")
    assert [(each.seats_now, each.starts_on) for each in bought(cast)] == [(4, TODAY + timedelta(days=30))]
    assert "It was accepted with the order" in plain(camille.get(ONE))


def test_the_promotion_of_its_day_is_promised_too(cast: Cast) -> None:
    days = {"valid_from": TODAY, "valid_to": TODAY}
    Promotion.objects.create(percent_basis_points=1000, label_en="Ten off", label_fr="Dix", **days)
    camille = signed_in(cast.camille)
    quoted(camille)
    today(TODAY + timedelta(days=5))
    assert "4 seats × 679.50 EUR" in plain(camille.get(ONE))
    accept(camille)
    with wall_opened(read=[cast.nord.pk]):
        line = Order.objects.get(verb="buy").lines.get()
        assert (line.unit_minor, line.list_minor, line.promotion) == (67950, 75500, "Ten off")


def test_after_its_last_day_it_is_told_and_accepted_by_nobody(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    quoted(camille)
    page = camille.get(ONE).content.decode()
    quote = page.split('name="quote" value="')[1].split('"')[0]
    today(TODAY + timedelta(days=31))
    answer = camille.post(ONE, {"quote": quote, "pay": "invoice", "accept": "on"})
    assert "It could be accepted until 21 December 2026" in plain(answer)
    assert bought(cast) == []


def test_two_people_accept_it_once(cast: Cast) -> None:
    camille, again = signed_in(cast.camille), signed_in(cast.camille)
    quoted(camille)
    page = again.get(ONE).content.decode()
    quote = page.split('name="quote" value="')[1].split('"')[0]
    accept(camille)
    late = again.post(ONE, {"quote": quote, "pay": "invoice", "accept": "on", "request_key": "another"})
    assert "It was accepted with the order" in plain(late)
    assert len(bought(cast)) == 1


def test_a_payer_sees_it_and_may_not_accept_it(cast: Cast) -> None:
    quoted(signed_in(cast.camille))
    pierre = signed_in(cast.pierre)
    page = plain(pierre.get(ONE))
    assert "May accept it Camille Morel" in page
    assert "Order for" not in page
    refused = pierre.post(ONE, {"pay": "invoice", "accept": "on"})
    assert refused.status_code == 403
    assert bought(cast) == []


def test_who_sees_no_prices_sees_no_quotes(cast: Cast) -> None:
    quoted(signed_in(cast.camille))
    for who in (cast.sofia, cast.rita, cast.emil, cast.oskar):
        assert signed_in(who).get(ONE).status_code == 404


def test_a_spending_limit_holds_for_quotes_too(cast: Cast) -> None:
    quoted(signed_in(cast.camille))
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        SpendingLimit.objects.create(organisation=cast.nord, membership=cast.camille, amount_minor=100000)
    answer = accept(signed_in(cast.camille))
    assert answer.status_code == 403
    assert bought(cast) == []


def test_an_order_that_failed_leaves_the_quote_open(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    quoted(camille)
    accept(camille)
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        Order.objects.filter(verb="buy").update(state="failed")
    assert "These prices hold until" in plain(camille.get(ONE))


def test_the_pdf_carries_the_same(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    quoted(camille)
    answer = camille.get(f"{ONE}pdf/")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")


def test_who_manages_one_contract_quotes_under_it(cast: Cast) -> None:
    anton = signed_in(cast.anton)
    anton.post("/basket/", {"action": "add", "product": "SCLT", "term": "year", "seats": 1})
    anton.post(LIST, {"contract": cast.second_contract.number})
    with wall_opened(read=[cast.nord.pk]):
        assert PriceQuote.objects.get().contract_id == cast.second_contract.pk


def test_a_manager_of_several_contracts_picks_one_and_it_is_kept(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    camille.post("/basket/", {"action": "add", "product": "SCLT", "term": "3years", "seats": 4})
    page = camille.get("/c/5200001/basket/").content.decode()
    pick = page.split('id="quote-contract"')[1].split("</select>")[0]
    assert f'value="{cast.contract.number}" selected' in pick  # which has the product already
    assert all(f'value="{number}"' in pick for number in ("new", cast.second_contract.number))
    camille.post(LIST, {"contract": cast.second_contract.number})
    assert f"Contract {cast.second_contract.number}" in plain(camille.get(ONE))
    with wall_opened(read=[cast.nord.pk]):
        told = said(price_quote_row(), "fr")
    assert ["Contrat", cast.second_contract.number] in told["facts"]
    accept(camille)
    assert [each.contract_id for each in bought(cast)] == [cast.second_contract.pk]


def price_quote_row() -> Quoted:
    return Quoted(PriceQuote.objects.select_related("contract", "organisation").get(), None, "open", [], 4)


def said(quoted: Quoted, language: str) -> Any:
    """What its PDF says."""
    with translation.override(language):
        return json.loads(json.dumps(told_of(quoted, preview_quoted(quoted.quote, TODAY), language)))


def test_a_quote_for_a_new_contract_says_so_and_opens_one(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    quoted(camille, contract="new")
    assert "Contract A new contract" in plain(camille.get(ONE))
    accept(camille)
    assert bought(cast)[0].contract_id not in {cast.contract.pk, cast.second_contract.pk}


def test_nobody_quotes_under_a_contract_that_is_not_theirs(cast: Cast) -> None:
    anton = signed_in(cast.anton)
    for number in (cast.contract.number, cast.foreign_contract.number, "new"):
        assert quoted(anton, contract=number).status_code == 404
    with wall_opened(read=[cast.nord.pk]):
        assert not PriceQuote.objects.exists()


def test_a_payer_who_may_only_ask_to_buy_keeps_the_prices_all_the_same(cast: Cast) -> None:
    pierre = signed_in(cast.pierre)
    pierre.post("/basket/", {"action": "add", "product": "SCLT", "term": "year", "seats": 1})
    assert "Keep the prices" in plain(pierre.get("/c/5200001/basket/"))
    assert pierre.post(LIST, {"contract": cast.contract.number}).headers["Location"] == ONE


def test_nothing_in_the_basket_is_no_quote(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    assert camille.post(LIST).headers["Location"] == "/c/5200001/basket/"
    with wall_opened(read=[cast.nord.pk]):
        assert not PriceQuote.objects.exists()
