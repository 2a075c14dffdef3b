"""Reads of applications, of what they were let have, and of who is behind a code or a token."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Min
from django.urls import reverse

from comptoir.catalogue.models import Product
from comptoir.identity.models import Person
from comptoir.identity.queries import shown_language, shown_zone
from comptoir.kernel.clock import now

from .models import AccessToken, Application, DeviceGrant, Grant, RefreshToken, Subject
from .rules import Scope, digest_of

IDLE = timedelta(seconds=int(str(settings.OAUTH2_PROVIDER["REFRESH_TOKEN_EXPIRE_SECONDS"])))
BEARER = (
    "SELECT user_id FROM oauth2_provider_accesstoken WHERE token_checksum = %s AND expires > %s "
    "AND %s = ANY(string_to_array(scope, ' '))"
)

# --- people ---


class Bearers:
    """Fills `entitlements.Bearers`. One statement: what ends a sign-in takes its tokens away at once."""

    def person_of(self, token: str) -> int | None:
        """The person for whom a product asks about licences; None where the token is no good, or is for something else."""
        with connection.cursor() as cursor:
            cursor.execute(BEARER, [digest_of(token), now(), Scope.LICENCES])
            found = cursor.fetchone()
        return found[0] if found else None


def claims_of(person: Person) -> dict[str, Any]:
    """Everything that products can be told about a person. Needs the person's wall."""
    told = {
        "name": person.full_name,
        "given_name": person.first_name,
        "family_name": person.last_name,
        "locale": shown_language(person),
        "zoneinfo": shown_zone(person),
        "email": person.email,
    }
    # whoever is new proves the address by a code mailed to it; the old centre answered for those it knew
    known = {name: value for name, value in told.items() if value}
    return {"sub": str(Subject.objects.get(person=person).name), **known, "email_verified": True}


# --- applications ---


def application(pk: int) -> Application:
    """One application, ended or not. Raises Application.DoesNotExist."""
    return Application.objects.select_related("product").get(pk=pk)


def application_called(client_id: str) -> Application | None:
    """The application with this name that signs people in now."""
    if "\x00" in client_id:
        return None
    return Application.objects.select_related("product").filter(client_id=client_id, ended_at=None).first()


def applications() -> list[Application]:
    """Every application, those that have ended last."""
    rows = Application.objects.select_related("product").order_by("product__name", "name", "pk")
    return sorted(rows, key=lambda each: each.ended_at is not None)


def products() -> list[tuple[str, str]]:
    """What an application can be of: codes and names, retired products too, which somebody may still use."""
    return list(Product.objects.order_by("name").values_list("code", "name"))


def people_signed_in(applications: Collection[int]) -> dict[int, int]:
    """How many people are signed in with each of these applications."""
    rows = living().filter(application_id__in=applications).values_list("application_id", "user_id").distinct()
    counted: dict[int, int] = {}
    for each, _person in rows:
        counted[each] = counted.get(each, 0) + 1
    return counted


# --- sign-ins ---


@dataclass(frozen=True, slots=True)
class SignIn:
    """An application that signs in as somebody, on one or several devices."""

    application: Application
    devices: int
    since: datetime
    last_used: datetime


def living() -> Any:
    """The refresh tokens that can still be used: one for each sign-in."""
    return RefreshToken.objects.filter(revoked=None, access_token__expires__gt=now() - IDLE)


def sign_ins(person_id: int) -> list[SignIn]:
    """What signs in as this person, used last first. Three statements."""
    rows = list(living().filter(user_id=person_id).values_list("application_id", "token_family", "created"))
    families = RefreshToken.objects.filter(user_id=person_id, token_family__in=[family for _a, family, _c in rows])
    began = dict(families.values_list("token_family").annotate(Min("created")))
    found = Application.objects.select_related("product").in_bulk({each for each, _f, _c in rows})
    made = []
    for pk, its in found.items():
        own = [(began.get(family, used), used) for each, family, used in rows if each == pk]
        made.append(SignIn(its, len(own), min(first for first, _used in own), max(used for _first, used in own)))
    return sorted(made, key=lambda each: each.last_used, reverse=True)


