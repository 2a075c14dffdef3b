"""Signing in to a product in a browser, in English and French: sign-in, consent, back to the program; a device; ending it."""

import base64
import hashlib
import json
import secrets
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests import browser
from tests.browser import SIGN_IN, House, Visitor, asked, visiting

pytestmark = pytest.mark.browser
OLD_ID = "SC00000001"  # of somebody at the old centre whom no other story meets: their language changes
SPEAK = (
    "UPDATE identity_person SET language = %s, language_confirmed_at = now(), tour_ended_at = now() "
    "WHERE id = (SELECT person_id FROM identity_oldsignin WHERE lower(old_id) = lower(%s)) RETURNING email"
)
CLIENT = "comptoir-demo"
SAID = {
    "en": {"title": "Sign in to Sculpt LT", "in": "Let it in", "end": "Sign it out", "none": "No product is signed in as you."},
    "fr": {
        "title": "Se connecter à Sculpt LT",
        "in": "Autoriser",
        "end": "Déconnecter",
        "none": "Aucun produit n’est connecté en votre nom.",
    },
}


@contextmanager
def program_listening() -> Iterator[tuple[str, list[dict[str, list[str]]]]]:
    """A program on this machine that waits for its answer: its address, and what it heard."""
    heard: list[dict[str, list[str]]] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/callback"):
                heard.append(parse_qs(urlsplit(self.path).query))
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<title>Done</title><link rel=icon href='data:,'><p>Back in the product.</p>")

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/callback", heard
    server.shutdown()


def post(house: House, path: str, **told: str) -> dict[str, str]:
    """A form, as a program sends it."""
    with urllib.request.urlopen(f"{house.url}{path}", urlencode({"client_id": CLIENT, **told}).encode(), timeout=60) as answer:
        return dict(json.load(answer))


def test_somebody_signs_in_to_a_product_and_out_again(house: House, chromium: Browser) -> None:
    for language in browser.BOTH:
        with visiting(chromium, house, language) as somebody:
            _signs_in(somebody, house, language)
            _lets_a_device_in(somebody, house, language)
            _ends_it(somebody, language)


def _signs_in(somebody: Visitor, house: House, language: str) -> None:
    page, said, verifier = somebody.page, SAID[language], secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    with program_listening() as (address, heard):
        told = {"response_type": "code", "client_id": CLIENT, "redirect_uri": address, "scope": "openid profile email licences"}
        told |= {"state": "s", "code_challenge": challenge, "code_challenge_method": "S256"}
        page.goto(f"/openid/authorize/?{urlencode(told)}")
        ((email,),) = asked(house, SPEAK, language, OLD_ID)
        page.get_by_role("textbox").first.fill(OLD_ID)
        page.locator("input[type=password]").fill(f"legacy-{int(OLD_ID[2:7])}-{int(OLD_ID[7:])}")
        page.get_by_role("button", name=SIGN_IN[language], exact=True).click()
        expect(page.get_by_role("heading", name=said["title"])).to_be_visible()
        somebody.look("consent")
        if language == "fr":
            somebody.look_narrow_and_dark({"consent": page.url, "device-code": "/device/", "sign-ins": "/profile/products/"})
        page.locator("button[value=yes]").click()
        expect(page.get_by_text("Back in the product.")).to_be_visible()
    assert heard[0]["state"] == ["s"]
    assert heard[0]["iss"] == [house.url]
    redeemed = {"grant_type": "authorization_code", "redirect_uri": address, "code_verifier": verifier}
    tokens = post(house, "/openid/token/", code=heard[0]["code"][0], **redeemed)
    asking = urllib.request.Request(
        f"{house.url}/openid/userinfo/", headers={"Authorization": f"Bearer {tokens['access_token']}"}
    )
    with urllib.request.urlopen(asking, timeout=60) as answer:
        told_of = json.load(answer)
    assert (told_of["email"], told_of["locale"]) == (email, language)


def _lets_a_device_in(somebody: Visitor, house: House, language: str) -> None:
    page, said = somebody.page, SAID[language]
    begun = post(house, "/openid/device/", scope="openid profile")
    page.goto(begun["verification_uri_complete"])
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_text(begun["user_code"])).to_be_visible()
    somebody.look("device")
    page.get_by_role("button", name=said["in"], exact=True).click()
    page.wait_for_url("**/profile/products/")
    told = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": begun["device_code"]}
    assert post(house, "/openid/token/", **told)["id_token"]


def _ends_it(somebody: Visitor, language: str) -> None:
    page, said = somebody.page, SAID[language]
    page.goto("/profile/products/")
    somebody.look("sign-ins")
    page.get_by_role("button", name=said["end"]).click()
    expect(page.get_by_text(said["none"])).to_be_visible()
