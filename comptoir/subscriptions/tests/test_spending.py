"""What was spent: invoices less credit notes, by month and product."""

import json
from datetime import timedelta

import pytest

from comptoir.subscriptions.actions.returns import return_sale
from comptoir.subscriptions.actions.seats import add_seats
from comptoir.subscriptions.queries.seats import subscription_of
from comptoir.subscriptions.queries.spending import spending_of
from tests.cast import TODAY, Cast, product, raise_curtain, signed_in, subscribe, words_of

from .test_add_seats import actor_of
from .test_returns import bought
from .test_seat_pages import Api

pytestmark = pytest.mark.django_db
NEXT_MONTH = TODAY + timedelta(days=15)


@pytest.fixture
def cast() -> Cast:
    """Three seats of one product and, under another contract, one of another; next month the three are returned."""
    made = raise_curtain()
    other = product("OTHR", "Sculpt Pro", {"year": (50000, 45000)})
    subscribe(made.second_contract, other, "560000009", seats=2, start=made.subscription.starts_on)
    camille = actor_of(made.camille)
    sale = bought(camille, 3)
    add_seats(camille, subscription_of(camille, "560000009"), add=1, on=TODAY)
    return_sale(camille, sale, on=NEXT_MONTH)
    return made


def test_what_was_returned_is_taken_off_in_its_own_month(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    found = spending_of(camille, TODAY, "EUR")
    assert [(each.product, str(each.total)) for each in found.products] == [("Sculpt LT", "322.19"), ("Sculpt Pro", "191.78")]
    later = spending_of(camille, NEXT_MONTH, "EUR")
    assert [str(amount) for amount in later.by_month[-2:]] == ["513.97", "-322.19"]
    assert str(later.total) == "191.78"


def test_one_contract_and_one_who_sees_it_alone(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    assert str(spending_of(camille, TODAY, "EUR", cast.second_contract.pk).total) == "191.78"
    assert str(spending_of(actor_of(cast.anton), TODAY, "EUR").total) == "191.78"
    assert signed_in(cast.anton).get("/c/5200001/contracts/110000001/spending/").status_code == 404
    assert signed_in(cast.sofia).get("/c/5200001/spending/").status_code == 404


def test_the_page_and_the_api_say_the_same(cast: Cast) -> None:
    said = words_of(signed_in(cast.camille).get("/c/5200001/spending/"))
    assert "513.97 EUR since December 2025, without tax, what was returned taken off" in said
    found = json.loads(Api(cast, cast.camille).get("spending").content)
    assert (found["net"], found["months"][-1]) == ("513.97", {"month": "2026-11-01", "net": "513.97"})


def test_the_api_lists_the_coming_charges_with_their_lines(cast: Cast) -> None:
    found = json.loads(Api(cast, cast.camille).get("charges").content)
    assert (found["net"], found["next_on"]) == ("2350.00", "2027-04-10")
    assert [(row["subscription"], row["net"]) for row in found["charges"]] == [("560000001", "1000.00"), ("560000009", "1350.00")]
    line = found["charges"][0]["lines"][0]
    assert (line["quantity"], line["unit_price"], line["net"]) == (4, "250.00", "1000.00")


def test_the_api_tells_both_of_one_contract_to_who_sees_it(cast: Cast) -> None:
    anton = Api(cast, cast.anton)
    assert json.loads(anton.get("contracts/110000002/spending").content)["net"] == "191.78"
    coming = json.loads(anton.get("contracts/110000002/charges").content)
    assert (coming["net"], [row["subscription"] for row in coming["charges"]]) == ("1350.00", ["560000009"])
    assert [anton.get(f"contracts/110000001/{what}").status_code for what in ("spending", "charges")] == [404, 404]
