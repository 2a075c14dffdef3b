"""The request that brings a browser to the page of consent, and the answer that sends it back (RFC 6749, 4.1)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey
from oauth2_provider.exceptions import FatalClientError, OAuthToolkitError
from oauth2_provider.http import OAuth2ResponseRedirect
from oauth2_provider.oauth2_backends import get_oauthlib_core
from oauthlib.common import add_params_to_uri

from ..models import Application
from ..queries import application_called

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # SHA-256 in base64url
LONGEST_NONCE = 255
KEPT = ("client_id", "redirect_uri", "response_type", "state", "code_challenge", "code_challenge_method", "nonce")


class NobodyToAnswer(Exception):
    """It can't be told who asks, or where an answer would go: whoever sits there is told, and nobody is sent anywhere."""


class SentBack(Exception):
    """The program that asks is told that it can't have this."""

    def __init__(self, asked: "Asked", error: str) -> None:
        super().__init__(error)
        self.asked, self.error = asked, error


@dataclass(frozen=True, slots=True)
class Asked:
    """What a program asks for, as far as it may."""

    application: Application
    address: str
    state: str | None
    scopes: Sequence[str]
    told: dict[str, Any]


def asked_by(request: HttpRequest) -> Asked:
    """What the request asks for. Raises NobodyToAnswer, and SentBack for what is wrong with it."""
    # what comes twice means one thing to us and may mean another to somebody else (RFC 6749, 3.1)
    if not all(len(values) == 1 and values[0].isprintable() for _name, values in request.GET.lists()):
        raise NobodyToAnswer
    core = get_oauthlib_core()
    try:
        scopes, told = core.validate_authorization_request(request)
    except FatalClientError:
        raise NobodyToAnswer from None
    except OAuthToolkitError as error:
        raise SentBack(_named(request), error.oauthlib_error.error) from None
    asked = _named(request, scopes, {name: told[name] for name in KEPT if told.get(name) is not None})
    if {"request", "request_uri"} & set(request.GET):
        raise SentBack(asked, "request_not_supported")
    if asked.told.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(asked.told.get("code_challenge", "")):
        raise SentBack(asked, "invalid_request")
    if len(asked.told.get("nonce", "")) > LONGEST_NONCE:
        raise SentBack(asked, "invalid_request")
    return asked


def _named(request: HttpRequest, scopes: Sequence[str] = (), told: dict[str, Any] | None = None) -> Asked:
    """Who asks and where the answer goes: the library has compared the address already."""
    application = application_called(request.GET.get("client_id", ""))
    if application is None:
        raise NobodyToAnswer
    address = request.GET.get("redirect_uri") or application.redirect_uris.split()[0]
    return Asked(application, address, request.GET.get("state"), scopes, told or {})


def address_with_code(request: HttpRequest, asked: Asked, proved_at: datetime | None) -> str:
    """Where the browser goes with a code that was made for it. The person has agreed."""
    told = {**asked.told, "redirect_uri": asked.address, "proved_at": proved_at}
    core = get_oauthlib_core()
    address, _headers, _body, _status = core.create_authorization_response(request, list(asked.scopes), told, allow=True)
    return str(address)


def refused(no: SentBack) -> HttpResponse:
    """The redirect that says no to whoever asked."""
    told = [("error", no.error), *([("state", no.asked.state)] if no.asked.state else []), ("iss", settings.BASE_URL)]
    return sent_to(add_params_to_uri(no.asked.address, told), no.asked.application)


def sent_to(address: str, application: Application) -> HttpResponse:
    """A redirect to one of the application's own addresses, whatever its scheme."""
    response: HttpResponse = OAuth2ResponseRedirect(address, application.get_allowed_schemes())
    response.headers["Cache-Control"] = "no-store"
    return response


def application_of_hint(token: str) -> Application | None:
    """The application to which an ID token of ours was given, be it old; None for any other text."""
    keys = KeySet([RSAKey.import_key(pem) for pem in settings.OPENID_KEYS])
    try:
        claims = jwt.decode(token, keys, algorithms=["RS256"]).claims
    except (JoseError, ValueError):
        return None
    return application_called(str(claims.get("aud"))) if claims.get("iss") == settings.BASE_URL else None
