"""Buying over the API: the same figures as the pages, and once."""

import hashlib
import json
from typing import Any

import pytest
from django.test import Client

from comptoir.billing.models import Attempt
from comptoir.billing.tests.paying import give
from comptoir.catalogue.models import Terms
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import AccessToken, Membership
from comptoir.permissions import SCOPES
from comptoir.subscriptions.models import Order, Subscription
from tests.cast import TODAY, Cast, raise_curtain

pytestmark = pytest.mark.django_db
HERE = "/api/v1/customers/5200001"
WISHES = [{"product": "SCLT", "term": "year", "seats": 4}]


@pytest.fixture
def cast() -> Cast:
    cast = raise_curtain()
    Terms.objects.create(version="7", valid_from=TODAY)
    for member in (cast.camille, cast.sofia):
        token(member)
    return cast


def token(member: Membership) -> None:
    with wall_opened(read=[member.organisation_id], write=member.organisation_id):
        digest = hashlib.sha256(member.email.encode()).hexdigest()
        told = {"name": "t", "digest": digest, "hint": "h", "scopes": list(SCOPES)}
        AccessToken.objects.create(organisation_id=member.organisation_id, membership=member, **told)


def call(who: Membership, method: str, path: str, body: Any = None, **headers: str) -> Any:
    told = {"authorization": f"Bearer {who.email}", **headers}
    sent = "" if body is None else json.dumps(body)
    return Client().generic(method, HERE + path, sent, content_type="application/json", headers=told)


def test_the_catalogue_has_the_prices_of_the_customers_currency(cast: Cast) -> None:
    told = call(cast.sofia, "GET", "/catalogue?q=sculpt").json()
    assert told["currency"] == "EUR"
    assert told["items"][0]["terms"][1] == {"term": "year", "new_price": "280.00", "renewal_price": "250.00"}


def test_the_preview_and_the_purchase_say_the_same_and_the_purchase_happens_once(cast: Cast) -> None:
    seen = call(cast.camille, "POST", "/purchases/preview", {"wishes": WISHES}).json()
    assert (seen["net"], seen["tax"], seen["total"], seen["tax_rate_percent"]) == ("1120.00", "224.00", "1344.00", "20.00")
    line = seen["lines"][0]
    assert (line["quantity"], line["unit_price"], line["days"], line["denominator"], line["net"]) == (
        4,
        "280.00",
        365,
        365,
        "1120.00",
    )
    body = {"wishes": WISHES, "terms_version": "7", "quote": seen["quote"]}
    answers = [call(cast.camille, "POST", "/purchases", body, **{"idempotency-key": "k"}) for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].json()["number"] == answers[1].json()["number"]
    assert answers[0].json()["total"] == "1344.00"
    with wall_opened(read=[cast.nord.pk]):
        assert Order.objects.filter(verb="buy").count() == 1
        assert Subscription.objects.filter(organisation=cast.nord).count() == 2


def test_without_the_terms_nothing_is_bought(cast: Cast) -> None:
    answer = call(cast.camille, "POST", "/purchases", {"wishes": WISHES})
    assert (answer.status_code, answer.json()["code"]) == (422, "terms_not_accepted")


def test_who_may_only_ask_is_told_so_and_asks(cast: Cast) -> None:
    refused = call(cast.sofia, "POST", "/purchases/preview", {"wishes": WISHES})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    asked = call(cast.sofia, "POST", "/purchases/requests", {"wishes": WISHES, "reason": "we grow"})
    assert (asked.status_code, asked.json()["verb"], asked.json()["title"]) == (
        201,
        "subscriptions.buy",
        "Buy 4 seats of Sculpt LT",
    )
    done = call(cast.camille, "POST", f"/requests/{asked.json()['id']}/approval", {})
    assert (done.status_code, done.json()["action"], done.json()["total"]) == (200, "buy", "1344.00")


def test_whoever_approves_a_request_to_buy_says_how_it_is_paid(cast: Cast) -> None:
    card = give(cast)
    asked = call(cast.sofia, "POST", "/purchases/requests", {"wishes": WISHES}).json()
    unknown = call(cast.camille, "POST", f"/requests/{asked['id']}/approval", {"paid_with": card.pk + 1})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "method_not_chargeable")
    done = call(cast.camille, "POST", f"/requests/{asked['id']}/approval", {"paid_with": card.pk}).json()
    assert (done["state"], done["total"]) == ("placed", "1344.00")
    with wall_opened(read=[cast.nord.pk]):
        assert Attempt.objects.get().method_id == card.pk


def test_what_is_paid_as_its_subscription_takes_no_other_method(cast: Cast) -> None:
    card = give(cast)
    asked = call(cast.sofia, "POST", "/subscriptions/560000001/requests", {"add": 1}).json()
    refused = call(cast.camille, "POST", f"/requests/{asked['id']}/approval", {"paid_with": card.pk})
    assert (refused.status_code, refused.json()["code"]) == (422, "paid_as_subscription")
    with wall_opened(read=[cast.nord.pk]):
        assert not Order.objects.exists()


def test_a_quote_is_made_read_and_accepted(cast: Cast) -> None:
    made = call(cast.camille, "POST", "/quotes", {"wishes": WISHES}).json()
    assert (made["state"], made["expires_on"], made["preview"]["total"]) == ("open", "2026-12-21", "1344.00")
    assert [each["number"] for each in call(cast.camille, "GET", "/quotes").json()] == [made["number"]]
    body = {"terms_version": "7", "quote": made["preview"]["quote"]}
    answer = call(cast.camille, "POST", f"/quotes/{made['number']}/acceptance", body)
    assert (answer.status_code, answer.json()["net"]) == (201, "1120.00")
    again = call(cast.camille, "POST", f"/quotes/{made['number']}/acceptance", body)
    assert (again.status_code, again.json()["code"]) == (409, "price_quote_accepted")
    assert call(cast.camille, "GET", f"/quotes/{made['number']}").json()["order"] == answer.json()["number"]


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ([{"product": "NOPE", "term": "year", "seats": 1}], "product_unknown"),
        ([], "invalid"),
        ([{"product": "SCLT", "term": "week", "seats": 1}], "invalid"),
        ([{"product": "SCLT", "term": "year", "seats": 0}], "invalid"),
        ([{"product": "SCLT", "term": "year", "seats": "1"}], "invalid"),
    ],
)
def test_what_makes_no_sense_is_said_and_changes_nothing(cast: Cast, wishes: Any, code: str) -> None:
    answer = call(cast.camille, "POST", "/purchases", {"wishes": wishes, "terms_version": "7"})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    with wall_opened(read=[cast.nord.pk]):
        assert not Order.objects.exists()
