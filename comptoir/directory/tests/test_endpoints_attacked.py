"""What somebody tries who is not the person, not the program, or both: by RFC 9700, 8628, 9207 and OpenID Connect."""

import base64
import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from urllib.parse import urlencode, urlsplit

import pytest
import time_machine
from django.conf import settings
from django.db import connections
from django.http import HttpResponse
from django.test import Client, override_settings
from joserfc.jwk import RSAKey

from comptoir.directory.adapters.consent import application_of_hint
from comptoir.directory.models import AccessToken, Application, DeviceGrant, Grant, RefreshToken
from comptoir.directory.queries import Bearers
from comptoir.organisations.tests.merging import merged
from conftest import FreshDatabase
from tests.cast import PASSWORD, Cast, member, raise_curtain, seat, signed_in, words_of

from .client import Program, error_of
from .stage import registered

CHECK = "/api/v1/licences/check?product=SCLT"
CONFIDENTIAL = {"public": False, "device_flow": False, "addresses": ["https://sculpt.example/back"]}


@pytest.fixture
def cast(db: None) -> Cast:
    return raise_curtain()


@pytest.fixture
def program(cast: Cast) -> Program:
    return Program(registered().client_id)


def check(token: str) -> tuple[int, str]:
    answer = Client().get(CHECK, headers={"authorization": f"Bearer {token}"})
    return answer.status_code, str(answer.json().get("code", ""))


def begun(program: Program, **told: str) -> dict[str, str]:
    return program.ask("device_authorization_endpoint", scope="openid licences", **told).json()


# --- who is no longer who they were ---


def test_tokens_of_an_account_that_was_merged_away_are_worth_nothing(cast: Cast, program: Program) -> None:
    emma = member(cast.nord, "Emma", "Larsen")
    seat(cast.subscription, emma)
    browser = signed_in(emma)
    tokens, kept = program.signed_in(browser), program.signed_in(signed_in(cast.emil))
    waiting, device = program.agreed(browser), begun(program)
    browser.post("/device/answer/", {"code": device["user_code"], "answer": "yes"})
    assert check(tokens["access_token"])[0] == 200
    merged(cast.emil, emma)
    assert check(tokens["access_token"]) == (401, "token_unknown")
    assert error_of(program.about(tokens["access_token"])) == "invalid_token"
    assert error_of(program.refresh(tokens["refresh_token"])) == "invalid_grant"
    assert error_of(program.redeem(waiting["code"])) == "invalid_grant"
    assert error_of(program.poll(device["device_code"])) in {"invalid_grant", "access_denied", "expired_token"}
    # the one that stays goes on, and has what the other one had
    assert check(kept["access_token"])[0] == 200


def test_a_device_that_was_let_in_gets_nothing_once_somebody_signed_out_everywhere(cast: Cast, program: Program) -> None:
    browser, device = Client(), begun(program)
    browser.post("/sign-in/", {"login": cast.emil.email, "password": PASSWORD})
    browser.post("/device/answer/", {"code": device["user_code"], "answer": "yes"})
    browser.post("/profile/sessions/")
    assert error_of(program.poll(device["device_code"])) == "invalid_grant"
    assert not AccessToken.objects.exists()


def test_who_has_left_the_customer_signs_in_and_opens_nothing(cast: Cast, program: Program) -> None:
    token = program.signed_in(signed_in(cast.gaston))["access_token"]
    assert program.about(token).status_code == 200
    assert check(token) == (403, "licence_person_gone")


# --- a token where it does not belong ---


def test_an_id_token_a_refresh_token_and_another_audiences_token_open_nothing(cast: Cast, program: Program) -> None:
    seat(cast.subscription, cast.emil)
    tokens = program.signed_in(signed_in(cast.emil))
    assert check(tokens["access_token"])[0] == 200
    for wrong in (tokens["id_token"], tokens["refresh_token"], tokens["access_token"][:-1]):
        assert error_of(program.about(wrong)) == "invalid_token"
        assert check(wrong) == (401, "token_unknown")
    assert error_of(program.refresh(tokens["access_token"])) == "invalid_grant"
    # a token of the API is no token of a product, and the other way round
    home = Client().get("/api/v1/customers/5200001/subscriptions", headers={"authorization": f"Bearer {tokens['access_token']}"})
    assert home.status_code == 401


