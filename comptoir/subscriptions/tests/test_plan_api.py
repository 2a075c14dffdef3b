"""The API of plans, alignment and payment methods: the twins of the pages."""

import json
from datetime import date

import pytest
from django.test import Client

from comptoir.kernel.walls import wall_opened
from comptoir.subscriptions.models import Order, PlannedChange, Subscription
from comptoir.subscriptions.tests.test_alignment import NUMBERS
from comptoir.subscriptions.tests.test_seat_pages import Api
from tests.cast import Cast, product, raise_curtain, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    made = raise_curtain()
    big = product("BIG", "Big", {"year": (190000, 180000)})
    small = product("SML", "Small", {"year": (45000, 42000)})
    subscribe(made.contract, big, "560000011", seats=2, start=date(2026, 9, 1))
    subscribe(made.second_contract, small, "560000012", seats=1, start=date(2026, 10, 15))
    return made


class Calls(Api):
    """With the whole address below the customer."""

    def call(self, path: str, body: object, key: str | None = None):  # type: ignore[no-untyped-def]
        headers = {"Authorization": f"Bearer {self.secret}", **({"Idempotency-Key": key} if key else {})}
        place = f"/api/v1/customers/5200001/{path}"
        return Client(headers=headers).post(place, json.dumps(body), content_type="application/json")


@pytest.fixture
def api(cast: Cast) -> Calls:
    return Calls(cast, cast.camille)


def test_the_plan_is_previewed_with_its_lines_and_changes_nothing(api: Calls, cast: Cast) -> None:
    body = api.post("plan/preview", {"seats": 3, "term": "3years"}).json()
    assert body["lines"] == [
        {
            "kind": "renewal",
            "quantity": 3,
            "unit_price": "675.00",
            "days": 1096,
            "denominator": 1096,
            "start": "2027-04-10",
            "end": "2030-04-10",
            "net": "2025.00",
        }
    ]
    assert (body["net"], body["tax"], body["total"], body["tax_rate_percent"]) == ("2025.00", "405.00", "2430.00", "20.00")
    assert body["pending"] == [
        {"field": "seats", "today": 4, "planned": 3},
        {"field": "term", "today": "year", "planned": "3years"},
    ]
    with wall_opened(read=[cast.nord.pk]):
        assert not PlannedChange.objects.exists()


def test_the_same_key_plans_once_and_each_change_is_withdrawn_alone(api: Calls, cast: Cast) -> None:
    wanted = {"seats": 3, "term": "3years"}
    first, second = (api.post("plan", wanted, key="k") for _ in range(2))
    assert (first.status_code, first.json()) == (200, second.json())
    assert first.json()["seats_at_renewal"] == 3
    left = api.post("plan", {"withdraw": ["term"]}).json()
    assert [change["field"] for change in left["pending"]] == ["seats"]
    assert api.get("subscriptions/560000001/plan").json()["pending"] == left["pending"]
    again = api.post("plan", {"withdraw": ["term"]})
    assert (again.status_code, again.json()["code"]) == (409, "nothing_planned")
    row = next(row for row in api.get("subscriptions").json()["items"] if row["number"] == "560000001")
    assert (row["seats_at_renewal"], row["planned_term"]) == (3, None)


@pytest.mark.parametrize(
    "body",
    [{"seats": 0}, {"seats": "3"}, {"term": "week"}, {"automatic": 1}, {"more": 1}, {}, {"withdraw": ["x"]}, {"quote": "x"}, []],
)
def test_a_bad_plan_is_422_and_changes_nothing(api: Calls, cast: Cast, body: object) -> None:
    assert api.post("plan", body).status_code == 422
    with wall_opened(read=[cast.nord.pk]):
        assert Subscription.objects.get(number="560000001").version == 1


def test_a_sandbox_can_ask_for_another_day(api: Calls) -> None:
    assert api.post("plan/preview", {"seats": 3, "on": "2027-04-09"}).status_code == 200
    late = api.post("plan/preview", {"seats": 3, "on": "2027-04-10"})
    assert (late.status_code, late.json()["code"]) == (409, "in_grace")


