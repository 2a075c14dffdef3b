"""Paying in the browser, without one: forms, redirects, the provider's page, its notes."""

import re

import pytest
from django.db import transaction
from django.test import Client

from comptoir.billing.adapters import sandbox_books
from comptoir.billing.jobs.books import compare_books
from comptoir.billing.jobs.hearing import look_again
from comptoir.billing.models import (
    Attempt,
    Dispute,
    MethodSetup,
    PaymentMethod,
    ProviderEvent,
    SandboxCharge,
    SandboxDispute,
    SandboxMethod,
)
from comptoir.kernel.actor import Actor
from comptoir.kernel.jobs import within
from conftest import FreshDatabase
from tests.cast import PASSWORD, TODAY, Cast, at_desk, raise_curtain, staff_member, words_of

from .paying import (
    CHALLENGE,
    DISPUTED,
    GOOD,
    billed,
    charged,
    deliver,
    give,
    looking,
    open_of,
    pay,
    run_jobs,
    states,
    switched,
    taken_in,
)


@pytest.fixture
def cast(fresh_database: FreshDatabase) -> Cast:
    return raise_curtain()


def signed_in(email: str) -> Client:
    client = Client(headers={"host": "127.0.0.1"})
    answer = client.post("/sign-in/", {"login": email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content
    return client


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', html)
    assert found is not None
    return found[1]


def base(cast: Cast) -> str:
    return f"/c/{cast.nord.number}"


def test_a_card_is_given_on_the_providers_page_and_pays_an_invoice(cast: Cast) -> None:
    client = signed_in(cast.pierre.email)
    page = client.get(f"{base(cast)}/payment-methods/")
    assert "everything goes on invoice" in page.content.decode()
    form = client.get(f"{base(cast)}/payment-methods/new/").content.decode()
    setup = client.post(
        f"{base(cast)}/payment-methods/new/", {"kind": "card", "request_key": hidden(form, "request_key")}
    ).headers["Location"]
    assert "One moment" in client.get(setup).content.decode()
    run_jobs()
    leads = client.get(setup, headers={"HX-Request": "true"}).headers["HX-Redirect"]
    there = leads.replace("http://127.0.0.1:8000", "")
    real = client.post(there, {"number": "4111 1111 1111 1111", "expires": "12/30"})
    assert real.status_code == 422
    assert "none of the test numbers" in real.content.decode()
    assert client.post(there, {"number": GOOD, "expires": "12/30"}).headers["Location"].endswith(f"{setup}?back=1")
    assert deliver() == [200]
    run_jobs()
    assert (
        client.get(f"{setup}?back=1", headers={"HX-Request": "true"}).headers["HX-Redirect"] == f"{base(cast)}/payment-methods/"
    )
    listed = client.get(f"{base(cast)}/payment-methods/").content.decode()
    assert "Visa •••• 4242" in listed
    assert "can be used now" in listed
    invoice = billed(cast.camille, cast.subscription)
    page = client.get(f"{base(cast)}/invoices/{invoice.number}/payment/").content.decode()
    with looking(cast):
        method = PaymentMethod.objects.get()
    key = {"request_key": hidden(page, "request_key"), "method": str(method.pk)}
    went = client.post(f"{base(cast)}/invoices/{invoice.number}/payment/", key).headers["Location"]
    assert "under way" in client.get(went).content.decode()
    run_jobs()
    assert "was charged to Visa" in client.get(went).content.decode()
    assert (charged(), open_of(cast, invoice)) == ([invoice.total_minor], 0)


def test_somebody_who_only_came_back_has_given_nothing(cast: Cast) -> None:
    client = signed_in(cast.pierre.email)
    setup = client.post(f"{base(cast)}/payment-methods/new/", {"kind": "sepa"}).headers["Location"]
    run_jobs()
    there = client.get(setup, headers={"HX-Request": "true"}).headers["HX-Redirect"].replace("http://127.0.0.1:8000", "")
    assert client.post(there, {"leave": "1"}).status_code == 302
    deliver()
    run_jobs()
    assert "No payment method was given" in client.get(f"{setup}?back=1").content.decode()
    with looking(cast):
        assert (MethodSetup.objects.get().state, PaymentMethod.objects.count()) == ("failed", 0)


def test_three_d_secure_is_confirmed_at_the_bank_and_refused_there(cast: Cast) -> None:
    card, client = give(cast, CHALLENGE), signed_in(cast.camille.email)
    for key, answer, state in (("1", "confirm", "succeeded"), ("2", "refuse", "declined")):
        attempt = pay(cast.camille, billed(cast.camille, cast.subscription, key=key), card)
        assert run_jobs() == ["billing.charge"], "it waits for its holder"
        page = f"{base(cast)}/payments/{attempt.pk}/"
        bank = client.get(page, headers={"HX-Request": "true"}).headers["HX-Redirect"].replace("http://127.0.0.1:8000", "")
        assert "wants to charge" in client.get(bank).content.decode()
        assert client.post(bank, {answer: "1"}).headers["Location"].endswith(f"{page}?back=1")
        assert "confirmed" in client.get(f"{page}?back=1").content.decode()
        deliver()
        run_jobs()
        assert states(cast)[-1] == state
    assert len(charged()) == len(taken_in(cast)) == 1


def test_a_method_is_removed_by_who_shows_who_they_are(cast: Cast) -> None:
    method, client = give(cast), signed_in(cast.camille.email)
    address = f"{base(cast)}/payment-methods/{method.pk}/removal/"
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": 0, "email": cast.camille.email}]
    session.save()
    assert "/sign-in/again/" in client.post(address, {}).headers["Location"]
    client = signed_in(cast.camille.email)
    assert "Nothing renews with it" in client.get(address).content.decode()
    assert client.post(address, {}).status_code == 302
    run_jobs()
    assert SandboxMethod.objects.get().detached
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("who", ["sofia", "rita", "emil"])
def test_others_see_no_payment_methods(who: str, cast: Cast) -> None:
    give(cast)
    assert signed_in(getattr(cast, who).email).get(f"{base(cast)}/payment-methods/").status_code == 404


def test_a_note_without_the_signature_is_refused(cast: Cast) -> None:
    client = Client(headers={"host": "127.0.0.1"})
    for headers in ({}, {"Sandbox-Signature": "0" * 64}):
        assert client.post("/webhooks/sandbox/", b"{}", "application/json", headers=headers).status_code == 400
    assert client.post("/webhooks/elsewhere/", b"{}", "application/json").status_code == 404
    assert client.get("/webhooks/sandbox/").status_code == 405
    assert ProviderEvent.objects.count() == 0


def test_notes_that_come_twice_and_before_their_answer_change_nothing(cast: Cast) -> None:
    invoice, card = billed(cast.camille, cast.subscription), give(cast)
    switched(tells_twice=-1, loses_answers=1)
    pay(cast.camille, invoice, card)
    run_jobs()
    assert deliver() == [200, 200]
    assert ProviderEvent.objects.count() == 1
    assert run_jobs() == []
    assert (states(cast), taken_in(cast), charged()) == (["succeeded"], [invoice.total_minor], [invoice.total_minor])


def test_a_disputed_charge_opens_its_invoice_again_until_it_is_won(cast: Cast) -> None:
    invoice, card = billed(cast.camille, cast.subscription), give(cast, DISPUTED)
    pay(cast.camille, invoice, card)
    run_jobs()
    assert open_of(cast, invoice) == 0
    deliver()
    run_jobs()
    assert (states(cast), open_of(cast, invoice)) == (["succeeded"], invoice.total_minor)
    sandbox_books.close_dispute(SandboxDispute.objects.get().ref, won=True)
    deliver()
    run_jobs()
    assert (states(cast), open_of(cast, invoice)) == (["succeeded"], 0)


def test_a_lost_dispute_leaves_its_invoice_to_be_paid_anew(cast: Cast) -> None:
    invoice, bad, good = billed(cast.camille, cast.subscription), give(cast, DISPUTED), give(cast)
    pay(cast.camille, invoice, bad)
    run_jobs()
    sandbox_books.close_dispute(SandboxDispute.objects.get().ref, won=False)
    deliver()
    run_jobs()
    assert (states(cast), open_of(cast, invoice)) == (["reversed"], invoice.total_minor)
    pay(cast.camille, invoice, good)
    run_jobs()
    assert (states(cast), open_of(cast, invoice)) == (["reversed", "succeeded"], 0)


def test_a_dispute_of_which_no_note_tells_is_found_by_the_nightly_comparison_and_so_is_its_end(cast: Cast) -> None:
    switched(tells_nothing=-1)
    invoice, card = billed(cast.camille, cast.subscription), give(cast)
    pay(cast.camille, invoice, card)
    run_jobs()
    sandbox_books.dispute([SandboxCharge.objects.get()], on=TODAY)
    assert deliver() == run_jobs() == []
    assert open_of(cast, invoice) == 0, "nobody told"
    for _again in range(2):
        compare_books(Actor.job("billing.compare_books", None), provider="sandbox", day=TODAY.isoformat())
        assert run_jobs() == []
    assert open_of(cast, invoice) == invoice.total_minor
    client = signed_in(cast.camille.email)
    with looking(cast):
        attempt = Attempt.objects.get().pk
    for page in (f"{base(cast)}/invoices/{invoice.number}/", f"{base(cast)}/payments/{attempt}/"):
        assert "the holder says that they did not make this payment" in words_of(client.get(page)), page
    fiona = at_desk(staff_member("Fiona", "Lenoir", "finance"))
    assert "1 payment was taken back by a bank." in words_of(fiona.get("/desk/"))
    assert "the holder says that they did not make this payment" in words_of(fiona.get("/desk/runs/"))
    assert "the bank has not decided" in words_of(fiona.get(f"/desk/customers/5200001/invoices/{invoice.number}/"))
    sandbox_books.close_dispute(SandboxDispute.objects.get().ref, won=True)
    with transaction.atomic():
        within(Actor.job("billing.look_again", cast.nord.pk))
        look_again(Actor.job("billing.look_again", cast.nord.pk), day=TODAY)
    assert run_jobs() == []
    assert open_of(cast, invoice) == 0
    assert "decided on 21 November 2026 that it is paid" in words_of(client.get(f"{base(cast)}/invoices/{invoice.number}/"))
    with looking(cast):
        assert Dispute.objects.count() == 1


def test_who_looks_after_one_contract_gives_methods_of_the_whole_customer(cast: Cast) -> None:
    client = signed_in(cast.anton.email)
    assert "Add a payment method" in client.get(f"{base(cast)}/payment-methods/").content.decode()
    assert client.post(f"{base(cast)}/payment-methods/new/", {"kind": "card"}).status_code == 302
    with looking(cast):
        assert MethodSetup.objects.get().asked_by_id == cast.anton.pk