def test_an_id_token_that_somebody_wrote_names_no_application(cast: Cast, program: Program) -> None:
    real = program.signed_in(signed_in(cast.emil))["id_token"]
    application = application_of_hint(real)
    assert application is not None
    assert application.client_id == program.client_id
    _head, body, signature = real.split(".")
    public = RSAKey.import_key(settings.OPENID_KEYS[0]).as_pem(private=False)
    for header in ({"alg": "none"}, {"alg": "HS256", "typ": "JWT"}, {"alg": "RS256", "jwk": {"kty": "RSA"}}):
        head = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
        mac = hmac.new(public, f"{head}.{body}".encode(), hashlib.sha256).digest()
        for end in ("", signature, base64.urlsafe_b64encode(mac).decode().rstrip("=")):
            assert application_of_hint(f"{head}.{body}.{end}") is None


# --- the browser ---


def test_a_part_that_comes_twice_is_believed_neither_time(cast: Cast, program: Program) -> None:
    browser = signed_in(cast.emil)
    for name, other in (
        ("redirect_uri", "https://evil.example/back"),
        ("client_id", "of-nobody"),
        ("code_challenge", "x" * 43),
        ("code_challenge_method", "plain"),
        ("scope", "openid email"),
        ("state", "another"),
        ("response_type", "token"),
    ):
        for pairs in ([(name, other), *program.question().items()], [*program.question().items(), (name, other)]):
            answer = browser.get(f"/openid/authorize/?{urlencode(pairs)}")
            assert answer.status_code in {302, 400}, (name, pairs[0])
            assert "evil.example" not in answer.headers.get("Location", "")
            assert "code=" not in answer.headers.get("Location", "")
    code = program.agreed(browser)["code"]
    told = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", program.at), ("client_id", program.client_id)]
    twice = urlencode([*told, ("code_verifier", "x" * 43), ("code_verifier", program.verifier)])
    answer = program.wire.post("/openid/token/", twice, content_type="application/x-www-form-urlencoded")
    assert error_of(answer) == "invalid_request"


def test_no_other_site_agrees_for_somebody_or_frames_the_question(cast: Cast, program: Program) -> None:
    browser = signed_in(cast.emil)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    shown = browser.get("/openid/authorize/", program.question())
    policy = shown.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert shown.headers["Referrer-Policy"] in {"same-origin", "no-referrer", "strict-origin"}
    assert "no-store" in shown.headers["Cache-Control"] or "private" in shown.headers["Cache-Control"]
    page = shown.wsgi_request.get_full_path()
    assert strict.post(page, {"answer": "yes"}).status_code == 403
    code = begun(program)["user_code"]
    assert strict.post("/device/answer/", {"code": code, "answer": "yes"}).status_code == 403
    assert not Grant.objects.exists()
    assert not DeviceGrant.objects.exclude(status="authorization-pending").exists()
    # by its address alone a device is never let in
    assert browser.get(f"/device/?code={code}").status_code == 200
    assert browser.get(f"/device/answer/?code={code}&answer=yes").status_code in {302, 405}
    assert DeviceGrant.objects.get().user_id is None


def test_a_confidential_application_needs_its_challenge_too(cast: Cast) -> None:
    made = registered(secret="a secret of 40 letters", **CONFIDENTIAL)
    server = Program(made.client_id, "https://sculpt.example/back", "a secret of 40 letters")
    browser = signed_in(cast.emil)
    for less in ({"code_challenge": "", "code_challenge_method": ""}, {"code_challenge_method": "plain"}):
        assert server.heard(browser.get("/openid/authorize/", server.question(**less)))["error"] == "invalid_request"
    for mode in ("fragment", "form_post", "query.jwt"):
        answer = browser.get("/openid/authorize/", server.question(response_mode=mode))
        assert "#" not in answer.headers.get("Location", "")
        assert 'name="code"' not in answer.content.decode()


def test_whatever_stands_in_the_address_of_a_page_breaks_nothing(cast: Cast, program: Program) -> None:
    browser, stranger, question = signed_in(cast.emil), Client(), program.question()
    for text in ("a\x00b", "\ud7ff\uffff'\"<>" + "é" * 3000):
        for name in (*question, "max_age", "prompt", "claims"):
            assert browser.get("/openid/authorize/", {**question, name: text}).status_code < 500, (name, text)
        for name in ("id_token_hint", "client_id", "post_logout_redirect_uri", "state"):
            told = {"client_id": program.client_id, "prompt": "none", name: text}
            assert stranger.get("/openid/sign-out/", told).status_code < 500, (name, text)
            assert stranger.get("/openid/authorize/", {**question, **told}).status_code < 500, (name, text)
        assert browser.get("/openid/sign-out/", {"client_id": text}).status_code < 500
        assert browser.get("/device/", {"code": text}).status_code < 500
        assert browser.post("/device/", {"code": text}).status_code < 500
        assert browser.post("/device/answer/", {"code": text, "answer": text}).status_code < 500
    for length in ("-1", "x", "9" * 30):
        answer = program.wire.post("/openid/token/", {}, headers={"content-length": length})
        assert answer.status_code < 500, length