def test_an_alignment_is_previewed_with_every_date_and_done_once(api: Calls, cast: Cast) -> None:
    body = api.call("alignment/preview", {"subscriptions": NUMBERS}).json()
    assert [(line["subscription"], line["days"], line["denominator"], line["net"]) for line in body["lines"]] == [
        ("560000001", 188, 366, "513.66"),
        ("560000011", 44, 366, "432.79"),
        ("560000012", 0, 366, "0.00"),
    ]
    assert (body["date"], body["net"]) == ("2027-10-15", "946.45")
    assert [option["date"] for option in body["options"]] == [None, "2027-04-10", "2027-09-01", "2027-10-15"]
    with wall_opened(read=[cast.nord.pk]):
        assert not Order.objects.exists()
    wanted = {"subscriptions": NUMBERS, "quote": body["quote"]}
    first, second = (api.call("alignment", wanted, key="k") for _ in range(2))
    assert (first.status_code, first.json()) == (201, second.json())
    assert (first.json()["net"], first.json()["state"]) == ("946.45", "settled")
    assert len(first.json()["invoices"]) == 1  # the third is not extended, so its contract is not invoiced
    assert api.call("alignment", wanted).json()["code"] == "nothing_to_align"


def test_candidates_say_what_keeps_them_out(api: Calls, cast: Cast) -> None:
    subscribe(cast.contract, cast.sculpt, "560000021", seats=1, start=date(2026, 5, 1), term="3years")
    found = {row["subscription"]: row["steps"] for row in api.get("alignment").json()["candidates"]}
    assert found == {**{number: [] for number in NUMBERS}, "560000021": ["term_differs"]}
    wish = api.call("alignment/wishes", {"subscriptions": ["560000001", "560000021"], "term": "year"})
    assert wish.status_code == 201
    assert api.get("alignment").json()["wishes"] == [wish.json()]
    withdrawal = f"alignment/wishes/{wish.json()['id']}/withdrawal"
    assert [api.call(withdrawal, None).status_code for _ in range(2)] == [200, 409]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"subscriptions": ["560000001"]}, 422, "malformed"),
        ({"subscriptions": ["560000001", "560000002"]}, 422, "subscription_unknown"),
        ({"subscriptions": ["560000001", "560000001"]}, 409, "nothing_to_align"),
        ({"subscriptions": NUMBERS, "date": "2027-01-01"}, 422, "date_not_common"),
    ],
)
def test_what_can_t_be_aligned_is_a_problem(api: Calls, body: object, status: int, code: str) -> None:
    answer = api.call("alignment", body)
    assert answer.status_code == status, answer.content
    if code != "malformed":
        assert answer.json()["code"] == code
        assert answer.json()["detail"]


def test_a_token_of_who_may_only_ask_is_told_who_may(cast: Cast) -> None:
    emil = Calls(cast, cast.emil)
    for answer in (emil.post("plan", {"seats": 3}), emil.call("alignment", {"subscriptions": NUMBERS})):
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
        assert "Camille Morel" in answer.json()["next_step"]


def test_how_it_is_paid_is_changed_and_said(api: Calls) -> None:
    answer = api.post("payment-method", {"method": "invoice"})
    assert (answer.status_code, answer.json()["code"]) == (409, "method_unchanged")
    unknown = api.post("payment-method", {"method": "7"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "method_unknown")


@pytest.mark.parametrize("on", ["0001-01-01", "9999-12-31", "2037-01-01"])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("alignment/preview", {"subscriptions": ["560000011", "560000012"]}),
        ("renewals/preview", {"subscriptions": ["560000001"]}),
        ("subscriptions/560000001/seats", {"add": 1}),
    ],
)
def test_a_day_that_is_years_away_is_refused_in_words(
    api: Calls, cast: Cast, path: str, body: dict[str, object], on: str
) -> None:
    answer = api.call(path, {**body, "on": on}, key="k")
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "on_too_far", "on")
    with wall_opened(read=[cast.nord.pk]):
        assert not Order.objects.exists()
