"""The API's manners: tokens, problem JSON, request keys, cursors, its document, and whatever a fuzzer sends."""

import hashlib
import json
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from django.http import HttpResponse
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from comptoir.identity import actions as identity_actions
from comptoir.identity import queries as identity
from comptoir.identity.models import Person
from comptoir.kernel.clock import now
from comptoir.kernel.cursors import cursor_of, place_of
from comptoir.kernel.errors import Refused
from comptoir.kernel.models import Event
from comptoir.kernel.ports import Ports
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import AccessToken, Membership
from comptoir.permissions import SCOPES
from conftest import FreshDatabase
from tests.cast import Cast, raise_curtain

from .stage import inside, kinds_of_events, looking, seats_of, token_of

DOCUMENT = "/api/v1/openapi.json"
LANGUAGE = "/api/v1/me/language"
NORD = "/api/v1/customers/5200001"
SEATS = f"{NORD}/subscriptions/560000001/seats"
REQUESTS = f"{NORD}/subscriptions/560000001/requests"


@pytest.fixture
def cast(db: None) -> Cast:
    return raise_curtain()


def call(method: str, path: str, token: str | None = None, body: Any = None, **headers: str) -> HttpResponse:
    """One call of the API, as a program makes it."""
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    told = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    answer: HttpResponse = getattr(Client(), method)(path, headers=headers, **told)
    return answer


