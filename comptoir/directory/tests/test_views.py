"""The pages: who is asked what, who is sent where, in which language."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from comptoir.directory.models import Application, Grant
from tests.cast import PASSWORD, Cast, raise_curtain, signed_in, words_of

from .client import Program, error_of
from .stage import registered

pytestmark = pytest.mark.django_db
FAR = {"public": False, "device_flow": False, "addresses": ["https://sculpt.example/back"]}


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture
def program(cast: Cast) -> Program:
    return Program(registered().client_id)


@pytest.fixture
def trusted(cast: Cast) -> Program:
    made = registered(secret="a secret of 40 letters", **FAR, trusted=True, farewells=["https://sculpt.example/bye"])
    return Program(made.client_id, "https://sculpt.example/back", "a secret of 40 letters")


def test_the_page_says_who_asks_for_what_and_as_whom(cast: Cast, program: Program) -> None:
    said = words_of(signed_in(cast.emil).get("/openid/authorize/", program.question(scope="openid email")))
    assert "Sculpt LT would sign you in as Emil Larsen" in said
    assert "your e-mail address" in said
    assert "your name" not in said
    french = words_of(signed_in(cast.rita, "fr").get("/openid/authorize/", program.question()))
    assert "votre nom, votre langue et votre fuseau horaire" in french
    assert "vous connecterait en tant que Rita Nielsen" in french


def test_the_form_may_lead_to_the_programs_address_and_nowhere_else(cast: Cast, program: Program) -> None:
    policy = signed_in(cast.emil).get("/openid/authorize/", program.question()).headers["Content-Security-Policy"]
    assert "form-action 'self' http://127.0.0.1:49152;" in f"{policy};"
    assert "script-src 'self'" in policy
    assert "default-src 'none'" in policy
    own = Program(registered(name="Mine", addresses=["com.example.sculpt:/back"]).client_id, "com.example.sculpt:/back")
    answer = signed_in(cast.emil).get("/openid/authorize/", own.question())
    assert "form-action 'self' com.example.sculpt:;" in f"{answer.headers['Content-Security-Policy']};"
    assert own.redeem(re.findall(r"code=(\w+)", _agree(cast, own))[0]).status_code == 200


def _agree(cast: Cast, program: Program) -> str:
    browser = signed_in(cast.emil)
    shown = browser.get("/openid/authorize/", program.question())
    address: str = browser.post(shown.wsgi_request.get_full_path(), {"answer": "yes"}).headers["Location"]
    assert address.startswith(program.at)
    return address


def test_who_says_no_is_sent_back_with_it(cast: Cast, program: Program) -> None:
    browser = signed_in(cast.emil)
    shown = browser.get("/openid/authorize/", program.question())
    heard = program.heard(browser.post(shown.wsgi_request.get_full_path(), {"answer": "no"}))
    assert heard == {"error": "access_denied", "state": "what we said", "iss": program.places["issuer"]}
    assert not Grant.objects.exists()


ASKED_FROM_NOWHERE: list[dict[str, str]] = [
    {"redirect_uri": "http://127.0.0.1:49152/elsewhere"},
    {"redirect_uri": "http://127.0.0.1:49152/callback?more"},
    {"redirect_uri": "http://localhost:49152/callback"},
    {"redirect_uri": "https://evil.example/callback"},
    {"redirect_uri": "http://127.0.0.1@evil.example/callback"},
    {"redirect_uri": "http://127.0.0.1:49152/callback#here"},
    {"client_id": "of-nobody"},
    {"client_id": ""},
    {"state": "two\nlines"},
]


def test_nobody_is_sent_to_an_address_that_is_not_the_programs(cast: Cast, program: Program) -> None:
    browser = signed_in(cast.emil)
    for instead in ASKED_FROM_NOWHERE:
        answer = browser.get("/openid/authorize/", program.question(**instead))
        assert answer.status_code == 400, instead
        assert "Location" not in answer.headers
        assert 'href="http://127' not in answer.content.decode()
        assert "can’t go on" in words_of(answer)


ASKED_WRONGLY: list[tuple[dict[str, str], str]] = [
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": ""}, "invalid_request"),
    ({"code_challenge": "", "code_challenge_method": ""}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "code id_token"}, "unauthorized_client"),
    ({"response_type": ""}, "invalid_request"),
    ({"scope": "openid customers"}, "invalid_scope"),
    ({"nonce": "x" * 300}, "invalid_request"),
    ({"request": "a.b.c"}, "request_not_supported"),
    ({"prompt": "none"}, "consent_required"),
]


def test_what_is_asked_wrongly_is_told_to_the_program(cast: Cast, program: Program) -> None:
    browser = signed_in(cast.emil)
    for instead, error in ASKED_WRONGLY:
        heard = program.heard(browser.get("/openid/authorize/", program.question(**instead)))
        assert (heard["error"], heard["state"], heard["iss"]) == (error, "what we said", program.places["issuer"]), instead
    assert not Grant.objects.exists()


def test_a_stranger_signs_in_first_and_comes_back(cast: Cast, program: Program) -> None:
    browser = Client()
    sent = browser.get("/openid/authorize/", program.question())
    assert sent.headers["Location"].startswith("/sign-in/?next=/openid/authorize/")
    page = browser.get(sent.headers["Location"])
    following = re.search(r'name="next" value="([^"]+)"', page.content.decode())
    assert following is not None
    told = {"login": cast.emil.email, "password": PASSWORD, "next": following[1].replace("&amp;", "&")}
    back = browser.post("/sign-in/", told)
    assert "would sign you in as Emil Larsen" in words_of(browser.get(back.headers["Location"]))


def test_a_program_that_wants_no_page_hears_that_nobody_is_signed_in(cast: Cast, program: Program) -> None:
    heard = program.heard(Client().get("/openid/authorize/", program.question(prompt="none")))
    assert heard["error"] == "login_required"
    assert Client().get("/openid/authorize/", program.question(prompt="none", client_id="of-nobody")).status_code == 400


def test_a_program_of_the_vendors_own_servers_may_be_trusted_without_asking(cast: Cast, trusted: Program) -> None:
    browser = signed_in(cast.emil)
    heard = trusted.heard(browser.get("/openid/authorize/", trusted.question(prompt="none")))
    assert trusted.redeem(heard["code"]).status_code == 200
    assert browser.get("/openid/authorize/", trusted.question(prompt="consent")).status_code == 200
    # a form leads to no other site: who comes from the sign-in page goes by a page
    page = browser.get("/openid/authorize/", trusted.question(), headers={"sec-fetch-site": "same-origin"})
    assert page.status_code == 200
    assert 'http-equiv="refresh" content="0;url=https://sculpt.example/back?code=' in page.content.decode()


def test_a_program_can_have_somebody_show_again_who_they_are(cast: Cast, program: Program) -> None:
    browser = Client()
    browser.post("/sign-in/", {"login": cast.emil.email, "password": PASSWORD})
    again = browser.get("/openid/authorize/", program.question(prompt="login"))
    assert again.headers["Location"].startswith("/sign-in/again/?next=")
    following = parse_qs(urlsplit(again.headers["Location"]).query)["next"][0]
    assert "login" not in parse_qs(urlsplit(following).query).get("prompt", [])
    assert browser.get("/openid/authorize/", program.question(max_age="600")).status_code == 200
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        late = browser.get("/openid/authorize/", program.question(max_age="600"))
        assert late.headers["Location"].startswith("/sign-in/again/?next=")
    claims = program.claims(program.signed_in(browser)["id_token"])
    assert abs(datetime.now(UTC).timestamp() - claims["auth_time"]) < 60


# --- devices ---


def begun(program: Program) -> dict[str, object]:
    told = program.ask("device_authorization_endpoint", scope="openid profile licences")
    assert told.status_code == 200, told.content
    assert "no-store" in told.headers["Cache-Control"]
    return told.json()


def typed(browser: Client, code: str) -> str:
    """What the page says once somebody has typed the code."""
    return words_of(browser.post("/device/", {"code": code}))


def test_a_device_waits_until_somebody_lets_it_in(cast: Cast, program: Program) -> None:
    told = begun(program)
    assert (told["expires_in"], told["interval"]) == (600, 5)
    assert re.fullmatch(r"[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}", str(told["user_code"]))
    assert str(told["verification_uri_complete"]).endswith(f"/device/?code={told['user_code']}")
    assert error_of(program.poll(str(told["device_code"]))) == "authorization_pending"
    browser = signed_in(cast.emil)
    said = typed(browser, str(told["user_code"]).lower().replace("-", " "))
    assert f"Code on the device {told['user_code']}" in said
    assert "From the network address 127.0.0.1" in said
    assert "your e-mail address" not in said
    browser.post("/device/answer/", {"code": str(told["user_code"]), "answer": "yes"})
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=6), tick=False):
        tokens = program.poll(str(told["device_code"])).json()
        assert program.claims(tokens["id_token"])["name"] == "Emil Larsen"
        assert program.about(tokens["access_token"]).status_code == 200
        # let in once
        assert error_of(program.poll(str(told["device_code"]))) == "invalid_grant"
    assert program.refresh(tokens["refresh_token"]).status_code == 200
    assert "No device waits with this code" in typed(browser, str(told["user_code"]))


def test_a_device_that_asks_too_fast_is_told_to_wait_longer(cast: Cast, program: Program) -> None:
    code = str(begun(program)["device_code"])
    began = datetime.now(UTC)
    asked = {0: "authorization_pending", 5: "authorization_pending", 7: "slow_down", 13: "slow_down", 40: "authorization_pending"}
    for seconds, answer in asked.items():
        with time_machine.travel(began + timedelta(seconds=seconds), tick=False):
            assert error_of(program.poll(code)) == answer, seconds


def test_a_device_that_is_sent_away_hears_so(cast: Cast, program: Program) -> None:
    told, browser = begun(program), signed_in(cast.emil)
    sent = browser.post("/device/answer/", {"code": str(told["user_code"]), "answer": "no"}, follow=True)
    assert "The device is not let in." in words_of(sent)
    assert error_of(program.poll(str(told["device_code"]))) == "access_denied"


def test_a_device_that_waited_too_long_hears_so(cast: Cast, program: Program) -> None:
    told = begun(program)
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=601), tick=False):
        assert error_of(program.poll(str(told["device_code"]))) == "expired_token"
        browser = signed_in(cast.emil)
        assert browser.post("/device/answer/", {"code": str(told["user_code"]), "answer": "yes"}).status_code == 422


def test_a_device_of_another_program_or_without_leave_gets_nothing(cast: Cast, program: Program) -> None:
    code = str(begun(program)["device_code"])
    assert error_of(Program(registered(name="Another").client_id).poll(code)) == "invalid_grant"
    without = Program(registered(name="Without", device_flow=False).client_id)
    assert error_of(without.ask("device_authorization_endpoint", scope="openid")) == "unauthorized_client"
    assert error_of(Program("of-nobody").ask("device_authorization_endpoint", scope="openid")) == "invalid_client"


def test_codes_are_not_guessed(cast: Cast, program: Program) -> None:
    cache.clear()
    browser, code = signed_in(cast.emil), str(begun(program)["user_code"])
    for _guess in range(10):
        assert browser.post("/device/", {"code": "BBBB-BBBB"}).status_code == 422
    late = browser.post("/device/", {"code": code})
    assert late.status_code == 429
    assert "Too many codes were tried" in words_of(late)


def test_the_page_for_codes_speaks_french(cast: Cast, program: Program) -> None:
    browser = signed_in(cast.emil, "fr")
    assert "Le code qu’affiche l’appareil" in words_of(browser.get("/device/"))
    assert "Autoriser Sculpt LT" in typed(browser, str(begun(program)["user_code"]))


# --- ending it ---


def test_what_signs_in_as_me_is_told_and_can_be_ended(cast: Cast, program: Program) -> None:
    browser = signed_in(cast.emil)
    tokens, others = program.signed_in(browser), program.signed_in(signed_in(cast.rita))
    program.signed_in(browser)
    page = browser.get("/profile/products/")
    assert "1 product is signed in as you" in words_of(page)
    end = re.search(r'action="(/profile/products/\d+/end/)"', page.content.decode())
    assert end is not None
    assert "No product is signed in as you" in words_of(browser.post(end[1], follow=True))
    assert error_of(program.refresh(tokens["refresh_token"])) == "invalid_grant"
    assert error_of(program.about(tokens["access_token"])) == "invalid_token"
    assert program.about(others["access_token"]).status_code == 200
    assert browser.post(end[1]).headers["Location"] == "/profile/products/"


def test_a_new_password_and_signing_out_everywhere_end_it(cast: Cast, program: Program) -> None:
    browser = Client()
    browser.post("/sign-in/", {"login": cast.emil.email, "password": PASSWORD})
    tokens = program.signed_in(browser)
    browser.post("/profile/sessions/")
    assert error_of(program.refresh(tokens["refresh_token"])) == "invalid_grant"
    tokens, others = program.signed_in(browser), program.signed_in(signed_in(cast.rita))
    new = "an entirely new password"
    changed = browser.post("/profile/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert changed.status_code == 302
    assert error_of(program.about(tokens["access_token"])) == "invalid_token"
    assert error_of(program.refresh(tokens["refresh_token"])) == "invalid_grant"
    assert program.about(others["access_token"]).status_code == 200


def test_signing_out_of_one_browser_leaves_the_products_alone(cast: Cast, program: Program) -> None:
    browser = signed_in(cast.emil)
    tokens = program.signed_in(browser)
    browser.post("/sign-out/")
    assert program.about(tokens["access_token"]).status_code == 200


def test_a_product_brings_somebody_to_sign_out(cast: Cast, trusted: Program) -> None:
    browser = signed_in(cast.emil)
    tokens = trusted.redeem(trusted.heard(browser.get("/openid/authorize/", trusted.question()))["code"]).json()
    told = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": "https://sculpt.example/bye", "state": "a&b"}
    asked = browser.get("/openid/sign-out/", told)
    assert "Sign out of the portal in this browser too" in words_of(asked)
    assert trusted.about(tokens["access_token"]).status_code == 200  # nothing happens before the click
    left = browser.post(asked.wsgi_request.get_full_path())
    assert left.headers["Location"] == "https://sculpt.example/bye?state=a%26b"
    assert error_of(trusted.about(tokens["access_token"])) == "invalid_token"
    assert browser.get("/profile/").status_code == 302
    elsewhere = Client().get("/openid/sign-out/", {**told, "post_logout_redirect_uri": "https://evil.example/"})
    assert elsewhere.headers["Location"] == "/"
    forged = Client().get("/openid/sign-out/", {**told, "id_token_hint": "a.b.c"})
    assert forged.headers["Location"] == "/"


def test_nobody_ends_the_sign_in_of_somebody_else(cast: Cast, program: Program) -> None:
    tokens = program.signed_in(signed_in(cast.rita))
    pk = Application.objects.get(client_id=program.client_id).pk
    assert "signed out" not in words_of(signed_in(cast.emil).post(f"/profile/products/{pk}/end/", follow=True))
    assert program.about(tokens["access_token"]).status_code == 200
