"""Applications of products at the desk: registered, changed, given another secret, ended."""

import re

import pytest
from django.test import Client

from comptoir.directory.models import Application
from comptoir.directory.tests.client import Program, error_of
from comptoir.directory.tests.stage import registered
from comptoir.kernel.models import Event
from comptoir.kernel.walls import wall_opened
from tests.cast import Cast, at_desk, raise_curtain, signed_in, staff_member, words_of

pytestmark = pytest.mark.django_db
TYPED = {"product": "SCLT", "name": "Sculpt LT", "kind": "public", "addresses": "http://127.0.0.1/callback", "device_flow": "on"}
SERVER = {**TYPED, "kind": "confidential", "addresses": "https://sculpt.example/back\nhttps://sculpt.example/other"}


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture
def karl(cast: Cast) -> Client:
    return at_desk(staff_member("Karl", "Katz", "catalogue"))


def secret_in(answer: object) -> str:
    found = re.search(r'<code class="wrap">([\w-]{48})</code>', answer.content.decode())  # type: ignore[attr-defined]
    return found[1] if found else ""


def test_a_program_on_machines_is_registered_without_a_secret(karl: Client) -> None:
    told = karl.post("/desk/applications/", TYPED)
    made = Application.objects.get()
    assert (made.is_public, made.device_flow, made.redirect_uris) == (True, True, "http://127.0.0.1/callback")
    assert made.client_id in words_of(told)
    assert secret_in(told) == ""
    assert "Sculpt LT" in words_of(karl.get("/desk/applications/"))
    with wall_opened(house=True):
        assert Event.objects.filter(chain="h", kind="application.registered").count() == 1


def test_a_server_gets_a_secret_that_is_shown_once_and_can_be_replaced(cast: Cast, karl: Client) -> None:
    secret = secret_in(karl.post("/desk/applications/", SERVER))
    made = Application.objects.get()
    assert secret
    assert secret not in made.client_secret
    assert secret not in karl.get(f"/desk/applications/{made.pk}/").content.decode()
    program = Program(made.client_id, "https://sculpt.example/back", secret)
    assert program.signed_in(signed_in(cast.emil))["token_type"] == "Bearer"
    program.secret = secret_in(karl.post(f"/desk/applications/{made.pk}/secret/"))
    assert program.signed_in(signed_in(cast.emil))["token_type"] == "Bearer"
    program.secret = secret
    assert error_of(program.refresh("of nobody")) == "invalid_client"


@pytest.mark.parametrize(
    ("instead", "said"),
    [
        ({"addresses": "http://sculpt.example/back"}, "can’t be an address"),
        ({"addresses": "https://*.sculpt.example/back"}, "can’t be an address"),
        ({"addresses": "https://sculpt.example/back#part"}, "can’t be an address"),
        ({"addresses": "https://who@sculpt.example/back"}, "can’t be an address"),
        ({"addresses": "javascript:alert(1)"}, "can’t be an address"),
        ({"addresses": "sculpt://back"}, "can’t be an address"),
        ({"addresses": "http://localhost/back"}, "can’t be an address"),
        ({"farewells": "http://sculpt.example/bye"}, "can’t be an address"),
        ({"addresses": "", "device_flow": ""}, "Nobody could sign in with it"),
        ({"addresses": " ".join(f"https://a{nth}.example/" for nth in range(11))}, "at most 10 addresses"),
        ({"trusted": "on"}, "asks each time"),
        ({"name": ""}, "Give a name"),
    ],
)
def test_what_would_be_unsafe_is_not_registered(karl: Client, instead: dict[str, str], said: str) -> None:
    answer = karl.post("/desk/applications/", {**TYPED, **instead})
    assert answer.status_code == 422
    assert said in words_of(answer)
    assert not Application.objects.exists()


def test_an_application_is_changed_and_what_no_longer_fits_is_refused(cast: Cast, karl: Client) -> None:
    program = Program(registered().client_id)
    made = Application.objects.get()
    changed = {"name": "Sculpt", "addresses": "com.example.sculpt:/back", "device_flow": ""}
    assert karl.post(f"/desk/applications/{made.pk}/", changed).status_code == 302
    assert signed_in(cast.emil).get("/openid/authorize/", program.question()).status_code == 400
    assert error_of(program.ask("device_authorization_endpoint", scope="openid")) == "unauthorized_client"


def test_an_application_that_has_ended_signs_nobody_in_and_out_whoever_was(cast: Cast, karl: Client) -> None:
    program = Program(registered().client_id)
    tokens = program.signed_in(signed_in(cast.emil))
    made = Application.objects.get()
    assert "1 person is signed in with it" in words_of(karl.get(f"/desk/applications/{made.pk}/"))
    ended = karl.post(f"/desk/applications/{made.pk}/end/", follow=True)
    assert "Sculpt LT has ended" in words_of(ended)
    assert error_of(program.about(tokens["access_token"])) == "invalid_token"
    assert error_of(program.refresh(tokens["refresh_token"])) in ("invalid_grant", "invalid_client")
    assert signed_in(cast.emil).get("/openid/authorize/", program.question()).status_code == 400
    assert error_of(program.ask("device_authorization_endpoint", scope="openid")) == "invalid_client"
    assert karl.post(f"/desk/applications/{made.pk}/end/").status_code == 409


def test_who_has_not_just_shown_who_they_are_is_asked_again(cast: Cast) -> None:
    stale = at_desk(staff_member("Ada", "Admin", "administrator"), fresh=False)
    assert stale.post("/desk/applications/", TYPED).headers["Location"].startswith("/sign-in/again/")
    assert not Application.objects.exists()
    finance = at_desk(staff_member("Fiona", "Lenoir", "finance"))
    assert finance.get("/desk/applications/").status_code == 404
