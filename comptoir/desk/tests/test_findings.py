"""Differences between the provider's books and ours: each is settled at the desk, once, and money goes where it belongs."""

import pytest
from django.conf import settings
from django.test import Client

from comptoir.billing.jobs.books import compare_books
from comptoir.billing.models import Finding, Invoice, SandboxCharge, SandboxRefund
from comptoir.billing.tests.paying import billed, give, open_of, pay, run_jobs, states, switched
from comptoir.kernel.actor import Actor
from comptoir.kernel.models import SecondLook
from comptoir.kernel.walls import wall_opened
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, at_desk, raise_curtain, staff_member, words_of

NORD = "/desk/customers/5200001/findings/"


@pytest.fixture
def cast(fresh_database: FreshDatabase) -> Cast:
    return raise_curtain()


@pytest.fixture
def bill(cast: Cast) -> Invoice:
    """Paid by card, as both books say."""
    bill = billed(cast.camille, cast.subscription)
    pay(cast.camille, bill, give(cast))
    run_jobs()
    return bill


@pytest.fixture
def fiona(cast: Cast) -> Client:
    return at_desk(staff_member("Fiona", "Lenoir", "finance"))


def compare() -> None:
    compare_books(Actor.job("billing.compare_books", None), provider="sandbox", day=TODAY.isoformat())


def found() -> Finding:
    return Finding.objects.latest("pk")


def unknown(minor: int) -> None:
    """A charge of Atelier Nord's card that nobody asked for."""
    row = SandboxCharge.objects.get()
    row.pk, row.ref, row.key, row.amount_minor = None, "ch_x", "x", minor
    row.metadata = {**row.metadata, "reference": "pay_x"}
    row.save()


def test_what_the_provider_lost_opens_its_invoice_again_once(cast: Cast, bill: Invoice, fiona: Client) -> None:
    SandboxCharge.objects.all().delete()
    compare()
    page = words_of(fiona.get(f"/desk/findings/{found().pk}/"))
    assert "We noted a payment that the provider does not have." in page
    assert open_of(cast, bill) == 0
    for _again in range(2):
        fiona.post(f"{NORD}{found().pk}/reopening/", {"request_key": "k"})
    assert (open_of(cast, bill), states(cast)) == (bill.total_minor, ["reversed"])
    assert "what it had paid is open again" in words_of(fiona.get(f"/desk/findings/{found().pk}/"))
    answer = fiona.post(f"{NORD}{found().pk}/reopening/", {"request_key": "other"}, follow=True)
    assert "Somebody has settled this finding already." in words_of(answer)
    compare()
    run_jobs()
    assert Finding.objects.count() == 1


def test_what_nobody_asked_for_is_given_back_once_and_found_no_more(cast: Cast, bill: Invoice, fiona: Client) -> None:
    unknown(555)
    compare()
    assert (found().kind, found().customer) == ("unknown", "5200001")
    switched(loses_answers=1)
    for _again in range(2):
        fiona.post(f"{NORD}{found().pk}/refund/", {"request_key": "k"})
        run_jobs()
    assert list(SandboxRefund.objects.values_list("amount_minor", flat=True)) == [555]
    compare()
    assert Finding.objects.count() == 1, "its refund is known to us"
    assert "the provider gives it back" in words_of(fiona.get(f"/desk/findings/{found().pk}/"))
    assert open_of(cast, bill) == 0


def test_over_the_limit_two_people_give_it_back(cast: Cast, bill: Invoice, fiona: Client) -> None:
    unknown(settings.SECOND_PAIR_FROM * 100)
    compare()
    answer = fiona.post(f"{NORD}{found().pk}/refund/", follow=True)
    assert "a colleague of finance was asked to look" in words_of(answer)
    run_jobs()
    assert not SandboxRefund.objects.exists()
    with wall_opened(read=[cast.nord.pk]):
        look = SecondLook.objects.get().pk
    at_desk(staff_member("Noah", "Vidal", "finance")).post("/desk/customers/5200001/looks/approval/", {"row": look})
    run_jobs()
    assert SandboxRefund.objects.count() == 1


def test_what_the_provider_refuses_is_open_again(cast: Cast, bill: Invoice, fiona: Client) -> None:
    unknown(555)
    compare()
    fiona.post(f"{NORD}{found().pk}/refund/")
    SandboxCharge.objects.filter(ref="ch_x").update(refunded_minor=555)  # somebody did it there meanwhile
    run_jobs()
    assert (found().settled_at, found().answer) == (None, "refused_by_provider")
    assert not SandboxRefund.objects.exists()


def test_books_that_agree_when_they_are_compared_again_settle_it(cast: Cast, bill: Invoice, fiona: Client) -> None:
    SandboxCharge.objects.update(amount_minor=1)
    compare()
    assert found().kind == "altered"
    for agrees in (True, False, True):
        SandboxCharge.objects.update(amount_minor=bill.total_minor if agrees else 1)
        if agrees:
            assert fiona.post(f"/desk/findings/{found().pk}/", {"again": "yes"}).status_code == 302
        else:
            compare()
        run_jobs()
        assert (found().answer, found().settled_at is None) == (("agrees", False) if agrees else ("", True))
    assert Finding.objects.count() == 1


def test_a_note_settles_it_and_nothing_moves(cast: Cast, bill: Invoice, fiona: Client) -> None:
    unknown(555)
    compare()
    page = f"/desk/findings/{found().pk}/"
    assert fiona.post(page, {"note": ""}).status_code == 422
    assert fiona.post(page, {"note": "Another shop on the same account"}).status_code == 302
    assert found().answer == "Another shop on the same account"
    assert fiona.post(page, {"note": "again"}).status_code == 409
    run_jobs()
    assert not SandboxRefund.objects.exists()


POSTS = ["reopening/", "refund/"]


@pytest.mark.parametrize("path", POSTS)
def test_money_moves_for_finance_alone_with_a_fresh_proof_and_in_that_customer(
    path: str, cast: Cast, bill: Invoice, fiona: Client
) -> None:
    SandboxCharge.objects.all().delete() if path == "reopening/" else unknown(555)
    compare()
    pk = found().pk
    stale = at_desk(staff_member("Noah", "Vidal", "finance"), fresh=False)
    assert stale.post(f"{NORD}{pk}/{path}").headers["Location"].startswith("/sign-in/again/")
    assert at_desk(staff_member("Ada", "Sommer", "administrator")).post(f"{NORD}{pk}/{path}").status_code == 404
    assert fiona.post(f"/desk/customers/5200002/findings/{pk}/{path}").status_code in {302, 404}
    assert found().settled_at is None
    run_jobs()
    assert (open_of(cast, bill), SandboxRefund.objects.count()) == (0, 0)
