"""Orders in every state, as their page, their list and the API show them."""

import json
from typing import Any

import pytest
from django.test import Client

from comptoir.kernel.walls import wall_opened
from comptoir.subscriptions.models import Order, OrderLine, Subscription
from tests.cast import TODAY, Cast, raise_curtain, signed_in, subscribe, words_of

from .test_seat_pages import Api

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def ordered(cast: Cast, number: str, *subscriptions: Subscription, verb: str = "align", **more: Any) -> Order:
    """An order about these subscriptions, a line of 50.00 each."""
    net = 5000 * len(subscriptions)
    told: dict[str, Any] = {
        "organisation": cast.nord,
        "number": number,
        "verb": verb,
        "ordered_on": TODAY,
        "payment_method": "invoice",
        "currency": "EUR",
        "net_minor": net,
        "tax_minor": net // 5,
        "total_minor": net + net // 5,
        "tax_basis_points": 2000,
        "tax_treatment": "tax_domestic",
        "quote": "-",
        **more,
    }
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        order = Order.objects.create(**told)
        for position, subscription in enumerate(subscriptions, 1):
            OrderLine.objects.create(
                organisation=cast.nord,
                order=order,
                position=position,
                kind="extension",
                subscription=subscription,
                contract_id=subscription.contract_id,
                product=subscription.product,
                term="year",
                start=subscription.renews_on,
                end=subscription.renews_on.replace(year=subscription.renews_on.year + 1),
                quantity=1,
                unit_minor=5000,
                days=365,
                denominator=365,
                net_minor=5000,
                currency="EUR",
            )
    return order


def page(cast: Cast, number: str, language: str = "en", client: Client | None = None) -> str:
    return words_of((client or signed_in(cast.camille, language)).get(f"/c/5200001/orders/{number}/"))


@pytest.fixture
def second(cast: Cast) -> Subscription:
    return subscribe(cast.second_contract, cast.sculpt, "560000009", seats=2, start=TODAY.replace(month=9, day=6))


def test_an_order_about_several_names_each_with_its_contract_and_amount(cast: Cast, second: Subscription) -> None:
    ordered(cast, "5200001-1", cast.subscription, second, state="settled", settled_on=TODAY)
    said = page(cast, "5200001-1")
    assert "The payment dates of 2 subscriptions were aligned on 21 November 2026" in said
    assert "Sculpt LT (560000001)" in said
    assert "Sculpt LT (560000009)" in said
    assert {"110000001", "110000002"} <= set(said.split())
    assert "120.00" in said


def test_who_manages_one_of_its_contracts_alone_does_not_see_an_order_about_two(cast: Cast, second: Subscription) -> None:
    ordered(cast, "5200001-1", cast.subscription, second)
    ordered(cast, "5200001-2", second)
    anton = signed_in(cast.anton)
    assert anton.get("/c/5200001/orders/5200001-1/").status_code == 404
    assert anton.get("/c/5200001/orders/5200001-2/").status_code == 200
    listed = words_of(anton.get("/c/5200001/orders/"))
    assert "5200001-2" in listed
    assert "5200001-1 " not in listed


def test_an_order_that_waits_asks_again_until_it_is_settled(cast: Cast) -> None:
    order = ordered(cast, "560000001-1", cast.subscription, verb="renew", subscription=cast.subscription, contract=cast.contract)
    camille = signed_in(cast.camille)
    waiting = camille.get("/c/5200001/orders/560000001-1/", headers={"HX-Request": "true"})
    assert 'hx-trigger="every 3s"' in waiting.content.decode()
    assert "is still to be paid; nothing changes before that" in words_of(waiting)
    assert "HX-Refresh" not in waiting.headers
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        Order.objects.filter(pk=order.pk).update(state="settled", settled_on=TODAY)
    done = camille.get("/c/5200001/orders/560000001-1/", headers={"HX-Request": "true"})
    assert done.headers["HX-Refresh"] == "true"
    assert "every 3s" not in done.content.decode()
    assert "was renewed on 21 November 2026, until 10 April 2027" in words_of(done)


def test_a_failed_order_says_why_and_what_to_do(cast: Cast) -> None:
    ordered(cast, "5200001-1", cast.subscription, state="failed", failed_because="insufficient_funds")
    said = page(cast, "5200001-1")
    assert "did not succeed : nothing was changed and nothing was charged" in said.replace("succeed:", "succeed :")
    assert "the account does not hold enough" in said
    assert "order it again" in said


def test_a_held_order_says_whom_to_ask(cast: Cast) -> None:
    ordered(cast, "5200001-1", cast.subscription, state="parked")
    said = page(cast, "5200001-1")
    assert "We are checking this order before anything is charged" in said
    assert "write to" in said


def test_the_list_is_filtered_by_state_and_by_what_was_ordered(cast: Cast) -> None:
    ordered(cast, "5200001-1", cast.subscription)
    ordered(cast, "5200001-2", cast.subscription, verb="renew", state="settled", settled_on=TODAY)
    camille = signed_in(cast.camille)
    assert "1 order waits for its payment or is held" in words_of(camille.get("/c/5200001/orders/"))
    for query, shown, hidden in (
        ("state=placed", "5200001-1", "5200001-2"),
        ("verb=renew", "5200001-2", "5200001-1"),
        ("q=1-2", "5200001-2", "5200001-1"),
    ):
        said = words_of(camille.get(f"/c/5200001/orders/?{query}"))
        assert shown in said
        assert f"{hidden} " not in said
    assert camille.get("/c/5200001/orders/?state=lost").status_code == 422


def test_whoever_sees_no_prices_sees_no_orders(cast: Cast) -> None:
    ordered(cast, "5200001-1", cast.subscription)
    for member in (cast.sofia, cast.rita, cast.emil, cast.oskar):
        assert signed_in(member).get("/c/5200001/orders/").status_code == 404


def test_the_api_lists_orders_page_by_page_and_tells_each(cast: Cast, second: Subscription) -> None:
    for n in range(1, 4):
        ordered(cast, f"5200001-{n}", cast.subscription, second, state="settled" if n < 3 else "placed", settled_on=None)
    api = Api(cast, cast.camille)
    first = json.loads(api.get("orders?limit=2").content)
    assert [row["number"] for row in first["items"]] == ["5200001-3", "5200001-2"]
    rest = json.loads(api.get(f"orders?limit=2&cursor={first['next']}").content)
    assert ([row["number"] for row in rest["items"]], rest["next"]) == (["5200001-1"], None)
    assert [row["number"] for row in json.loads(api.get("orders?state=placed").content)["items"]] == ["5200001-3"]
    one = json.loads(api.get("orders/5200001-3").content)
    assert one["subscriptions"] == ["560000001", "560000009"]
    assert [(line["subscription"], line["net"]) for line in one["lines"]] == [("560000001", "50.00"), ("560000009", "50.00")]
    assert (one["state"], one["invoice"], one["subscription"]) == ("placed", None, None)