def has_tokens(person_id: int) -> bool:
    """Whether anything signs in as this person."""
    return bool(
        AccessToken.objects.filter(user_id=person_id).exists()
        or RefreshToken.objects.filter(user_id=person_id, revoked=None).exists()
        or Grant.objects.filter(user_id=person_id).exists()
        or DeviceGrant.objects.filter(user_id=person_id).exists()  # let in, and not come for its tokens yet
    )


# --- who is behind it: asked at the door of an endpoint, before the library reads anything ---


def locked_code(code: str) -> Grant | None:
    """The row of a code, locked until the transaction ends: of two that redeem it one waits, and finds it used."""
    return Grant.objects.select_for_update().filter(code=digest_of(code)).first()


def locked_refresh_token(token: str) -> RefreshToken | None:
    """The row of a refresh token, locked until the transaction ends."""
    return RefreshToken.objects.select_for_update().filter(token_checksum=digest_of(token)).order_by("pk").last()


def locked_device(code: str) -> DeviceGrant | None:
    """The row of a device that asks, locked until the transaction ends."""
    return DeviceGrant.objects.select_for_update().filter(device_code=digest_of(code)).first()


def person_behind(token: str) -> int | None:
    """The person of a living access token, whatever it is for."""
    rows = AccessToken.objects.filter(token_checksum=digest_of(token), expires__gt=now())
    found: int | None = rows.values_list("user_id", flat=True).first()
    return found


def waiting_device(typed: str) -> DeviceGrant | None:
    """The device that shows this code and waits for somebody's answer."""
    rows = DeviceGrant.objects.filter(user_code=digest_of(typed), status=DeviceGrant.AUTHORIZATION_PENDING)
    return rows.filter(expires__gt=now()).first()


def introspected(token: str, asker: Application) -> dict[str, Any]:
    """What a confidential application hears of a token of its own product (RFC 7662)."""
    rows = AccessToken.objects.filter(token_checksum=digest_of(token), expires__gt=now(), application__product=asker.product_id)
    found = rows.select_related("application").first()
    if found is None:
        return {"active": False}
    return {
        "active": True,
        "iss": settings.BASE_URL,
        "client_id": found.application.client_id,
        "token_type": "Bearer",
        "scope": found.scope,
        "exp": int(found.expires.timestamp()),
        "iat": int(found.created.timestamp()),
    }


# --- what is published ---


def configuration() -> dict[str, Any]:
    """The discovery document (OpenID Connect Discovery 1.0, RFC 8414)."""
    at = {name: settings.BASE_URL + reverse(page) for name, page in ENDPOINTS.items()}
    ways = ["client_secret_basic", "client_secret_post"]
    return {
        "issuer": settings.BASE_URL,
        **at,
        "scopes_supported": [scope.value for scope in Scope],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [
            "authorization_code",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:device_code",
        ],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["none", *ways],
        "revocation_endpoint_auth_methods_supported": ["none", *ways],
        "introspection_endpoint_auth_methods_supported": ways,
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": CLAIMS,
        "prompt_values_supported": ["none", "login", "consent"],
        "ui_locales_supported": [code for code, _name in settings.LANGUAGES],
        "authorization_response_iss_parameter_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }


ENDPOINTS = {
    "authorization_endpoint": "openid_authorize",
    "token_endpoint": "openid_token",
    "device_authorization_endpoint": "openid_device",
    "userinfo_endpoint": "openid_userinfo",
    "jwks_uri": "openid_keys",
    "revocation_endpoint": "openid_revocation",
    "introspection_endpoint": "openid_introspection",
    "end_session_endpoint": "openid_sign_out",
}
CLAIMS = ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "jti"]
CLAIMS += ["name", "given_name", "family_name", "locale", "zoneinfo", "email", "email_verified"]
