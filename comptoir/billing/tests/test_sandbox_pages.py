"""A dispute in the sandbox, in the browser: its holder asks for the money back, the bank decides, the portal hears of it."""

import re

import pytest
from django.test import Client

from comptoir.billing.models import Attempt, SandboxCharge, SandboxDispute
from conftest import FreshDatabase
from tests.cast import Cast, at_desk, raise_curtain, signed_in, staff_member, words_of

from .paying import billed, deliver, give, looking, open_of, pay, run_jobs, states


@pytest.fixture
def cast(fresh_database: FreshDatabase) -> Cast:
    return raise_curtain()


def link_to_books(page: str) -> str:
    found = re.search(r'href="(/sandbox/provider/charges/[^"]+)"', page)
    assert found is not None, page
    return found[1]


def heard() -> None:
    deliver()
    run_jobs()


@pytest.mark.parametrize(
    ("decision", "left", "said"), [("won", 0, "the payment stands"), ("lost", 1, "the holder keeps the money")]
)
def test_a_dispute_is_opened_and_decided_at_the_sandboxs_provider(cast: Cast, decision: str, left: int, said: str) -> None:
    invoice = billed(cast.camille, cast.subscription)
    pay(cast.camille, invoice, give(cast))
    run_jobs()
    camille, somebody = signed_in(cast.camille), Client(headers={"host": "127.0.0.1"})
    with looking(cast):
        payment = f"/c/5200001/payments/{Attempt.objects.get().pk}/"
    books = link_to_books(camille.get(payment).content.decode())
    assert "nobody disputes it" in words_of(somebody.get(books))
    for _again in range(2):
        assert somebody.post(books, {"dispute": "1"}).status_code == 302
    heard()
    assert SandboxDispute.objects.count() == 1
    assert open_of(cast, invoice) == invoice.total_minor
    fiona = at_desk(staff_member("Fiona", "Lenoir", "finance"))
    for client, page in (
        (camille, payment),
        (camille, f"/c/5200001/invoices/{invoice.number}/"),
        (fiona, f"/desk/customers/5200001/invoices/{invoice.number}/"),
    ):
        assert link_to_books(client.get(page).content.decode()) == books
    for answer in (decision, "won", "lost"):  # the first click counts
        assert somebody.post(books, {answer: "1"}).status_code == 302
    assert said in words_of(somebody.get(books))
    heard()
    assert open_of(cast, invoice) == left * invoice.total_minor
    page = words_of(camille.get(f"/c/5200001/invoices/{invoice.number}/"))
    assert ("to be paid anew" if left else "decided on 21 November 2026 that it is paid") in page
    if left:
        pay(cast.camille, invoice, give(cast))
        run_jobs()
        assert (states(cast), open_of(cast, invoice)) == (["reversed", "succeeded"], 0)


def test_what_was_not_paid_is_not_disputed(cast: Cast) -> None:
    pay(cast.camille, billed(cast.camille, cast.subscription), give(cast, "4000000000009995"))
    run_jobs()
    books, somebody = f"/sandbox/provider/charges/{SandboxCharge.objects.get().ref}/", Client(headers={"host": "127.0.0.1"})
    assert "nobody can dispute it" in words_of(somebody.get(books))
    for typed in ({"dispute": "1"}, {"won": "1"}, {}):
        assert somebody.post(books, typed).status_code == 302
    assert SandboxDispute.objects.count() == 0
    assert somebody.get("/sandbox/provider/charges/ch_none/").status_code == 404
