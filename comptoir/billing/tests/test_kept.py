"""Credit: what stays of a transfer pays a later invoice once, in part or in full, or goes back."""

import json
from typing import Any

import pytest
from django.test import Client

from comptoir.billing.actions.bank import receive_transfer
from comptoir.billing.models import Allocation, Invoice, Refund, StatementLine
from comptoir.billing.queries.kept import in_all, kept_of
from comptoir.billing.rules.kept import from_oldest, plan_credit
from comptoir.billing.rules.payments import Part
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.kernel.tests.stage import token_of
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Organisation
from tests.cast import TODAY, Cast, at_desk, raise_curtain, signed_in, staff_member, words_of

from .paying import GOOD, billed, give, looking, open_of, pay, run_jobs
from .test_jobs_bank import bring, statement

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def kept(customer: Organisation, minor: int, day: str = "2026-11-20") -> None:
    """A transfer of a customer's that pays nothing yet, as finance takes it in."""
    bring(statement(f"{day},{Money(minor, customer.currency)},{customer.currency},thanks"), f"{day}{minor}.csv")
    line = StatementLine.objects.latest("pk")
    with wall_opened(read=[customer.pk], write=customer.pk):
        receive_transfer(Actor.job("test", customer.pk), customer, line=line.pk, parts={}, on=TODAY)


def credit_of(cast: Cast) -> int:
    with looking(cast):
        return in_all(kept_of(cast.nord.pk, "EUR"), "EUR").minor


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


@pytest.mark.parametrize(
    ("credit", "open_", "used", "told"),
    [
        (1000, 700, None, (700, 0, 300)),
        (700, 1000, None, (700, 300, 0)),
        (1000, 700, 200, (200, 500, 800)),
        (700, 700, None, (700, 0, 0)),
    ],
)
def test_credit_pays_what_fits(credit: int, open_: int, used: int | None, told: tuple[int, int, int]) -> None:
    plan = plan_credit(euros(credit), euros(open_), None if used is None else euros(used))
    assert (plan.used.minor, plan.open.minor, plan.left.minor) == told
    assert plan.before == euros(credit)


@pytest.mark.parametrize(
    ("credit", "open_", "used"), [(0, 700, None), (700, 500, 501), (500, 700, 501), (500, 700, 0), (5, 5, -1)]
)
def test_more_than_there_is_or_than_is_open_is_refused(credit: int, open_: int, used: int | None) -> None:
    with pytest.raises(Refused, match="credit_short"):
        plan_credit(euros(credit), euros(open_), None if used is None else euros(used))


def test_the_oldest_money_goes_first() -> None:
    assert from_oldest(150, {7: 100, 3: 80, 9: 100}) == [Part(3, 80), Part(7, 70)]


def test_a_payer_uses_credit_in_full_and_in_part_and_what_is_left_stays(cast: Cast) -> None:
    kept(cast.nord, 10_000)
    bill = billed(cast.camille, cast.subscription)
    kept(cast.nord, bill.total_minor)
    camille, page = signed_in(cast.camille), f"/c/5200001/invoices/{bill.number}/"
    assert "can pay this invoice" in words_of(camille.get(page))
    assert "of credit" in words_of(camille.get("/c/5200001/invoices/"))
    assert "of credit stands" in words_of(camille.get("/c/5200001/payment-methods/"))
    assert "Your credit pays for it" in words_of(camille.get(f"{page}payment/"))
    posted = {"minor": bill.total_minor, "request_key": "k"}
    for _again in range(2):  # the second click gets the first one's result
        assert camille.post(f"{page}credit/", posted).status_code == 302
    assert (open_of(cast, bill), credit_of(cast)) == (0, 10_000)
    assert "Paid from your credit" in words_of(camille.get(page))
    with looking(cast):
        assert [row.amount_minor for row in Allocation.objects.order_by("pk")] == [10_000, bill.total_minor - 10_000]
    second = billed(cast.camille, cast.subscription, key="two")
    assert camille.post(f"/c/5200001/invoices/{second.number}/credit/", {"minor": 10_000}).status_code == 302
    assert (open_of(cast, second), credit_of(cast)) == (second.total_minor - 10_000, 0)
    assert "Your credit pays" not in words_of(camille.get(f"/c/5200001/invoices/{second.number}/payment/"))


@pytest.mark.parametrize("typed", ["", "0", "-5", "١٢x", "9" * 40, "10001", "1e3"])
def test_what_is_no_credit_pays_nothing(cast: Cast, typed: str) -> None:
    kept(cast.nord, 10_000)
    bill = billed(cast.camille, cast.subscription)
    answer = signed_in(cast.camille).post(f"/c/5200001/invoices/{bill.number}/credit/", {"minor": typed})
    assert answer.status_code in {409, 422}
    assert "notice-danger" in answer.content.decode()
    assert (open_of(cast, bill), credit_of(cast)) == (bill.total_minor, 10_000)