def test_nobody_is_sent_to_another_site_by_signing_in_or_out(cast: Cast, program: Program) -> None:
    def away(answer: HttpResponse) -> bool:
        address = urlsplit(answer.headers.get("Location", "").replace("\\", "/"))
        return bool(address.scheme or address.netloc)

    for evil in ("//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "\thttps://evil.example"):
        browser = Client()
        told = {"login": cast.emil.email, "password": PASSWORD, "next": evil}
        assert not away(browser.post("/sign-in/", told))
        assert not away(browser.get("/sign-in/", {"next": evil}))  # signed in: sent on at once
        assert not away(browser.post("/sign-in/again/", {"password": PASSWORD, "next": evil}))
        gone = {"client_id": program.client_id, "post_logout_redirect_uri": evil}
        assert not away(Client().get("/openid/sign-out/", gone))
        assert not away(browser.post(f"/openid/sign-out/?{urlencode(gone)}"))


# --- keys and clocks ---


def test_a_new_key_signs_and_what_the_old_one_signed_is_still_checked(cast: Cast, program: Program) -> None:
    old = program.signed_in(signed_in(cast.emil))["id_token"]
    fresh = RSAKey.generate_key(2048).as_pem(private=True).decode()
    keys = (fresh, *settings.OPENID_KEYS[:1])
    provider = {
        **settings.OAUTH2_PROVIDER,
        "OIDC_RSA_PRIVATE_KEY": keys[0],
        "OIDC_RSA_PRIVATE_KEYS_INACTIVE": list(keys[1:]),
    }
    with override_settings(OPENID_KEYS=keys, OAUTH2_PROVIDER=provider):
        waiting = program.agreed(signed_in(cast.rita))
        new = program.redeem(waiting["code"]).json()["id_token"]
        heads = [json.loads(base64.urlsafe_b64decode(f"{token.split('.')[0]}==")) for token in (old, new)]
        assert heads[0]["kid"] != heads[1]["kid"]
        assert program.claims(new)["name"] == "Rita Nielsen"
        assert program.claims(old)["name"] == "Emil Larsen"
        assert application_of_hint(old) is not None


def test_a_clock_that_was_set_back_gives_no_token_a_second_life(cast: Cast, program: Program) -> None:
    tokens = program.signed_in(signed_in(cast.emil))
    with time_machine.travel(datetime.now(UTC) - timedelta(days=2), tick=False):
        # used is used, whatever the clock says
        second = program.refresh(tokens["refresh_token"])
        assert second.status_code == 200
        assert error_of(program.refresh(tokens["refresh_token"])) == "invalid_grant"
        assert error_of(program.refresh(second.json()["refresh_token"])) == "invalid_grant"


# --- all at once ---


@pytest.mark.parametrize("what", ["code", "refresh_token", "device_code"])
def test_of_sixteen_at_the_same_moment_one_redeems_it(fresh_database: FreshDatabase, what: str) -> None:
    cast, gate = raise_curtain(), Barrier(16)
    program, browser = Program(registered().client_id), signed_in(cast.emil)
    assert program.places
    if what == "device_code":
        device = begun(program)
        browser.post("/device/answer/", {"code": device["user_code"], "answer": "yes"})
        secret = device["device_code"]
    else:
        secret = program.agreed(browser)["code"]
        secret = program.redeem(secret).json()["refresh_token"] if what == "refresh_token" else secret

    def redeemed(_nth: int) -> int:
        gate.wait(timeout=60)
        try:
            mine = replace(program, wire=Client())
            mine.places = program.places
            ask = {"code": mine.redeem, "refresh_token": mine.refresh, "device_code": mine.poll}[what]
            return ask(secret).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as together:
        answers = sorted(together.map(redeemed, range(16)))
    assert (answers.count(200), {*answers[1:]} - {429}) == (1, {400})  # where many ask at once some are told to come again
    # of a code and a refresh token whoever came second ended what the first had got; a device's code is simply gone
    left = 1 if what == "device_code" else 0
    assert AccessToken.objects.count() == RefreshToken.objects.filter(revoked=None).count() == left
    assert Application.objects.count() == 1


def test_whoever_guesses_codes_of_devices_is_shut_out_and_hears_nothing_of_those_that_wait(cast: Cast, program: Program) -> None:
    waiting = begun(program)
    unknown = words_of(signed_in(cast.rita).post("/device/", {"code": "BBBB-BBBB"}))
    browser = signed_in(cast.emil)
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=601), tick=False):
        late = words_of(browser.post("/device/", {"code": waiting["user_code"]}))
    assert ("No device waits with this code" in unknown) is ("No device waits with this code" in late) is True
    assert Bearers().person_of(waiting["device_code"]) is None