def problem(answer: HttpResponse) -> tuple[int, str]:
    """Status and code of an answer that must be a problem of RFC 9457."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = json.loads(answer.content)
    assert told["status"] == answer.status_code
    assert told["type"] == f"urn:comptoir:problem:{told['code']}"
    assert told["title"]
    assert told["detail"].endswith((".", "?", "!"))
    return answer.status_code, told["code"]


# --- who ---------------------------------------------------------------------------------------------------------------------


def test_a_token_acts_as_its_member(cast: Cast) -> None:
    answer = call("get", "/api/v1/me", token_of(cast.camille))
    assert answer.status_code == 200
    assert json.loads(answer.content)["email"] == "camille.morel@example.com"
    assert call("get", NORD, token_of(cast.camille)).status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic Y2FtaWxsZTp4", "Bearer é", "Bearer a b"])
def test_without_a_token_of_ours_the_answer_is_401(header: str, cast: Cast) -> None:
    for path in ("/api/v1/me", NORD, "/api/v1/customers/5200009"):
        answer = Client().get(path, headers={"authorization": header} if header else {})
        assert problem(answer) == (401, "token_unknown")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("fault", ["revoked", "expired", "left", "not in yet", "inactive"])
def test_a_token_ends_when_it_is_told_to_and_with_its_member(fault: str, cast: Cast) -> None:
    token = token_of(cast.camille)
    assert call("get", NORD, token).status_code == 200
    told = {"revoked": {"revoked_at": now()}, "expired": {"expires_at": now() - timedelta(seconds=1)}}.get(fault)
    member = {"left": {"left_on": "2026-11-21"}, "not in yet": {"active": False}}.get(fault)
    with inside(cast.camille):
        if told:
            AccessToken.objects.update(**told)
        if member:
            Membership.objects.filter(pk=cast.camille.pk).update(**member)
    if fault == "inactive":
        with wall_opened(person=cast.camille.person_id):
            Person.objects.filter(pk=cast.camille.person_id).update(is_active=False)
    for path in ("/api/v1/me", NORD):
        assert problem(call("get", path, token)) == (401, "token_unknown")


def test_looking_for_a_token_leaves_the_walls_as_they_stood(cast: Cast) -> None:
    token = token_of(cast.camille)
    with wall_opened(read=[cast.est.pk]), connection.cursor() as cursor:
        for secret in (token, "nonsense"):
            found = Ports.grants.visit_by_token(hashlib.sha256(secret.encode()).hexdigest(), cast.nord.number)
            assert (found is not None) == (secret == token)
            cursor.execute("SELECT current_setting('app.read', true), coalesce(current_setting('app.token', true), '')")
            assert cursor.fetchone() == (f"{{{cast.est.pk}}}", "")
        assert not AccessToken.objects.exists()


def test_a_token_that_still_runs_is_taken(cast: Cast) -> None:
    assert call("get", NORD, token_of(cast.camille, expires_at=now() + timedelta(minutes=1))).status_code == 200


def test_another_customer_and_none_at_all_look_the_same(cast: Cast) -> None:
    foreign, none = (call("get", f"/api/v1/customers/{number}", token_of(cast.camille)) for number in ("5200002", "5200009"))
    assert problem(foreign) == problem(none) == (404, "not_found")
    assert foreign.content == none.content


def test_a_secret_is_kept_as_a_digest_only(cast: Cast) -> None:
    token = token_of(cast.camille)
    with looking(cast.nord.pk):
        kept = AccessToken.objects.values().get()
    assert token not in str(kept)


# --- what it may -------------------------------------------------------------------------------------------------------------


def test_a_token_does_no_more_than_its_scopes(cast: Cast) -> None:
    token = token_of(cast.camille, scopes=["customers:read"])
    assert call("get", NORD, token).status_code == 200
    assert problem(call("get", f"{NORD}/contracts", token)) == (403, "not_allowed")
    assert problem(call("post", SEATS, token, {"add": 1})) == (403, "not_allowed")
    assert problem(call("get", "/api/v1/me", token)) == (403, "not_allowed")
    assert seats_of(cast.subscription) == 4


@pytest.mark.parametrize("name", ["pierre", "rita", "emil"])
def test_scopes_give_nothing_that_the_role_does_not_have(name: str, cast: Cast) -> None:
    token = token_of(getattr(cast, name), scopes=SCOPES)
    answer = call("post", SEATS, token, {"add": 1})
    assert answer.status_code in {403, 404}
    problem(answer)
    assert seats_of(cast.subscription) == 4
    assert kinds_of_events(cast.nord.pk) == []


def test_a_token_loses_what_its_member_loses(cast: Cast) -> None:
    token = token_of(cast.sofia)
    assert call("get", f"{NORD}/contracts", token).status_code == 200
    with inside(cast.camille):
        cast.sofia.roles.all().delete()
    assert problem(call("get", f"{NORD}/contracts", token)) == (403, "not_allowed")


def test_a_token_that_may_not_read_prices_is_shown_none_and_orders_nothing(cast: Cast) -> None:
    asked = json.loads(call("post", REQUESTS, token_of(cast.emil), {"add": 1}).content)["id"]
    narrow = token_of(cast.camille, scopes=set(SCOPES) - {"prices:read"})
    for path, body in ((f"{SEATS}/preview", {"add": 1}), (SEATS, {"add": 1}), (f"{NORD}/requests/{asked}/approval", {})):
        answer = call("post", path, narrow, body)
        assert problem(answer) == (403, "not_allowed")
        assert "prices:read" in json.loads(answer.content)["detail"]
        assert b"280.00" not in answer.content
    assert seats_of(cast.subscription) == 4
    assert kinds_of_events(cast.nord.pk) == ["request.asked"]


# --- what it is told ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [{}, {"language": 5}, {"language": "tlh"}, {"language": None}, [], "x", None])
def test_bad_input_is_422_and_names_the_field(body: Any, cast: Cast) -> None:
    answer = call("put", LANGUAGE, token_of(cast.camille), body)
    assert problem(answer) == (422, "invalid")
    assert json.loads(answer.content)["errors"]
    with wall_opened(person=cast.camille.person_id):
        assert not Event.objects.exists()


@pytest.mark.parametrize("text", ["{", "", "nonsense", "\x00", "[" * 10_000])
def test_what_is_no_json_is_a_problem_too(text: str, cast: Cast) -> None:
    headers = {"authorization": f"Bearer {token_of(cast.camille)}"}
    answer = Client().put(LANGUAGE, data=text, content_type="application/json", headers=headers)
    assert answer.status_code in {400, 422}
    problem(answer)


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/customers/5200001/nothing", "/api/v1/"])
def test_an_address_of_the_api_that_is_none_is_a_problem_too(path: str, cast: Cast) -> None:
    assert problem(call("get", path, token_of(cast.camille))) == (404, "not_found")


def test_a_method_that_is_none_is_a_problem_too(cast: Cast) -> None:
    answer = call("delete", "/api/v1/me", token_of(cast.camille))
    assert problem(answer) == (405, "method_not_allowed")
    assert answer.headers["Allow"]


@pytest.mark.parametrize("number", ["%00", "5200001%00", "%0A", "x" * 3000, "'"])
def test_an_address_that_names_nothing_is_404(number: str, cast: Cast) -> None:
    for path in (f"/api/v1/customers/{number}", f"{NORD}/contracts/{number}"):
        assert problem(call("get", path, token_of(cast.camille))) == (404, "not_found")


def test_a_verb_that_refuses_says_why_and_what_next(cast: Cast) -> None:
    answer = call("post", SEATS, token_of(cast.camille), {"add": 1, "quote": "another"})
    assert answer.status_code in {409, 422}
    problem(answer)
    assert seats_of(cast.subscription) == 4


def test_what_breaks_on_our_side_is_a_problem_without_a_word_of_why(cast: Cast, monkeypatch: Any) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("the secret reason")

    monkeypatch.setattr(identity, "myself", breaks)
    answer = call("get", "/api/v1/me", token_of(cast.camille))
    assert problem(answer) == (500, "broken")
    assert b"secret" not in answer.content


@pytest.mark.parametrize("text", ["two\x00three", "\x1b[2J", "\x85", "\ud800"])
def test_a_text_with_what_no_page_shows_is_422_and_nothing_is_asked(text: str, cast: Cast) -> None:
    for path, body in ((REQUESTS, {"add": 1, "reason": text}), (SEATS, {"add": 1, "quote": text})):
        assert problem(call("post", path, token_of(cast.emil), body)) == (422, "invalid")
    assert kinds_of_events(cast.nord.pk) == []


def test_a_text_may_have_lines_and_tabs(cast: Cast) -> None:
    answer = call("post", REQUESTS, token_of(cast.emil), {"add": 1, "reason": "one\r\n\ttwo\nthree – 日本 é"})
    assert answer.status_code == 201, answer.content
    assert json.loads(answer.content)["reason"] == "one\r\n\ttwo\nthree – 日本 é"


def test_more_than_a_request_may_hold_is_a_problem_and_no_fault_of_ours(cast: Cast) -> None:
    token = token_of(cast.camille)
    assert problem(call("post", SEATS, token, {"add": 1, "quote": "x" * 2_700_000})) == (413, "too_big")
    many = "&".join(f"a{n}=1" for n in range(1_001))
    assert problem(call("get", f"{NORD}/subscriptions?{many}", token)) == (400, "bad_request")
    assert seats_of(cast.subscription) == 4


@pytest.mark.parametrize("fault", ["away from the start", "gone meanwhile", "gone while committing"])
def test_without_the_database_nothing_is_promised_and_sending_again_is_told(
    fault: str, fresh_database: FreshDatabase, monkeypatch: Any
) -> None:
    token = token_of(raise_curtain().camille)
    confirm_language = identity_actions.confirm_language

    def goes(*told: Any, **more: Any) -> Any:
        done = confirm_language(*told, **more)
        with psycopg.connect(fresh_database.app_url) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
        if fault == "gone meanwhile":
            Event.objects.exists()
        return done

    if fault == "away from the start":
        connections.close_all()
        monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    else:
        monkeypatch.setattr(identity_actions, "confirm_language", goes)
    answer = call("put", LANGUAGE, token, {"language": "fr"})
    assert problem(answer) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "5"
    assert "same Idempotency-Key" in json.loads(answer.content)["next_step"]
    assert b"nothing was changed" not in answer.content


@pytest.mark.parametrize("method", ["put", "delete", "post", "patch"])
def test_what_can_only_be_read_takes_no_other_method(method: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    told = getattr(browser, method)(DOCUMENT)
    assert problem(told) == (405, "method_not_allowed")
    assert told.headers["Allow"] == "GET, HEAD"
    assert problem(getattr(browser, method)("/api/v1/nothing")) == (404, "not_found")
    assert browser.head(DOCUMENT).status_code == 200


# --- once --------------------------------------------------------------------------------------------------------------------


def test_the_twin_of_a_call_gets_the_same_answer_and_does_nothing(cast: Cast) -> None:
    token = token_of(cast.camille)
    first, twin = (call("post", SEATS, token, {"add": 1}, **{"idempotency-key": "k"}) for _ in range(2))
    assert first.status_code == twin.status_code == 201, first.content
    assert first.content == twin.content
    assert seats_of(cast.subscription) == 5
    assert kinds_of_events(cast.nord.pk).count("seats.added") == 1


def test_a_key_does_not_serve_two_calls(cast: Cast) -> None:
    token = token_of(cast.camille)
    assert call("post", SEATS, token, {"add": 1}, **{"idempotency-key": "k"}).status_code == 201
    assert problem(call("post", SEATS, token, {"add": 2}, **{"idempotency-key": "k"})) == (422, "request_key_reused")
    assert seats_of(cast.subscription) == 5


@pytest.mark.parametrize("key", [" ", "", "x" * 256, "a\tb", "a\x7f"])
def test_a_malformed_key_is_refused(key: str, cast: Cast) -> None:
    answer = call("put", LANGUAGE, token_of(cast.camille), {"language": "fr"}, **{"idempotency-key": key})
    assert problem(answer) == (422, "request_key_malformed")
    with wall_opened(person=cast.camille.person_id):
        assert identity.myself(cast.camille.person_id).language == "en"


# --- cursors -----------------------------------------------------------------------------------------------------------------


@given(st.tuples(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])), st.integers()))
def test_a_cursor_comes_back_as_the_place_that_it_was(place: tuple[str, int]) -> None:
    assert place_of(cursor_of(*place), [str, int]) == place


@given(st.text(min_size=1))
def test_any_other_text_is_no_cursor(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        place_of(text, [str, int])
    assert (refusal.value.code, refusal.value.status) == ("cursor_malformed", 422)


@pytest.mark.parametrize("text", ["\ud800", "a\udfff", "\x00", "a\x00b"])
def test_a_cursor_with_what_no_row_holds_is_refused(text: str, cast: Cast) -> None:
    for path in ("subscriptions", "people", "contracts", "invoices"):
        answer = call("get", f"{NORD}/{path}?cursor={cursor_of(text)}", token_of(cast.camille))
        assert answer.status_code in {404, 422}
        problem(answer)
    with pytest.raises(Refused, match="cursor_malformed"):
        place_of(cursor_of(text), [str])


@pytest.mark.parametrize("parts", [(), ("a",), (1, "a"), ("a", True), ("a", 1, 2), ("a", 1.5)])
def test_a_cursor_of_another_list_is_refused(parts: Any) -> None:
    with pytest.raises(Refused):
        place_of(cursor_of(*parts), [str, int])
