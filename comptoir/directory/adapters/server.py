"""The server of OpenID: codes, refresh tokens and devices, and nothing else (RFC 9700, 2.1.2 and 2.4)."""

import json
from typing import Any

from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import OAuth2Error
from oauthlib.oauth2.rfc8628.grant_types import DeviceCodeGrant
from oauthlib.openid import Server as AnyServer
from oauthlib.openid.connect.core.grant_types.base import GrantTypeBase as OpenId

CODE, REFRESH, DEVICE = "authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"


class DeviceGrantWithIdToken(DeviceCodeGrant):  # type: ignore[misc]
    """The library's own tells a device nothing about who signed in."""

    id_token_hash = OpenId.id_token_hash

    def create_token_response(self, request: Request, token_handler: Any) -> tuple[dict[str, str], str, int]:
        """As the library's, with an ID token where `openid` was asked for."""
        headers: dict[str, str] = self._get_default_headers()
        try:
            self.validate_token_request(request)
        except OAuth2Error as error:
            headers.update(error.headers)
            return headers, error.json, error.status_code
        token = token_handler.create_token(request, refresh_token=True)
        token = OpenId.add_id_token(self, token, token_handler, request)
        self.request_validator.save_token(token, request)
        return headers, json.dumps(token), 200


class Server(AnyServer):  # type: ignore[misc]
    """What the library offers, without what must not be used any more."""

    def __init__(self, request_validator: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(request_validator, *args, **kwargs)
        self._response_types = {"code": self.auth_grant_choice}
        self._grant_types = {
            CODE: self.token_grant_choice,
            REFRESH: self.refresh_grant,
            DEVICE: DeviceGrantWithIdToken(request_validator),
        }
