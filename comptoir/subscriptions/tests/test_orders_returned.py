"""The page of an order says whether what it brought can be given back, and if not why, with the next step (rules 8)."""

from datetime import date, timedelta

import pytest

from comptoir.kernel.clock import business_day
from comptoir.kernel.tests.stage import inside
from comptoir.subscriptions.actions.alignment import align
from comptoir.subscriptions.actions.returns import return_sale
from comptoir.subscriptions.actions.seats import add_seats
from comptoir.subscriptions.models import Order, Sale
from tests.cast import TODAY, Cast, raise_curtain, seat, signed_in, subscribe, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def bought(cast: Cast, add: int, days_ago: int = 0) -> Order:
    with inside(cast.camille) as actor:
        return add_seats(actor, cast.subscription, add=add, on=TODAY - timedelta(days=days_ago))


def page_of(cast: Cast, order: Order, who: str = "camille") -> tuple[str, str]:
    answer = signed_in(getattr(cast, who)).get(f"/c/5200001/orders/{order.number}/")
    assert answer.status_code == 200
    return words_of(answer), answer.content.decode()


def test_what_can_be_returned_leads_to_its_return(cast: Cast) -> None:
    assert business_day() == TODAY
    said, html = page_of(cast, bought(cast, 2))
    assert "Seats added: 2 seats of Sculpt LT 560000001. It can be returned until 21 December 2026" in said
    assert 'href="/c/5200001/subscriptions/560000001/return/"' in html
    assert "aria-disabled" not in html


def test_a_window_that_is_over_says_until_when_it_was_and_what_helps(cast: Cast) -> None:
    said, html = page_of(cast, bought(cast, 2, days_ago=40))
    assert "It could be returned until 11 November 2026" in said
    assert "It can’t be returned any more." in said
    assert 'href="/c/5200001/subscriptions/560000001/plan/automatic/"' in html
    assert "aria-disabled" in html


def test_something_newer_is_named_and_led_to(cast: Cast) -> None:
    first, _second = bought(cast, 2), bought(cast, 1)
    said, html = page_of(cast, first)
    assert "Something newer must be returned first: F-2026-000002. Return that first." in said
    assert '<a href="/c/5200001/subscriptions/560000001/return/">Return that first.' in html


def test_those_who_sit_there_are_named(cast: Cast) -> None:
    order = bought(cast, 1)
    for holder in (cast.emil, cast.sofia, cast.rita, cast.camille, cast.pierre):
        seat(cast.subscription, holder)
    said, html = page_of(cast, order)
    assert "The seats are in use by" in said
    assert 'href="/c/5200001/subscriptions/560000001/people/"' in html


def test_an_order_about_several_says_it_once_where_it_is_alike(cast: Cast) -> None:
    for number, start in (("560000008", date(2026, 5, 1)), ("560000009", date(2026, 11, 30))):
        subscribe(cast.second_contract, cast.sculpt, number, seats=2, start=start)
    with inside(cast.camille) as actor:
        also = ["560000008", "560000009"]
        order = align(actor, cast.subscription, also=also, on=TODAY)
    said, html = page_of(cast, order)
    assert html.count('/return/"') == 2
    assert "Nothing of it can be returned" not in said
    with inside(cast.camille) as actor:
        add_seats(actor, cast.subscription, add=1, on=TODAY)
    said, html = page_of(cast, order)
    assert said.count("Something newer must be returned first") == 1
    assert html.count('/return/"') == 2


def test_what_was_returned_says_when(cast: Cast) -> None:
    order = bought(cast, 1)
    with inside(cast.camille) as actor:
        return_sale(actor, Sale.objects.get(order=order), on=TODAY)
    assert "It was returned on 21 November 2026." in page_of(cast, order)[0]
