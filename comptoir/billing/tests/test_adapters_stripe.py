"""What is asked of Stripe, word by word, and how its answers are read. The server is ours; the library is Stripe's."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from comptoir.billing.adapters.stripe import VERSION, Stripe
from comptoir.billing.adapters.stripe_words import amount_there, money_here
from comptoir.billing.ports import (
    ABSENT,
    UNKNOWN,
    About,
    Charge,
    FoundMethod,
    GiveBack,
    NoAnswer,
    Note,
    NotSigned,
    Outcome,
    Setup,
)
from comptoir.kernel.money import Money

from .stripe_server import Answering, answering

SECRET = "whsec_test"
CHARGE = Charge(
    reference="pay_1",
    amount=Money(79812, "EUR"),
    kind="card",
    customer_ref="cus_1",
    token_ref="pm_1",
    customer_id=5,
    description="Atelier Sculpt · 5200001 · F-2026-000001",
    return_url="https://portal.example/c/5200001/payments/1/?back=1",
    by_hand=False,
    day=date(2026, 11, 21),
)
BACK = GiveBack("back_1", "pi_1", Money(100, "EUR"), 5, date(2026, 11, 21))
INTENT: dict[str, Any] = {
    "id": "pi_1",
    "object": "payment_intent",
    "amount": 79812,
    "currency": "eur",
    "status": "succeeded",
    "metadata": {"customer": "5", "reference": "pay_1"},
}
LIST: dict[str, Any] = {"object": "list", "has_more": False, "data": []}


@pytest.fixture
def server() -> Iterator[Answering]:
    with answering() as running:
        yield running


@pytest.fixture
def stripe(server: Answering) -> Stripe:
    return Stripe("sk_test_1", SECRET, server.url)


def test_a_charge_carries_its_key_its_version_and_who_it_is_for(stripe: Stripe, server: Answering) -> None:
    server.says("POST", "/v1/payment_intents", INTENT)
    assert stripe.charge([CHARGE]) == [Outcome("succeeded", "pi_1")]
    assert server.last.headers["idempotency-key"] == "pay_1"
    assert server.last.headers["stripe-version"] == VERSION
    assert server.last.headers["authorization"] == "Bearer sk_test_1"
    assert server.last.told == {
        "amount": "79812",
        "currency": "eur",
        "customer": "cus_1",
        "payment_method": "pm_1",
        "payment_method_types[0]": "card",
        "description": "Atelier Sculpt · 5200001 · F-2026-000001",
        "metadata[customer]": "5",
        "metadata[reference]": "pay_1",
        "confirm": "true",
        "off_session": "true",
    }


def test_with_somebody_there_the_bank_may_ask_and_leads_back(stripe: Stripe, server: Answering) -> None:
    action = {"type": "redirect_to_url", "redirect_to_url": {"url": "https://bank.example/3ds"}}
    server.says("POST", "/v1/payment_intents", {**INTENT, "status": "requires_action", "next_action": action})
    outcome = stripe.charge([replace(CHARGE, by_hand=True)])
    assert outcome == [Outcome("needs_action", "pi_1", action_url="https://bank.example/3ds")]
    assert server.last.told["return_url"] == CHARGE.return_url
    assert "off_session" not in server.last.told


def test_a_direct_debit_takes_days(stripe: Stripe, server: Answering) -> None:
    server.says("POST", "/v1/payment_intents", {**INTENT, "status": "processing"})
    assert stripe.charge([replace(CHARGE, kind="sepa")]) == [Outcome("pending", "pi_1")]
    assert server.last.told["payment_method_types[0]"] == "sepa_debit"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds"}, "insufficient_funds"),
        ({"type": "card_error", "code": "card_declined", "decline_code": "generic_decline"}, "card_declined"),
        ({"type": "card_error", "code": "authentication_required"}, "authentication_required"),
    ],
)
def test_a_declined_card_says_why(error: dict[str, str], code: str, stripe: Stripe, server: Answering) -> None:
    intent = {**INTENT, "status": "requires_payment_method"}
    server.says("POST", "/v1/payment_intents", {"error": {**error, "message": "no", "payment_intent": intent}}, 402)
    assert stripe.charge([CHARGE]) == [Outcome("declined", "pi_1", decline_code=code)]


def test_what_stripe_refuses_to_try_was_not_charged(stripe: Stripe, server: Answering) -> None:
    error = {"type": "invalid_request_error", "code": "resource_missing", "message": "No such payment_method"}
    server.says("POST", "/v1/payment_intents", {"error": error}, 400)
    assert stripe.charge([CHARGE]) == [Outcome("declined", decline_code="resource_missing")]


@pytest.mark.parametrize("status", [401, 403, 409, 429, 500, 503])
def test_where_it_is_not_said_what_became_of_it_it_is_unknown(status: int, stripe: Stripe, server: Answering) -> None:
    kind = "idempotency_error" if status == 409 else "api_error"
    server.says("POST", "/v1/payment_intents", {"error": {"type": kind, "message": "?"}}, status)
    assert stripe.charge([CHARGE]) == [UNKNOWN]
    assert {request.headers["idempotency-key"] for request in server.requests} == {"pay_1"}


def test_a_line_that_breaks_is_unknown_and_asked_again_with_the_same_key(stripe: Stripe, server: Answering) -> None:
    server.breaks("POST", "/v1/payment_intents")
    assert stripe.charge([CHARGE]) == [UNKNOWN]
    assert [request.headers["idempotency-key"] for request in server.requests] == ["pay_1", "pay_1"]


def test_what_became_of_a_charge_is_looked_up_without_charging(stripe: Stripe, server: Answering) -> None:
    server.says("GET", "/v1/payment_intents/pi_1", INTENT)
    assert stripe.look_up([replace(CHARGE, provider_ref="pi_1")]) == [Outcome("succeeded", "pi_1")]
    server.says("GET", "/v1/payment_intents", {**LIST, "data": [{**INTENT, "id": "pi_0", "metadata": {}}, INTENT]})
    assert stripe.look_up([CHARGE]) == [Outcome("succeeded", "pi_1")]
    assert server.last.told["customer"] == "cus_1"
    server.says("GET", "/v1/payment_intents", LIST)
    assert stripe.look_up([CHARGE]) == [ABSENT]
    server.breaks("GET", "/v1/payment_intents")
    assert stripe.look_up([CHARGE]) == [UNKNOWN]
    assert {request.method for request in server.requests} == {"GET"}


def test_a_charge_that_was_given_up_may_have_gone_through(stripe: Stripe, server: Answering) -> None:
    wanted = replace(CHARGE, provider_ref="pi_1")
    server.says("POST", "/v1/payment_intents/pi_1/cancel", {**INTENT, "status": "canceled"})
    assert stripe.cancel(wanted) == Outcome("cancelled", "pi_1")
    server.says("POST", "/v1/payment_intents/pi_1/cancel", {"error": {"type": "invalid_request_error"}}, 400)
    server.says("GET", "/v1/payment_intents/pi_1", INTENT)
    assert stripe.cancel(wanted) == Outcome("succeeded", "pi_1")


def test_a_refund_carries_its_key(stripe: Stripe, server: Answering) -> None:
    server.says("POST", "/v1/refunds", {"id": "re_1", "object": "refund", "status": "succeeded"})
    assert stripe.give_back(BACK) == Outcome("succeeded", "re_1")
    assert server.last.headers["idempotency-key"] == "back_1"
    assert server.last.told["payment_intent"] == "pi_1"
    assert server.last.told["amount"] == "100"
    server.says("POST", "/v1/refunds", {"error": {"type": "invalid_request_error", "code": "charge_already_refunded"}}, 400)
    assert stripe.give_back(BACK) == Outcome("failed")
    server.breaks("POST", "/v1/refunds")
    with pytest.raises(NoAnswer):
        stripe.give_back(BACK)
    found = {"id": "re_1", "object": "refund", "status": "pending", "metadata": {"reference": "back_1"}}
    server.says("GET", "/v1/refunds", {**LIST, "data": [found]})
    assert stripe.look_up_refund(BACK) == Outcome("pending", "re_1")
    assert stripe.look_up_refund(replace(BACK, reference="back_2")) == ABSENT


def test_a_method_is_given_on_stripes_own_page(stripe: Stripe, server: Answering) -> None:
    wanted = Setup("setup_1", "card", "5200001", 5, "", "Atelier Nord", "p@example.com", "fr", "https://portal.example/?back=1")
    server.says("POST", "/v1/customers", {"id": "cus_9", "object": "customer"})
    server.says("POST", "/v1/checkout/sessions", {"id": "cs_1", "object": "checkout.session", "url": "https://checkout.example"})
    page = stripe.set_up(wanted)
    assert (page.provider_ref, page.url, page.method) == ("cs_1", "https://checkout.example", None)
    assert [request.headers["idempotency-key"] for request in server.requests] == ["setup_1-customer", "setup_1"]
    assert server.last.told["mode"] == "setup"
    assert server.last.told["customer"] == "cus_9"
    card = {"display_brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030}
    done = {
        "id": "cs_1",
        "object": "checkout.session",
        "status": "complete",
        "customer": "cus_9",
        "setup_intent": {"id": "seti_1", "payment_method": {"id": "pm_7", "type": "card", "card": card}},
    }
    server.says("GET", "/v1/checkout/sessions/cs_1", done)
    assert stripe.look_at_setup("cs_1").method == FoundMethod("cus_9", "pm_7", "Visa •••• 4242", date(2031, 1, 1))
    server.says("GET", "/v1/checkout/sessions/cs_1", {"id": "cs_1", "status": "expired", "setup_intent": None})
    assert stripe.look_at_setup("cs_1").failed


def test_a_method_that_is_gone_already_is_removed(stripe: Stripe, server: Answering) -> None:
    server.says("POST", "/v1/payment_methods/pm_1/detach", {"error": {"type": "invalid_request_error"}}, 400)
    stripe.remove("pm_1")
    server.breaks("POST", "/v1/payment_methods/pm_1/detach")
    with pytest.raises(NoAnswer):
        stripe.remove("pm_1")


def test_disputes_are_told_and_inquiries_are_not(stripe: Stripe, server: Answering) -> None:
    told = {"id": "dp_1", "object": "dispute", "amount": 500, "currency": "eur", "reason": "fraudulent"}
    rows = [{**told, "status": state} for state in ("warning_needs_response", "needs_response", "won", "lost")]
    server.says("GET", "/v1/disputes", {**LIST, "data": rows})
    assert [(each.state, each.amount) for each in stripe.disputes_of("pi_1")] == [
        (state, Money(500, "EUR")) for state in ("open", "won", "lost")
    ]


def test_the_disputes_of_a_day_lead_to_their_charges_of_ours(stripe: Stripe, server: Answering) -> None:
    ours, theirs = {"id": "pi_1", "metadata": {"customer": "5", "reference": "pay_1"}}, {"id": "pi_2", "metadata": {}}
    rows = [
        {"id": "dp_1", "status": "needs_response", "payment_intent": ours},
        {"id": "dp_2", "status": "warning_needs_response", "payment_intent": ours},
        {"id": "dp_3", "status": "lost", "payment_intent": theirs},
        {"id": "dp_4", "status": "lost", "payment_intent": None},
    ]
    server.says("GET", "/v1/disputes", {**LIST, "data": rows})
    assert list(stripe.disputed(date(2026, 11, 21))) == [About("dispute", 5, "pay_1")]
    assert server.last.told["created[gte]"] == "1795215600"
    assert server.last.told["expand[0]"] == "data.payment_intent"


def test_the_books_of_a_day_are_read_page_after_page(stripe: Stripe, server: Answering) -> None:
    first = {**LIST, "has_more": True, "data": [INTENT]}
    asked: list[str] = []
    server.says("GET", "/v1/payment_intents", first)
    server.says("GET", "/v1/refunds", LIST)
    rows = stripe.listed(date(2026, 11, 21))
    iterator = iter(rows)
    one = next(iterator)
    server.says("GET", "/v1/payment_intents", {**LIST, "data": [{**INTENT, "id": "pi_2", "metadata": {}}]})
    rest = list(iterator)
    asked = [request.told.get("starting_after", "") for request in server.requests]
    assert (one.reference, one.customer_id, one.amount) == ("pay_1", 5, Money(79812, "EUR"))
    assert [(each.provider_ref, each.customer_id) for each in rest] == [("pi_2", None)]
    assert asked == ["", "pi_1", ""]
    # a day of Paris, in winter an hour before that of Greenwich
    assert server.requests[0].told["created[gte]"] == "1795215600"
    assert server.requests[0].told["created[lt]"] == str(1795215600 + 86400)


def signed(body: bytes, at: int, secret: str = SECRET) -> dict[str, str]:
    told = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={at},v1={told}"}


def event(kind: str, ref: str) -> bytes:
    return json.dumps({"id": "evt_1", "object": "event", "type": kind, "data": {"object": {"id": ref}}}).encode()


def test_a_note_is_believed_with_its_signature_only(stripe: Stripe) -> None:
    body, at = event("payment_intent.succeeded", "pi_1"), int(time.time())
    assert stripe.read_note(body, signed(body, at)) == Note("evt_1", "charge", "pi_1")
    for wrong in (signed(body, at, "whsec_other"), signed(body + b" ", at), signed(body, at - 3600), {}):
        with pytest.raises(NotSigned):
            stripe.read_note(body, wrong)


@pytest.mark.parametrize(
    ("kind", "meant"),
    [
        ("payment_intent.payment_failed", "charge"),
        ("checkout.session.completed", "setup"),
        ("charge.dispute.created", "dispute"),
        ("charge.refund.updated", "refund"),
        ("refund.failed", "refund"),
        ("customer.created", "other"),
    ],
)
def test_a_note_says_what_it_is_about(kind: str, meant: str, stripe: Stripe) -> None:
    body = event(kind, "x")
    assert stripe.read_note(body, signed(body, int(time.time()))).kind == meant


def test_whose_a_note_is_is_asked_for_anew(stripe: Stripe, server: Answering) -> None:
    server.says("GET", "/v1/payment_intents/pi_1", INTENT)
    assert stripe.about(Note("evt_1", "charge", "pi_1")) == About("charge", 5, "pay_1")
    server.says("GET", "/v1/disputes/dp_1", {"id": "dp_1", "payment_intent": "pi_1", "metadata": {}})
    assert stripe.about(Note("evt_1", "dispute", "dp_1")) == About("dispute", 5, "pay_1")
    server.says("GET", "/v1/payment_intents/pi_2", {**INTENT, "id": "pi_2", "metadata": {}})
    assert stripe.about(Note("evt_1", "charge", "pi_2")) is None
    server.says("GET", "/v1/refunds/re_1", {"error": {"type": "invalid_request_error"}}, 404)
    assert stripe.about(Note("evt_1", "refund", "re_1")) is None
    assert stripe.about(Note("evt_1", "other", "x")) is None


@pytest.mark.parametrize(
    ("amount", "there"),
    [
        (Money(79812, "EUR"), 79812),
        (Money(42000, "JPY"), 42000),
        (Money(1500, "ISK"), 150000),
        (Money(1234, "KWD"), 1234),
        (Money(500, "MGA"), 5),
    ],
)
def test_amounts_are_written_as_stripe_counts_them(amount: Money, there: int) -> None:
    assert amount_there(amount) == there
    assert money_here(there, amount.currency.lower()) == amount


def test_what_stripe_cannot_write_is_not_rounded() -> None:
    with pytest.raises(ValueError, match="MGA"):
        amount_there(Money(501, "MGA"))
