"""Asking for a return, and the invoice that leads to one (rules 6, 7, 8)."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comptoir.billing.models import Invoice
from comptoir.kernel.models import AskedVerb, Event
from comptoir.kernel.walls import wall_opened
from comptoir.subscriptions.actions.renewing import renew
from comptoir.subscriptions.actions.seats import add_seats
from comptoir.subscriptions.models import Order, Sale, Subscription
from comptoir.subscriptions.queries.returns_of_invoice import ReturnsOfInvoices
from comptoir.subscriptions.queries.seats import subscription_of
from tests.cast import TODAY, Cast, raise_curtain, signed_in, subscribe, words_of

from .test_add_seats import actor_of

pytestmark = pytest.mark.django_db
HERE = "/c/5200001/subscriptions/560000001/return/"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def bought(cast: Cast, add: int = 3, days_ago: int = 0) -> Sale:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk, person=cast.camille.person_id):
        camille = actor_of(cast.camille)
        order: Order = add_seats(camille, subscription_of(camille, "560000001"), add=add, on=TODAY - timedelta(days=days_ago))
        return Sale.objects.select_related("invoice").get(order=order)


def page(cast: Cast, who: str, path: str) -> str:
    return words_of(signed_in(getattr(cast, who)).get(path)).replace("\xa0", " ").replace("\u202f", " ")


def test_a_coordinator_asks_for_a_return_and_one_click_gives_the_money_back(cast: Cast) -> None:
    sale = bought(cast)
    said = page(cast, "sofia", HERE)
    assert "Camille" in said
    assert "Seats added" in said
    assert str(sale.invoice.number) not in said  # no prices, no invoices
    assert "386.63" not in said
    sofia = signed_in(cast.sofia)
    sent = sofia.post(HERE, {"sale": sale.pk, "reason": "a project less", "request_key": "s1"})
    assert sent.status_code == 302
    with wall_opened(read=[cast.nord.pk]):
        asked = AskedVerb.objects.get(verb="subscriptions.return_sale")
        assert (asked.target, asked.target_number) == (f"subscriptions.sale:{sale.pk}", "560000001")
        assert Subscription.objects.get(number="560000001").seats_now == 7  # nothing came of it yet
    waiting = page(cast, "camille", f"/c/5200001/requests/{asked.pk}/")
    assert "Sculpt LT: return what was bought on 21 November 2026 (Seats added)" in waiting
    assert "Approve and get 386.63 EUR back" in waiting
    approved = signed_in(cast.camille).post(f"/c/5200001/requests/{asked.pk}/approval/", {"request_key": "c1"})
    assert approved.headers["Location"] == "/c/5200001/invoices/A-2026-000001/"
    with wall_opened(read=[cast.nord.pk]):
        assert Subscription.objects.get(number="560000001").seats_now == 4
        assert AskedVerb.objects.get(pk=asked.pk).state == "approved"
        told = Event.objects.filter(kind__in=["sale.returned", "request.approved"])
        assert {event.by_membership_id for event in told} == {cast.camille.pk}  # as whoever approved it
        assert len(told) == 2


def test_what_nobody_can_return_can_not_be_asked_for(cast: Cast) -> None:
    sale = bought(cast, days_ago=31)
    said = page(cast, "sofia", HERE)
    assert "It can’t be returned any more." in said
    assert "Send the request" not in said
    refused = signed_in(cast.sofia).post(HERE, {"sale": sale.pk, "request_key": "s1"})
    assert refused.status_code == 409
    with wall_opened(read=[cast.nord.pk]):
        assert not AskedVerb.objects.filter(verb="subscriptions.return_sale").exists()


def test_the_newest_is_asked_for_first_and_no_number_of_an_invoice_is_told(cast: Cast) -> None:
    first, second = bought(cast, 1), bought(cast, 2)
    refused = signed_in(cast.sofia).post(HERE, {"sale": first.pk, "request_key": "s1"})
    said = words_of(refused)
    assert (refused.status_code, "what was bought after it" in said) == (409, True)
    assert str(second.invoice.number) not in said


def test_somebody_else_s_sale_is_not_there_to_be_asked_for(cast: Cast) -> None:
    bought(cast)
    assert signed_in(cast.sofia).post(HERE, {"sale": 2**40, "request_key": "s1"}).status_code == 404
    assert signed_in(cast.pierre).get(f"{HERE}F-2026-000001/").status_code == 405
    assert signed_in(cast.oskar).get(HERE).status_code == 404


def test_an_invoice_leads_to_the_return_of_what_it_sold(cast: Cast) -> None:
    sale = bought(cast)
    path = f"/c/5200001/invoices/{sale.invoice.number}/"
    shown = signed_in(cast.camille).get(path)
    assert "It can be returned until 21 December 2026" in words_of(shown)
    assert f'href="{HERE}"' in shown.content.decode()
    payer = signed_in(cast.pierre).get(path)
    assert f'href="{HERE}"' not in payer.content.decode()
    assert "Your role doesn't allow this. Ask Camille" in words_of(payer)


def test_an_invoice_says_why_it_can_not_be_returned_any_more(cast: Cast) -> None:
    late = bought(cast, days_ago=31)
    said = page(cast, "camille", f"/c/5200001/invoices/{late.invoice.number}/")
    assert "It could be returned until 20 November 2026." in said
    assert "It can’t be returned any more." in said


def test_an_invoice_says_when_it_was_returned_and_a_credit_note_sold_nothing(cast: Cast) -> None:
    sale = bought(cast)
    signed_in(cast.camille).post(f"{HERE}{sale.invoice.number}/", {"request_key": "c2"})
    assert "It was returned on 21 November 2026." in page(cast, "camille", f"/c/5200001/invoices/{sale.invoice.number}/")
    with wall_opened(read=[cast.nord.pk]):
        number = Invoice.objects.get(kind="A").number
    said = signed_in(cast.camille).get(f"/c/5200001/invoices/{number}/")
    assert HERE not in said.content.decode()
    assert "Returned. Nothing is to be paid." in words_of(said)  # the reason in words, not its code


def test_the_page_of_an_invoice_about_many_costs_as_many_statements_as_of_one(cast: Cast) -> None:
    day, numbers = date(2027, 2, 1), [f"5600009{n:02}" for n in range(1, 7)]
    for number in numbers:
        subscribe(cast.contract, cast.sculpt, number, seats=2, start=date(2026, 4, 10))
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk, person=cast.camille.person_id):
        camille, counted = actor_of(cast.camille), []
        for first, *others in (numbers[:1], numbers[1:]):
            renew(camille, subscription_of(camille, first), also=others, on=day)
            invoice = Invoice.objects.latest("id")
            with CaptureQueriesContext(connection) as asked:
                told = ReturnsOfInvoices().of_invoice(camille, invoice, day, 50)
            assert [(each.subscription, each.returnable) for each in told] == [(number, True) for number in (first, *others)]
            counted.append(len(asked))
    assert counted[0] == counted[1]
