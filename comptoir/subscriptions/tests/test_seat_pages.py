"""The pages and the API of adding seats, as each role meets them."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from comptoir.billing.models import Invoice
from comptoir.identity.adapters import signing_in
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.jobs import JOBS
from comptoir.kernel.models import AskedVerb, House, Message
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership
from comptoir.subscriptions.models import Order, Subscription
from tests.cast import TODAY, Cast, raise_curtain

pytestmark = pytest.mark.django_db
SEATS = "/c/5200001/subscriptions/560000001/seats/"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def as_(member: Membership) -> Client:
    """A browser in which the member is signed in."""
    client = Client()
    with signing_in():
        client.force_login(member.person, backend="comptoir.identity.adapters.OldOrNewSignIn")
    return client


def quote_in(page: str) -> str:
    return page.split('name="quote" value="')[1].split('"')[0]


def test_the_page_says_the_arithmetic_before_the_click(cast: Cast) -> None:
    page = as_(cast.camille).get(SEATS, {"add": 3}).content.decode()
    assert "3 seats × 280.00\xa0EUR × 140 of 365 days" in page
    assert "Add 3 seats for" in page
    with wall_opened(read=[cast.nord.pk]):
        assert not Order.objects.exists()


def test_the_order_carries_the_lines_of_the_preview_and_the_invoice_too(cast: Cast) -> None:
    camille = as_(cast.camille)
    quote = quote_in(camille.get(SEATS, {"add": 3}).content.decode())
    answer = camille.post(SEATS, {"add": 3, "quote": quote, "request_key": "k"}, follow=True)
    assert answer.redirect_chain == [("/c/5200001/orders/560000001-1/", 302)]
    invoice = camille.get("/c/5200001/invoices/F-2026-000001/").content.decode()
    for page in (answer.content.decode(), invoice):
        assert "3 seats × 280.00\xa0EUR × 140 of 365 days" in page
        assert "386.63\xa0EUR" in page


def test_a_double_click_and_the_back_button_order_once(cast: Cast) -> None:
    camille = as_(cast.camille)
    quote = quote_in(camille.get(SEATS, {"add": 3}).content.decode())
    places = {camille.post(SEATS, {"add": 3, "quote": quote, "request_key": "k"}).headers["Location"] for _ in range(3)}
    assert places == {"/c/5200001/orders/560000001-1/"}
    with wall_opened(read=[cast.nord.pk]):
        assert Subscription.objects.get(number="560000001").seats_now == 7


def test_a_second_tab_with_an_old_price_is_told_and_keeps_what_was_typed(cast: Cast) -> None:
    camille = as_(cast.camille)
    quote = quote_in(camille.get(SEATS, {"add": 3}).content.decode())
    camille.post(SEATS, {"add": 1, "request_key": "first tab"})
    answer = camille.post(SEATS, {"add": 3, "quote": quote, "request_key": "second tab"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Something changed since this price was shown" in page
    assert 'value="3"' in page
    assert quote_in(page) != quote
    with wall_opened(read=[cast.nord.pk]):
        assert Order.objects.count() == 1


@pytest.mark.parametrize("typed", ["", "0", "-1", "2.5", "many", "100001", "1e3", "٣ ", "9" * 400])
def test_a_bad_number_is_told_and_nothing_is_ordered(cast: Cast, typed: str) -> None:
    answer = as_(cast.camille).post(SEATS, {"add": typed, "request_key": "k"})
    if typed == "٣ ":  # an Arabic three is a three
        assert answer.status_code == 302
        return
    assert answer.status_code == 422
    with wall_opened(read=[cast.nord.pk]):
        assert not Order.objects.exists()


def test_an_end_user_asks_and_a_manager_approves_in_one_click(cast: Cast) -> None:
    emil, camille = as_(cast.emil), as_(cast.camille)
    page = emil.get(SEATS).content.decode()
    assert "Camille Morel" in page
    assert "280.00" not in page
    emil.post(SEATS, {"add": 2, "reason": "two newcomers", "request_key": "k"})
    with wall_opened(read=[cast.nord.pk]):
        asked = AskedVerb.objects.get()
    detail = camille.get(f"/c/5200001/requests/{asked.pk}/").content.decode()
    assert "two newcomers" in detail
    assert "2 seats × 280.00\xa0EUR × 140 of 365 days" in detail
    approval = {"quote": quote_in(detail), "request_key": "a"}
    assert camille.post(f"/c/5200001/requests/{asked.pk}/approval/", approval).status_code == 302
    with wall_opened(read=[cast.nord.pk]):
        asked.refresh_from_db()
        order = Order.objects.get()
        assert (asked.state, asked.decided_by_id, order.ordered_by_id) == ("approved", cast.camille.pk, cast.camille.pk)
        assert Subscription.objects.get(number="560000001").seats_now == 6
    again = camille.post(f"/c/5200001/requests/{asked.pk}/approval/", {"request_key": "b"})
    assert again.status_code == 409
    assert emil.get(f"/c/5200001/requests/{asked.pk}/").status_code == 200
    assert as_(cast.sofia).get(f"/c/5200001/requests/{asked.pk}/").status_code == 404


def test_who_asks_with_a_key_that_was_used_or_a_second_time_is_told_so(cast: Cast) -> None:
    emil = as_(cast.emil)
    asked = {"add": 2, "reason": "two newcomers", "request_key": "k"}
    assert [emil.post(SEATS, asked).status_code for _ in range(2)] == [302, 302]
    reused = emil.post(SEATS, {**asked, "add": 3})
    assert reused.status_code == 422
    assert "already used for a different request" in reused.content.decode()
    assert 'value="3"' in reused.content.decode()
    again = emil.post(SEATS, {**asked, "request_key": "another"})
    assert again.status_code == 409
    assert "Withdraw that request first" in again.content.decode()
    with wall_opened(read=[cast.nord.pk]):
        assert AskedVerb.objects.get().arguments == {"add": 2}


def test_an_open_request_is_never_hidden_by_newer_ones(cast: Cast) -> None:
    told = {"verb": "subscriptions.add_seats", "target_number": "560000001", "asked_on": TODAY}
    theirs = {**told, "organisation_id": cast.nord.pk, "target": f"subscriptions.subscription:{cast.subscription.pk}"}
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        first = AskedVerb.objects.create(**theirs, asked_by_id=cast.emil.pk, arguments={"add": 1}, reason="the one that waits")
        done = {"state": "declined", "decided_at": now(), "arguments": {"add": 2}, "contract_id": cast.contract.pk}
        AskedVerb.objects.bulk_create(AskedVerb(**theirs, **done, asked_by_id=cast.sofia.pk) for _ in range(600))
    for who, sees in ((cast.camille, 100), (cast.emil, 1), (cast.sofia, 100)):
        shown = json.loads(Api(cast, who).get("requests").content)
        assert len(shown) == sees
        assert (shown[0]["id"] == first.pk) == (who != cast.sofia)
        assert shown[1:] == sorted(shown[1:], key=lambda row: -row["id"])


def test_managers_and_payers_hear_with_amounts_and_coordinators_without(cast: Cast) -> None:
    as_(cast.camille).post(SEATS, {"add": 3, "request_key": "k"})
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        body, _own = JOBS["subscriptions.tell_seats_added"]
        for _ in range(2):
            body(Actor.job("subscriptions.tell_seats_added", cast.nord.pk), order_id=Order.objects.get().pk)
        texts = dict(Message.objects.values_list("to", "text"))
    assert set(texts) == {"camille.morel@example.com", "pierre.payet@example.com", "sofia.costa@example.com"}
    assert "386.63" in texts["pierre.payet@example.com"]
    assert "EUR" not in texts["sofia.costa@example.com"]


def test_the_invoice_is_a_pdf_in_the_language_of_the_customer(cast: Cast) -> None:
    camille = as_(cast.camille)
    camille.post(SEATS, {"add": 3, "request_key": "k"})
    answer = camille.get("/c/5200001/invoices/F-2026-000001/pdf/")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-1.7")
    assert as_(cast.oskar).get("/c/5200001/invoices/F-2026-000001/pdf/").status_code == 404
    assert as_(cast.emil).get("/c/5200001/invoices/F-2026-000001/pdf/").status_code == 404


class TestApi:
    """The JSON twins of the pages."""

    @pytest.fixture
    def api(self, cast: Cast) -> "Api":
        return Api(cast, cast.camille)

    def test_the_preview_answers_with_the_lines_and_changes_nothing(self, api: "Api", cast: Cast) -> None:
        answer = api.post("seats/preview", {"add": 3})
        assert answer.status_code == 200
        body = answer.json()
        assert body["lines"][0] | {"start": None, "end": None} == {
            "kind": "running",
            "quantity": 3,
            "unit_price": "280.00",
            "days": 140,
            "denominator": 365,
            "start": None,
            "end": None,
            "net": "322.19",
        }
        assert (body["net"], body["tax"], body["total"], body["tax_rate_percent"]) == ("322.19", "64.44", "386.63", "20.00")
        assert (body["seats_now_after"], body["at_renewal"]) == (7, "1750.00")
        with wall_opened(read=[cast.nord.pk]):
            assert not Order.objects.exists()

    def test_the_same_key_twice_is_one_order_with_one_answer(self, api: "Api", cast: Cast) -> None:
        first, second = (api.post("seats", {"add": 3}, key="one") for _ in range(2))
        assert (first.status_code, first.json()) == (second.status_code, second.json()) == (201, first.json())
        assert first.json()["invoice"] == "F-2026-000001"
        other = api.post("seats", {"add": 4}, key="one")
        assert (other.status_code, other.json()["code"]) == (422, "request_key_reused")
        House.objects.update(business_day=TODAY + timedelta(days=3))
        again = api.post("seats", {"add": 3}, key="one")
        assert (again.status_code, again.json()) == (201, first.json()), "midnight has passed, and the answer had been lost"
        with wall_opened(read=[cast.nord.pk]):
            assert Invoice.objects.count() == 1

    def test_a_moved_quote_is_409_and_says_what_moved(self, api: "Api") -> None:
        quote = api.post("seats/preview", {"add": 3}).json()["quote"]
        api.post("seats", {"add": 1})
        answer = api.post("seats", {"add": 3, "quote": quote})
        assert (answer.status_code, answer.json()["code"]) == (409, "quote_moved")
        assert answer.headers["Content-Type"] == "application/problem+json"

    def test_a_sandbox_can_ask_for_another_day(self, api: "Api") -> None:
        body = api.post("seats/preview", {"add": 3, "on": "2027-04-09"}).json()
        assert [line["days"] for line in body["lines"]] == [1]
        late = api.post("seats/preview", {"add": 3, "on": "2027-04-10"})
        assert (late.status_code, late.json()["code"]) == (409, "in_grace")

    @pytest.mark.parametrize(
        "body", [{}, {"add": 0}, {"add": "3"}, {"add": 3, "more": 1}, {"add": 2.5}, {"add": 3, "quote": "x"}, []]
    )
    def test_a_bad_body_is_422_and_changes_nothing(self, api: "Api", cast: Cast, body: object) -> None:
        answer = api.post("seats", body)
        assert answer.status_code == 422, answer.content
        assert answer.json()["detail"]
        with wall_opened(read=[cast.nord.pk]):
            assert not Order.objects.exists()

    def test_an_end_users_token_is_told_who_may(self, cast: Cast) -> None:
        answer = Api(cast, cast.emil).post("seats", {"add": 1})
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
        assert "Camille Morel" in answer.json()["next_step"]


class Api:
    """A program with a token of one member."""

    def __init__(self, cast: Cast, member: Membership) -> None:
        import hashlib

        from comptoir.organisations.models import AccessToken
        from comptoir.permissions import SCOPES

        self.secret = f"cptr_{member.pk}"
        digest = hashlib.sha256(self.secret.encode()).hexdigest()
        with wall_opened(read=[member.organisation_id], write=member.organisation_id):
            AccessToken.objects.create(
                organisation_id=member.organisation_id,
                membership=member,
                name="t",
                digest=digest,
                hint="cptr",
                scopes=list(SCOPES),
            )

    def get(self, path: str):  # type: ignore[no-untyped-def]
        return Client(headers={"Authorization": f"Bearer {self.secret}"}).get(f"/api/v1/customers/5200001/{path}")

    def post(self, path: str, body: object, key: str | None = None):  # type: ignore[no-untyped-def]
        headers = {"Authorization": f"Bearer {self.secret}", **({"Idempotency-Key": key} if key else {})}
        address = f"/api/v1/customers/5200001/subscriptions/560000001/{path}"
        return Client(headers=headers).post(address, json.dumps(body), content_type="application/json")
