"""The endpoints that programs ask: the library's, behind our door.

Before the library reads anything, the row that is redeemed is locked and the wall of its person opened, in one transaction with
what is made of it. Of two that redeem one code, one token or one device at the same moment, one waits and finds it used.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.oauth2_backends import get_oauthlib_core
from oauth2_provider.utils import jwk_from_pem
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import OAuth2Error
from oauthlib.oauth2.rfc8628.endpoints.device_authorization import DeviceAuthorizationEndpoint

from comptoir.identity.adapters import address_of, known_address, within_limit
from comptoir.kernel.clock import now
from comptoir.kernel.gate import gets, gets_and_posts, posts, public_page
from comptoir.kernel.walls import wall_opened

from ..models import DeviceGrant, RefreshToken
from ..queries import application_called, introspected, locked_code, locked_device, locked_refresh_token, person_behind
from ..rules import digest_of
from .codes import new_user_code
from .server import CODE, DEVICE, REFRESH
from .validator import Validator

View = Callable[..., HttpResponse]
LONGEST = 20_000  # bytes; requests have a few hundred
DEVICE_SECONDS, DEVICE_INTERVAL = 600, 5
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def for_programs(limit: str) -> Callable[[View], View]:
    """An endpoint that takes a form, asks for no session, is limited by address and kept by nobody."""

    def decorate(view: View) -> View:
        guarded = posts(public_page(view))

        @csrf_exempt
        @wraps(guarded)
        def run(request: HttpRequest, **parts: Any) -> HttpResponse:
            length = request.headers.get("Content-Length") or "0"
            if not length.isdecimal() or int(length[:10]) > LONGEST:
                return _said({"error": "invalid_request"}, 413)
            # nothing comes twice (RFC 6749, 3.2), and nothing with a zero byte, which the database would not take
            told = [*request.POST.lists(), *request.GET.lists()]
            if any(len(values) > 1 or "\x00" in name + "".join(values) for name, values in told):
                return _said({"error": "invalid_request"}, 400)
            # counted in a transaction of its own: those of one office don't wait for each other
            if not within_limit(request, limit, address_of(request)):
                return _said({"error": "temporarily_unavailable"}, 429, {"Retry-After": "60"})
            return guarded(request, **parts)

        return run

    return decorate


@for_programs("openid_token")
def token(request: HttpRequest) -> HttpResponse:
    """Codes, refresh tokens and devices become tokens."""
    with _wall_of(_redeemed_by(request)):
        _url, headers, body, status = get_oauthlib_core().create_token_response(request)
    return _said(json.loads(body), status, headers)


@for_programs("openid_device")
def device(request: HttpRequest) -> HttpResponse:
    """A device without a browser begins: it gets a code to show, and one to ask with (RFC 8628, 3.1)."""
    core = get_oauthlib_core()
    page = f"{settings.BASE_URL}/device/"
    complete = page + "?code={user_code}"
    server = DeviceAuthorizationEndpoint(
        Validator(), page, DEVICE_SECONDS, DEVICE_INTERVAL, complete, user_code_generator=new_user_code
    )
    found = application_called(request.POST.get("client_id", ""))
    if found is None or not found.device_flow:
        return _said({"error": "invalid_client"}, 401) if found is None else _said({"error": "unauthorized_client"}, 400)
    try:
        _headers, told, status = server.create_device_authorization_response(*core._extract_params(request))
    except OAuth2Error as error:
        return _said(json.loads(error.json), error.status_code, error.headers)
    DeviceGrant.objects.create(
        client_id=request.POST["client_id"],
        device_code=digest_of(told["device_code"]),
        user_code=digest_of(told["user_code"]),
        scope=told.pop("scope"),
        interval=DEVICE_INTERVAL,
        expires=now() + timedelta(seconds=DEVICE_SECONDS),
        asked_from=known_address(request),
    )
    return _said(told, status)


@for_programs("openid_token")
def revocation(request: HttpRequest) -> HttpResponse:
    """A product gives a token back: the sign-in ends (RFC 7009)."""
    _url, headers, body, status = get_oauthlib_core().create_revocation_response(request)
    return _said(json.loads(body) if body else {}, status, headers)


@for_programs("openid_token")
def introspection(request: HttpRequest) -> HttpResponse:
    """What a confidential application may know of a token of its own product (RFC 7662)."""
    uri, method, body, headers = get_oauthlib_core()._extract_params(request)
    asked = Request(uri, method, body, headers)
    if not Validator().authenticate_client(asked) or asked.client.is_public:
        return _said({"error": "invalid_client"}, 401, {"WWW-Authenticate": "Basic"})
    return _said(introspected(request.POST.get("token", ""), asked.client), 200)


@csrf_exempt
@gets_and_posts
@public_page
def userinfo(request: HttpRequest) -> HttpResponse:
    """What the scopes of a token tell about its person. The token comes in the header, never in an address."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token or "access_token" in request.GET:
        return _said({"error": "invalid_request"}, 401, {"WWW-Authenticate": "Bearer"})
    with _wall_of(person_behind(token)):
        _url, headers, body, status = get_oauthlib_core().create_userinfo_response(request)
    return _said(json.loads(body), status, headers)


@gets
@public_page
def keys(request: HttpRequest) -> HttpResponse:
    """The public halves of the keys that sign ID tokens; the first signs now."""
    told = []
    for pem in settings.OPENID_KEYS:
        key = jwk_from_pem(pem)
        told.append({"use": "sig", "alg": "RS256", "kid": key.thumbprint(), **json.loads(key.export_public())})
    return published({"keys": told})


def published(told: Mapping[str, Any]) -> HttpResponse:
    """A document for every program, of any origin, that may be kept for five minutes."""
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"}
    return JsonResponse(told, headers=headers)


def _redeemed_by(request: HttpRequest) -> int | None:
    """The person of what a request redeems, whose row is locked. A code that was used already ends what it began."""
    grant_type = request.POST.get("grant_type")
    if grant_type == CODE and (grant := locked_code(request.POST.get("code", ""))) is not None:
        if grant.family is not None:
            RefreshToken.revoke_family(grant.family)
            grant.delete()
            return None
        return int(grant.user_id)
    if grant_type == REFRESH and (kept := locked_refresh_token(request.POST.get("refresh_token", ""))) is not None:
        return int(kept.user_id)
    if grant_type == DEVICE and (waiting := locked_device(request.POST.get("device_code", ""))) is not None:
        return waiting.user_id  # type: ignore[no-any-return]
    return None


def _wall_of(person: int | None) -> AbstractContextManager[None]:
    return nullcontext() if person is None else wall_opened(person=person)


def _said(told: Mapping[str, Any], status: int, headers: Mapping[str, str] | None = None) -> HttpResponse:
    kept = {name: value for name, value in (headers or {}).items() if name.lower() not in ("content-type", "cache-control")}
    return JsonResponse(told, status=status, headers={**kept, **NO_STORE})
