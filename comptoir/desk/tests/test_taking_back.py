"""Taking back what an invoice sold, by the desk: a part, all, and over the limit by two people."""

import pytest
from django.test import Client

from comptoir.billing.models import Invoice
from comptoir.kernel.models import SecondLook
from comptoir.kernel.ports import Ports
from comptoir.kernel.tests.stage import seats_of
from comptoir.kernel.walls import wall_opened
from comptoir.subscriptions.actions.seats import add_seats
from tests.cast import TODAY, Cast, at_desk, raise_curtain, staff_member, words_of

pytestmark = pytest.mark.django_db
BACK = "/desk/customers/5200001/invoices/F-2026-000001/return/"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture
def fiona(cast: Cast) -> Client:
    return at_desk(staff_member("Fiona", "Lenoir", "finance"))


def add(cast: Cast, seats: int) -> None:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk, person=cast.camille.person_id):
        visit = Ports.grants.visit(cast.camille.person_id, cast.nord.number)
        assert visit is not None
        add_seats(visit.actor, cast.subscription, add=seats, on=TODAY)


def credit_notes(cast: Cast) -> int:
    with wall_opened(read=[cast.nord.pk]):
        return Invoice.objects.filter(kind="A").count()


def test_a_part_goes_back_with_a_credit_note(cast: Cast, fiona: Client) -> None:
    add(cast, 3)
    assert "Take back what F-2026-000001 sold" in words_of(fiona.get(BACK))
    wish = {"subscription": "560000001", "seats": "2"}
    page = fiona.get(BACK, wish)
    assert "2 seats" in words_of(page)
    quote = page.content.decode().split('name="quote" value="')[1].split('"')[0]
    answer = fiona.post(BACK, {**wish, "quote": quote, "request_key": "k"}, follow=True)
    assert "Taken back. Credit note A-2026-000001 says what goes back." in words_of(answer)
    fiona.post(BACK, {**wish, "quote": quote, "request_key": "k"})
    assert "A-2026-000001" in words_of(fiona.get("/desk/customers/5200001/"))
    assert (seats_of(cast.subscription), credit_notes(cast)) == (5, 1)


@pytest.mark.parametrize("seats", ["0", "4", "x", ""])
def test_not_more_than_was_sold(cast: Cast, fiona: Client, seats: str) -> None:
    add(cast, 3)
    answer = fiona.post(BACK, {"subscription": "560000001", "seats": seats})
    assert answer.status_code in {409, 422}
    assert (seats_of(cast.subscription), credit_notes(cast)) == (7, 0)


def test_over_the_limit_a_colleague_takes_it_back(cast: Cast, fiona: Client) -> None:
    add(cast, 20)
    wish = {"subscription": "560000001", "seats": "20"}
    answer = fiona.post(BACK, {**wish, "request_key": "k"}, follow=True)
    assert "a colleague of finance was asked to look" in words_of(answer)
    assert (seats_of(cast.subscription), credit_notes(cast)) == (24, 0)
    with wall_opened(read=[cast.nord.pk]):
        look = SecondLook.objects.get()
    noah = at_desk(staff_member("Noah", "Vidal", "finance"))
    noah.post("/desk/customers/5200001/looks/approval/", {"row": look.pk, "request_key": "k"})
    assert (seats_of(cast.subscription), credit_notes(cast)) == (4, 1)


def test_an_invoice_of_another_customer_is_not_found(cast: Cast, fiona: Client) -> None:
    add(cast, 3)
    assert fiona.get("/desk/customers/5200002/invoices/F-2026-000001/return/").status_code == 404
