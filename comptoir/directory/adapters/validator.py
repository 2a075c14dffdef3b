"""What the library asks about applications, codes, tokens and people.

Codes go in and out of the tables as their digests. The door of each endpoint has locked what is redeemed and opened the wall of
the person before any of this runs.
"""

from datetime import datetime, timedelta
from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError
from oauthlib.oauth2.rfc8628.grant_types import DeviceCodeGrant

from comptoir.kernel.clock import now

from ..models import Application, DeviceGrant, Grant
from ..queries import claims_of
from ..rules import digest_of
from .server import DEVICE

SLACK = timedelta(seconds=1)  # clocks of two machines
MORE = 5  # seconds between two questions, each time that somebody asks too soon (RFC 8628, 3.5)


class Validator(OAuth2Validator):  # type: ignore[misc]
    """How the library fits the house."""

    # --- applications ---

    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Whether it showed its secret; a public one has none, and names itself."""
        shown = super().authenticate_client(request, *args, **kwargs)
        return bool(shown) and (not request.client.is_public or request.grant_type == DEVICE)

    def validate_silent_login(self, request: Request) -> bool:
        """The page of consent has looked already."""
        return True

    def validate_silent_authorization(self, request: Request) -> bool:
        """The page of consent has looked already."""
        return True

    # --- codes ---

    def _create_authorization_code(self, request: Request, code: dict[str, str], expires: datetime | None = None) -> Grant:
        made: Grant = super()._create_authorization_code(request, {**code, "code": digest_of(code["code"])}, expires)
        made.proved_at = request.proved_at
        made.save(update_fields=["proved_at"])
        return made

    def validate_code(self, client_id: str, code: str, client: Application, request: Request, *args: Any, **kw: Any) -> bool:
        """Whether the code is this application's and fresh, and its person may still sign in."""
        good = super().validate_code(client_id, digest_of(code), client, request, *args, **kw)
        if not good or not request.user.is_active:
            return False
        grant = Grant.objects.get(code=digest_of(code))
        request.proved_at = grant.proved_at
        return grant.family is None

    def get_code_challenge(self, code: str, request: Request) -> str | None:
        """The challenge that the code was asked with."""
        found: str | None = super().get_code_challenge(digest_of(code), request)
        return found

    def get_code_challenge_method(self, code: str, request: Request) -> str | None:
        """How the challenge was made: S256."""
        found: str | None = super().get_code_challenge_method(digest_of(code), request)
        return found

    def get_authorization_code_scopes(self, client_id: str, code: str, redirect_uri: str, request: Request) -> list[str]:
        """What the person agreed to."""
        found: list[str] = super().get_authorization_code_scopes(client_id, digest_of(code), redirect_uri, request)
        return found

    def get_authorization_code_nonce(self, client_id: str, code: str, redirect_uri: str, request: Request) -> str | None:
        """What the ID token repeats."""
        found: str | None = super().get_authorization_code_nonce(client_id, digest_of(code), redirect_uri, request)
        return found

    def confirm_redirect_uri(self, client_id: str, code: str, redirect_uri: str, client: Application, *args: Any) -> bool:
        """Whether it is the very address that the code went to."""
        return bool(super().confirm_redirect_uri(client_id, digest_of(code), redirect_uri, client, *args))

    def invalidate_authorization_code(self, client_id: str, code: str, request: Request, *args: Any, **kwargs: Any) -> None:
        """Note which tokens were given for the code: should it come again, they end."""
        unused = Grant.objects.filter(code=digest_of(code), application=request.client, family=None)
        if not unused.update(family=request.token_family):
            raise InvalidGrantError(request=request)

    # --- devices ---

    def validate_device_code(self, client_id: str, device_code: str, request: Request, *args: Any) -> str | None:
        """How it stands with a device, whose row is locked. Who was let in is let in once."""
        grant = DeviceGrant.objects.filter(device_code=digest_of(device_code), client_id=request.client.client_id).first()
        if grant is None:
            return None
        if grant.expires <= now():
            return str(DeviceCodeGrant.DEVICE_CODE_EXPIRED)
        if grant.status == grant.DENIED:
            return str(DeviceCodeGrant.DEVICE_CODE_DENIED)
        if grant.status != grant.AUTHORIZED:
            return _looked(grant)
        request.user, request.scopes, request.proved_at = grant.user, grant.scope.split(), grant.proved_at
        grant.delete()
        return str(DeviceCodeGrant.DEVICE_CODE_AUTHORIZED) if request.user is not None and request.user.is_active else None

    # --- tokens ---

    def _check_and_set_request_resource(self, request: Request) -> None:
        request.resource = []  # tokens are for the portal alone

    def _create_refresh_token(self, request: Request, *args: Any) -> Any:
        made = super()._create_refresh_token(request, *args)
        request.token_family = made.token_family
        return made

    def validate_refresh_token(self, refresh_token: str, client: Application, request: Request, *args: Any, **kw: Any) -> bool:
        """Whether it is this application's and unused, and its person may still sign in."""
        good = super().validate_refresh_token(refresh_token, client, request, *args, **kw)
        return bool(good) and request.user.is_active

    def refresh_id_token(self, request: Request) -> bool:
        """Never: who signed in, and when, was told when they did."""
        return False

    def validate_bearer_token(self, token: str, scopes: list[str], request: Request) -> bool:
        """Whether it lives, and its person may still sign in."""
        good = super().validate_bearer_token(token, scopes, request)
        return bool(good) and request.user is not None and request.user.is_active

    # --- people ---

    def get_claim_dict(self, request: Request) -> dict[str, Any]:
        """What can be told about the person; the scopes then say what is."""
        return claims_of(request.user)

    def get_id_token_dictionary(self, token: Any, handler: Any, request: Request) -> tuple[dict[str, Any], datetime]:
        """The claims of an ID token; `auth_time` is when the person last showed who they are."""
        claims, expires = super().get_id_token_dictionary(token, handler, request)
        if proved_at := getattr(request, "proved_at", None):
            claims["auth_time"] = int(proved_at.timestamp())
        return claims, expires


def _looked(grant: DeviceGrant) -> str:
    last, grant.looked_at = grant.looked_at, now()
    too_soon = last is not None and grant.looked_at - last < timedelta(seconds=grant.interval) - SLACK
    if too_soon:
        grant.interval += MORE
    grant.save(update_fields=["looked_at", "interval"])
    return str(DeviceCodeGrant.DEVICE_CODE_SLOW_DOWN if too_soon else DeviceCodeGrant.DEVICE_CODE_PENDING)