def test_credit_waits_while_a_charge_runs_and_for_what_is_paid(cast: Cast) -> None:
    kept(cast.nord, 10_000)
    bill, card = billed(cast.camille, cast.subscription), give(cast, GOOD)
    pay(cast.camille, bill, card)
    camille, path = signed_in(cast.camille), f"/c/5200001/invoices/{bill.number}/credit/"
    assert camille.post(path, {"minor": "100"}).status_code == 409
    run_jobs()
    answer = camille.post(path, {"minor": "100"})
    assert (answer.status_code, credit_of(cast)) == (409, 10_000)
    assert "is left to be paid" in words_of(answer)


def test_another_customers_credit_is_none_of_ours(cast: Cast) -> None:
    kept(cast.est, 10_000)
    bill = billed(cast.camille, cast.subscription)
    answer = signed_in(cast.camille).post(f"/c/5200001/invoices/{bill.number}/credit/", {"minor": "100"})
    assert (answer.status_code, credit_of(cast)) == (409, 0)
    assert open_of(cast, bill) == bill.total_minor


def test_finance_uses_credit_for_a_customer_and_gives_back_the_rest(cast: Cast) -> None:
    bill = billed(cast.camille, cast.subscription)
    kept(cast.nord, bill.total_minor + 500)
    fiona, page = at_desk(staff_member("Fiona", "Lenoir", "finance")), "/desk/customers/5200001/credit/"
    assert "pays nothing yet" in words_of(fiona.get(page))
    assert "Credit" in words_of(fiona.get("/desk/customers/5200001/"))
    use = f"/desk/customers/5200001/invoices/{bill.number}/credit/"
    assert fiona.post(use, {"minor": "no"}).status_code == 422
    assert fiona.post(use, {"minor": str(bill.total_minor + 1)}).status_code == 409
    assert fiona.post(use, {"minor": str(bill.total_minor), "request_key": "a"}).status_code == 302
    assert fiona.post("/desk/customers/5200001/invoices/F-1/credit/", {"minor": "1"}).status_code == 409
    assert (open_of(cast, bill), credit_of(cast)) == (0, 500)
    assert "it can stay, or go back" in words_of(fiona.get(page))
    assert fiona.post(f"{page}refund/", {"minor": "501"}).status_code == 409
    assert fiona.post(f"{page}refund/", {"minor": ""}).status_code == 422
    for _again in range(2):
        assert fiona.post(f"{page}refund/", {"minor": "500", "request_key": "b"}).status_code == 302
    with looking(cast):
        assert list(Refund.objects.values_list("amount_minor", "state")) == [(500, "by_hand")]
    assert credit_of(cast) == 0
    assert "has no credit" in words_of(fiona.get(page))


def api(token: str, path: str, body: object = None, key: str = "") -> Any:
    client = Client(headers={"host": "127.0.0.1", "authorization": f"Bearer {token}"})
    path = f"/api/v1/customers/5200001/{path}"
    once = {"idempotency-key": key} if key else {}
    answer = client.get(path) if body is None else client.post(path, json.dumps(body), "application/json", headers=once)
    return answer.status_code, answer.json()


def test_the_api_previews_and_uses_credit_once(cast: Cast) -> None:
    kept(cast.nord, 10_000)
    bill = billed(cast.camille, cast.subscription)
    left, token = f"{bill.total - euros(10_000)}", token_of(cast.camille)
    assert api(token, "credit") == (200, {"credit": "100.00", "currency": "EUR"})
    used = {"used": "100.00", "open": left, "left": "0.00", "currency": "EUR"}
    assert api(token, f"invoices/{bill.number}/credit/preview", {}) == (200, used)
    for _again in range(2):
        told = api(token, f"invoices/{bill.number}/credit", {"amount": "100.00"}, key="k")
        assert told == (200, used)
    status, problem = api(token, f"invoices/{bill.number}/credit", {"amount": "1.00"}, key="k")
    assert (status, problem["code"]) == (422, "request_key_reused")
    assert credit_of(cast) == 0


@pytest.mark.parametrize("amount", ["100.001", "-1", "", "1e3", "١", "9" * 20, "100.01"])
def test_the_api_refuses_odd_amounts(cast: Cast, amount: str) -> None:
    kept(cast.nord, 10_000)
    bill = billed(cast.camille, cast.subscription)
    token = token_of(cast.camille)
    for path in ("credit", "credit/preview"):
        status, _problem = api(token, f"invoices/{bill.number}/{path}", {"amount": amount})
        assert status in {409, 422}
    with looking(cast):
        assert Invoice.objects.count() == 1
    assert credit_of(cast) == 10_000
