"""A program that signs people in, as its makers would write it: it knows the protocol, and nothing of our code."""

import base64
import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.http import HttpResponse
from django.test import Client
from joserfc import jwt
from joserfc.jwk import KeySet

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
SCOPES = "openid profile email licences"


@dataclass
class Program:
    """One installation of a product. `at` is where it listens for the answer."""

    client_id: str
    at: str = "http://127.0.0.1:49152/callback"
    secret: str = ""
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    wire: Client = field(default_factory=Client)

    @cached_property
    def places(self) -> dict[str, Any]:
        """What the provider publishes about itself."""
        return json.loads(self.wire.get("/.well-known/openid-configuration").content)

    def path_of(self, name: str) -> str:
        """Where an endpoint is, on this host."""
        return urlsplit(self.places[name]).path

    @property
    def challenge(self) -> str:
        """SHA-256 of the verifier, base64url without padding."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")

    def question(self, **instead: str) -> dict[str, str]:
        """What the browser brings to the provider; an empty value leaves a part out."""
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.at,
            "scope": SCOPES,
            "state": "what we said",
            "nonce": "never twice",
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
            **instead,
        }
        return {name: value for name, value in asked.items() if value}

    def agreed(self, browser: Client, **instead: str) -> dict[str, str]:
        """Somebody comes, agrees, and is sent back: what the program hears at its address."""
        shown = browser.get(self.path_of("authorization_endpoint"), self.question(**instead))
        assert shown.status_code == 200, shown.headers
        return self.heard(browser.post(shown.wsgi_request.get_full_path(), {"answer": "yes"}))

    def heard(self, answer: HttpResponse) -> dict[str, str]:
        """The parts of an answer that was sent to the program's address."""
        assert answer.status_code == 302
        address = urlsplit(answer.headers["Location"])
        assert f"{address.scheme}://{address.netloc}{address.path}" == self.at
        return {name: values[0] for name, values in parse_qs(address.query).items()}

    def ask(self, endpoint: str, **told: str) -> HttpResponse:
        """A form, posted to an endpoint by its name in the discovery document."""
        shown = {"client_id": self.client_id, **({"client_secret": self.secret} if self.secret else {}), **told}
        return self.wire.post(self.path_of(endpoint), urlencode(shown), content_type="application/x-www-form-urlencoded")

    def redeem(self, code: str, **instead: str) -> HttpResponse:
        """The code, for tokens."""
        told = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.at, "code_verifier": self.verifier}
        return self.ask("token_endpoint", **{**told, **instead})

    def refresh(self, token: str) -> HttpResponse:
        """The refresh token, for a new pair."""
        return self.ask("token_endpoint", grant_type="refresh_token", refresh_token=token)

    def poll(self, device_code: str) -> HttpResponse:
        """Whether somebody has let the device in."""
        return self.ask("token_endpoint", grant_type=DEVICE, device_code=device_code)

    def signed_in(self, browser: Client) -> dict[str, Any]:
        """All of it: the tokens of somebody who agrees."""
        answer = self.redeem(self.agreed(browser)["code"])
        assert answer.status_code == 200, answer.content
        return answer.json()

    def claims(self, id_token: str) -> dict[str, Any]:
        """What an ID token says, its signature checked against the published keys."""
        keys = KeySet.import_key_set(json.loads(self.wire.get(self.path_of("jwks_uri")).content))
        token = jwt.decode(id_token, keys, algorithms=["RS256"])
        told = jwt.JWTClaimsRegistry(iss={"essential": True, "value": self.places["issuer"]}, aud={"value": self.client_id})
        told.validate(token.claims)
        return token.claims

    def about(self, token: str) -> HttpResponse:
        """What the provider tells of the person whose token it is."""
        return self.wire.get(self.path_of("userinfo_endpoint"), headers={"authorization": f"Bearer {token}"})


def error_of(answer: HttpResponse) -> str:
    """The code of an error, as programs read it; nothing of the token may stand in the answer."""
    assert answer.status_code in (400, 401, 403, 429), answer.content
    assert "no-store" in answer.headers["Cache-Control"]
    assert not re.search(r"access_token\"|refresh_token\"", answer.content.decode())
    return str(answer.json()["error"])
