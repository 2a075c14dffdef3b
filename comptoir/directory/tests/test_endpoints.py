"""Signing in to a product with a browser, by the protocol: what is given, once, to whom, and what is refused."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connection, connections
from django.test import Client

from comptoir.directory.models import AccessToken, Application, Grant, RefreshToken
from comptoir.directory.queries import Bearers
from comptoir.identity.adapters import signing_in
from comptoir.identity.models import Person
from comptoir.kernel.models import Event
from comptoir.kernel.walls import wall_opened
from conftest import FreshDatabase
from tests.cast import PASSWORD, Cast, raise_curtain, signed_in

from .client import SCOPES, Program, error_of
from .stage import registered


@pytest.fixture
def cast(db: None) -> Cast:
    return raise_curtain()


@pytest.fixture
def program(cast: Cast) -> Program:
    return Program(registered().client_id)


def test_a_code_becomes_tokens_that_say_who_signed_in(cast: Cast, program: Program) -> None:
    browser = signed_in(cast.emil, "fr")
    heard = program.agreed(browser)
    assert heard == {"code": heard["code"], "state": "what we said", "iss": program.places["issuer"]}
    tokens = program.redeem(heard["code"]).json()
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 600, SCOPES)
    claims = program.claims(tokens["id_token"])
    assert (claims["nonce"], claims["name"], claims["email"]) == ("never twice", "Emil Larsen", cast.emil.email)
    assert (claims["locale"], claims["zoneinfo"]) == ("fr", "Europe/Paris")
    assert claims["exp"] - claims["iat"] == 600
    # nothing of the company, and no number of ours
    assert cast.nord.name not in str(claims)
    assert claims["sub"] not in (str(cast.emil.person_id), cast.emil.email)
    about = program.about(tokens["access_token"]).json()
    assert about == {name: claims[name] for name in about}
    assert Bearers().person_of(tokens["access_token"]) == cast.emil.person_id


def test_the_name_under_which_products_know_somebody_stays(cast: Cast, program: Program) -> None:
    other = Program(registered(name="Sculpt on the web").client_id)
    subjects = {program.claims(program.signed_in(signed_in(cast.emil))["id_token"])["sub"] for _time in range(2)}
    subjects.add(other.claims(other.signed_in(signed_in(cast.emil))["id_token"])["sub"])
    assert len(subjects) == 1
    assert subjects.isdisjoint({program.claims(program.signed_in(signed_in(cast.rita))["id_token"])["sub"]})


def test_what_was_not_asked_for_is_not_told(cast: Cast, program: Program) -> None:
    heard = program.agreed(signed_in(cast.emil), scope="openid")
    tokens = program.redeem(heard["code"]).json()
    assert set(program.about(tokens["access_token"]).json()) == {"sub"}
    assert Bearers().person_of(tokens["access_token"]) is None  # not for licences


@pytest.mark.parametrize("verifier", ["", "x" * 43])
def test_a_code_is_worth_nothing_without_its_verifier(cast: Cast, program: Program, verifier: str) -> None:
    heard = program.agreed(signed_in(cast.emil))
    refused = program.redeem(heard["code"], code_verifier=verifier)
    assert error_of(refused) in ("invalid_grant", "invalid_request")
    assert not AccessToken.objects.exists()


def test_a_code_is_worth_nothing_to_another_program_or_at_another_address(cast: Cast, program: Program) -> None:
    other = Program(registered(name="Another").client_id, verifier=program.verifier)
    heard = program.agreed(signed_in(cast.emil))
    assert error_of(other.redeem(heard["code"])) == "invalid_grant"
    assert error_of(program.redeem(heard["code"], redirect_uri="http://127.0.0.1:9/callback")) == "invalid_request"
    assert program.redeem(heard["code"]).status_code == 200


def test_a_code_that_comes_twice_ends_what_it_began(cast: Cast, program: Program) -> None:
    heard = program.agreed(signed_in(cast.emil))
    tokens = program.redeem(heard["code"]).json()
    assert program.about(tokens["access_token"]).status_code == 200
    assert error_of(program.redeem(heard["code"])) == "invalid_grant"
    assert error_of(program.about(tokens["access_token"])) == "invalid_token"
    assert error_of(program.refresh(tokens["refresh_token"])) == "invalid_grant"
    assert Bearers().person_of(tokens["access_token"]) is None


def test_a_code_is_good_for_a_minute(cast: Cast, program: Program) -> None:
    heard = program.agreed(signed_in(cast.emil))
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=61), tick=False):
        assert error_of(program.redeem(heard["code"])) == "invalid_grant"


def test_a_refresh_token_is_good_once_and_its_copy_ends_the_whole_sign_in(cast: Cast, program: Program) -> None:
    browser = signed_in(cast.emil)
    first, elsewhere = program.signed_in(browser), program.signed_in(browser)
    second = program.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert error_of(program.about(first["access_token"])) == "invalid_token"
    assert program.about(second["access_token"]).status_code == 200
    # somebody has a copy of the first one
    assert error_of(program.refresh(first["refresh_token"])) == "invalid_grant"
    assert error_of(program.refresh(second["refresh_token"])) == "invalid_grant"
    assert error_of(program.about(second["access_token"])) == "invalid_token"
    # what this person has on another device goes on
    assert program.refresh(elsewhere["refresh_token"]).status_code == 200


def test_a_refresh_token_is_worth_nothing_to_another_program(cast: Cast, program: Program) -> None:
    tokens = program.signed_in(signed_in(cast.emil))
    assert error_of(Program(registered(name="Another").client_id).refresh(tokens["refresh_token"])) == "invalid_grant"
    assert program.refresh(tokens["refresh_token"]).status_code == 200


def test_tokens_end_by_themselves(cast: Cast, program: Program) -> None:
    tokens = program.signed_in(signed_in(cast.emil))
    began = datetime.now(UTC)
    with time_machine.travel(began + timedelta(minutes=11), tick=False):
        assert error_of(program.about(tokens["access_token"])) == "invalid_token"
        assert Bearers().person_of(tokens["access_token"]) is None
    with time_machine.travel(began + timedelta(days=31), tick=False):
        assert error_of(program.refresh(tokens["refresh_token"])) == "invalid_grant"
    with time_machine.travel(began + timedelta(days=29), tick=False):
        assert program.refresh(tokens["refresh_token"]).status_code == 200


def test_nothing_that_opens_anything_is_kept_or_logged(cast: Cast, program: Program, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="root"):
        heard = program.agreed(signed_in(cast.emil))
        tokens = program.redeem(heard["code"]).json()
        begun = program.ask("device_authorization_endpoint", scope="openid").json()
        program.refresh(tokens["refresh_token"])
    secret = [heard["code"], tokens["access_token"], tokens["refresh_token"], begun["device_code"], begun["user_code"]]
    assert [text for text in secret if text in caplog.text] == []
    with connection.cursor() as cursor:
        for model in (Application, Grant, AccessToken, RefreshToken):
            cursor.execute(f"SELECT string_agg(row.*::text, ' ') FROM {model._meta.db_table} row")
            kept = cursor.fetchone()[0] or ""
            assert kept
            assert [text for text in secret if text in kept] == []


def test_the_password_the_grant_types_of_old_and_tokens_in_addresses_are_refused(cast: Cast, program: Program) -> None:
    tokens = program.signed_in(signed_in(cast.emil))
    for old in ("password", "client_credentials", "implicit", "nonsense"):
        told = {"username": cast.emil.email, "password": PASSWORD, "scope": "openid"}
        assert error_of(program.ask("token_endpoint", grant_type=old, **told)) in ("unsupported_grant_type", "invalid_request")
    shown = program.wire.get(program.path_of("userinfo_endpoint"), {"access_token": tokens["access_token"]})
    assert error_of(shown) == "invalid_request"
    assert program.wire.get(program.path_of("token_endpoint")).status_code == 405


def test_a_product_gives_its_token_back(cast: Cast, program: Program) -> None:
    tokens = program.signed_in(signed_in(cast.emil))
    other = Program(registered(name="Another").client_id)
    other.ask("revocation_endpoint", token=tokens["refresh_token"])  # of somebody else: as if there was none
    assert program.about(tokens["access_token"]).status_code == 200
    assert program.ask("revocation_endpoint", token=tokens["refresh_token"]).status_code == 200
    assert error_of(program.about(tokens["access_token"])) == "invalid_token"
    assert error_of(program.refresh(tokens["refresh_token"])) == "invalid_grant"


def test_a_confidential_application_shows_its_secret_and_asks_about_tokens_of_its_product(cast: Cast, program: Program) -> None:
    told = {"public": False, "name": "Sculpt server", "addresses": ["https://sculpt.example/back"], "device_flow": False}
    server = Program(registered(secret="a secret of 40 letters", **told).client_id, "https://sculpt.example/back")
    heard = server.agreed(signed_in(cast.emil))
    assert error_of(server.redeem(heard["code"])) == "invalid_client"
    server.secret = "a wrong secret"
    assert error_of(server.redeem(heard["code"])) == "invalid_client"
    server.secret = "a secret of 40 letters"
    assert server.redeem(heard["code"]).status_code == 200
    tokens = program.signed_in(signed_in(cast.rita))
    asked = server.ask("introspection_endpoint", token=tokens["access_token"]).json()
    assert (asked["active"], asked["client_id"], asked["scope"]) == (True, program.client_id, SCOPES)
    assert server.ask("introspection_endpoint", token="of nobody").json() == {"active": False}
    # who can keep no secret asks nothing, whatever it says
    for more in ({}, {"client_secret": ""}, {"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}):
        assert error_of(program.ask("introspection_endpoint", token=tokens["access_token"], **more)) == "invalid_client"


def test_who_can_no_longer_sign_in_has_no_token_left(cast: Cast, program: Program) -> None:
    tokens = program.signed_in(signed_in(cast.emil))
    waiting = program.agreed(signed_in(cast.emil))
    other = program.signed_in(signed_in(cast.rita))
    with signing_in():
        Person.objects.filter(pk=cast.emil.person_id).update(is_active=False)
    assert error_of(program.about(tokens["access_token"])) == "invalid_token"
    assert error_of(program.refresh(tokens["refresh_token"])) == "invalid_grant"
    assert error_of(program.redeem(waiting["code"])) == "invalid_grant"
    assert Bearers().person_of(tokens["access_token"]) is None
    assert Bearers().person_of(other["access_token"]) == cast.rita.person_id


def test_a_former_member_signs_in_as_themselves_and_takes_no_company_along(cast: Cast, program: Program) -> None:
    claims = program.claims(program.signed_in(signed_in(cast.gaston))["id_token"])
    assert claims["name"] == "Gaston Ancien"
    assert "5200001" not in str(claims)


def test_each_sign_in_stands_in_the_persons_own_log(cast: Cast, program: Program) -> None:
    program.signed_in(signed_in(cast.emil))
    with wall_opened(person=cast.emil.person_id):
        told = Event.objects.filter(person_id=cast.emil.person_id, kind="sign_in.begun").values_list("detail", flat=True)
        assert [each["name"] for each in told] == ["Sculpt LT"]


def test_whatever_is_sent_to_the_endpoints_breaks_nothing(cast: Cast, program: Program) -> None:
    device = "urn:ietf:params:oauth:grant-type:device_code"
    secrets = {"authorization_code": "code", "refresh_token": "refresh_token", device: "device_code"}
    for text in ("\x00", "é" * 300, "'\"<>", ""):
        for grant, name in secrets.items():
            assert program.ask("token_endpoint", **{"grant_type": grant, name: text}).status_code < 500
        for endpoint in ("device_authorization_endpoint", "revocation_endpoint", "introspection_endpoint"):
            assert program.ask(endpoint, token=text, scope=text).status_code < 500
            assert program.ask(endpoint, client_id=text).status_code < 500
        assert program.about(text.replace("\x00", "") or "-").status_code == 401
    assert program.wire.post(program.path_of("token_endpoint"), "{}", content_type="application/json").status_code < 500
    assert program.wire.post(program.path_of("token_endpoint"), {"code": "x" * 30_000}).status_code == 413


@pytest.mark.parametrize("what", ["code", "refresh_token"])
def test_of_many_at_the_same_moment_one_redeems_it(fresh_database: FreshDatabase, what: str) -> None:
    cast, began = raise_curtain(), Barrier(6)
    program = Program(registered().client_id)
    assert program.places
    secret = program.agreed(signed_in(cast.emil))["code"]
    if what == "refresh_token":
        secret = program.redeem(secret).json()["refresh_token"]

    def redeemed(_nth: int) -> int:
        began.wait(timeout=60)
        try:
            mine = replace(program, wire=Client())
            mine.places = program.places
            return (mine.redeem(secret) if what == "code" else mine.refresh(secret)).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as together:
        answers = sorted(together.map(redeemed, range(6)))
    assert answers == [200, *[400] * 5]
    # whoever came second ended what the first had got: one of them was a thief
    assert not AccessToken.objects.exists()
    assert not RefreshToken.objects.filter(revoked=None).exists()


def test_who_asks_about_a_licence_costs_one_statement(cast: Cast, program: Program, django_assert_num_queries: Any) -> None:
    token = program.signed_in(signed_in(cast.emil))["access_token"]
    with django_assert_num_queries(1):
        assert Bearers().person_of(token) == cast.emil.person_id


def test_the_endpoints_are_limited_over_all_processes(cast: Cast, program: Program, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"openid_token": "2/m/key"}
    for _time in range(2):
        assert error_of(program.refresh("of nobody")) == "invalid_grant"
    late = program.refresh("of nobody")
    assert error_of(late) == "temporarily_unavailable"
    assert late.headers["Retry-After"] == "60"
