"""How one of the vendor's products asks whether it may run: a small client to read, to run and to copy from.

It signs somebody in (OpenID Connect: code and PKCE in a browser, or a device's code where there is none), activates this device,
checks at each start, takes a file along for days without a network and checks that file by itself, uses a floating seat, and
ends when it is told to. Run it against `make run`:

    python examples/licence_client.py sign-in          # --device without a browser
    python examples/licence_client.py activate
    python examples/licence_client.py check
    python examples/licence_client.py go-offline
    python examples/licence_client.py check-offline    # no network is used
    python examples/licence_client.py float            # for products whose seats float
    python examples/licence_client.py end

Everything beyond Python's own library is `joserfc`, which checks signatures: `pip install "joserfc>=1.4"`. What the portal
promises to it stands in `docs/openid.md` and `docs/licences.md`.
"""

from __future__ import annotations

import argparse
import base64
import getpass
import hashlib
import json
import os
import platform
import secrets
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
import warnings
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

SCOPES = "openid profile licences"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
KEYS, REVOCATIONS = "/.well-known/comptoir-licence-keys.json", "/.well-known/comptoir-revocations.jwt"
PATIENCE = 15  # seconds for one call


class No(Exception):
    """The answer is no. `code` is stable, for programs; the words are for people."""

    def __init__(self, code: str, words: str, status: int = 0) -> None:
        super().__init__(words)
        self.code, self.status = code, status


@dataclass
class Kept:
    """What this installation keeps between two runs: one file that only its user can read.

    A real product keeps tokens and the secret of the activation in the system's key store.
    """

    path: Path
    values: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.path.exists():
            self.values = json.loads(self.path.read_text())

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)

    def keep(self, **values: Any) -> None:
        """Keep these too; None forgets."""
        self.values = {name: value for name, value in {**self.values, **values}.items() if value is not None}
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self.path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(self.values, indent=1))
        draft.replace(self.path)  # at once: a crash leaves the old file or the new one


def fingerprint_of_this_device(product: str) -> str:
    """The same on the same device for the same user, and of no use to anybody who reads it.

    A real product looks at more than a network card; what it looks at is its own affair.
    """
    seen = [product, f"{uuid.getnode():x}", platform.node(), platform.system(), getpass.getuser()]
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()


@dataclass
class Product:
    """One installation of a product on one device."""

    portal: str
    kept: Kept
    client_id: str = "comptoir-demo"
    code: str = "SCLT"
    version: str = ""
    fingerprint: str = ""
    device_name: str = ""
    open_browser: Callable[[str], object] = webbrowser.open
    say: Callable[[str], object] = print
    sleep: Callable[[float], object] = time.sleep

    def __post_init__(self) -> None:
        self.portal = self.portal.rstrip("/")
        self.fingerprint = self.fingerprint or fingerprint_of_this_device(self.code)
        self.device_name = self.device_name or platform.node()[:100] or "This device"

    # -- signing in -----------------------------------------------------------------------------------------------------------

    def sign_in(self) -> None:
        """Authorization code with PKCE, in the user's own browser, which comes back to an address on this machine (RFC 8252)."""
        places, verifier, state = self._places(), secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        with HTTPServer(("127.0.0.1", 0), _Heard) as listening:
            listening.timeout = 300
            back = f"http://127.0.0.1:{listening.server_port}/callback"
            asked = {
                "response_type": "code",
                "client_id": self.client_id,
                "redirect_uri": back,
                "scope": SCOPES,
                "state": state,
                "code_challenge": _url64(hashlib.sha256(verifier.encode()).digest()),
                "code_challenge_method": "S256",
            }
            self.open_browser(f"{places['authorization_endpoint']}?{urllib.parse.urlencode(asked)}")
            listening.handle_request()
            heard: dict[str, str] = getattr(listening, "heard", {})
        if not secrets.compare_digest(heard.get("state", ""), state) or heard.get("iss") != places["issuer"]:
            raise No("sign_in_not_ours", "What came back was not the answer to our question.")
        if "code" not in heard:
            raise No(heard.get("error", "sign_in_failed"), "Signing in was not agreed to.")
        told = {"grant_type": "authorization_code", "code": heard["code"], "redirect_uri": back, "code_verifier": verifier}
        self._keep_tokens(self._form(places["token_endpoint"], told))

    def sign_in_without_browser(self) -> None:
        """The device flow (RFC 8628): somebody types a code into a browser on any device."""
        places = self._places()
        begun = self._form(places["device_authorization_endpoint"], {"scope": SCOPES})
        self.say(f"Open {begun['verification_uri']} and type {begun['user_code']}")
        wait, until = float(begun.get("interval", 5)), time.monotonic() + begun["expires_in"]
        while time.monotonic() < until:
            self.sleep(wait)
            try:
                told = {"grant_type": DEVICE_GRANT, "device_code": begun["device_code"]}
                self._keep_tokens(self._form(places["token_endpoint"], told))
                return
            except No as no:
                if no.code == "slow_down":
                    wait += 5
                elif no.code != "authorization_pending":
                    raise
        raise No("expired_token", "Nobody typed the code in time.")

    def _token(self) -> str:
        """An access token: the one there is, or a new one by the refresh token, which is good once."""
        if not self.kept["access_token"]:
            raise No("not_signed_in", "Sign in first.")
        if time.time() > self.kept["access_until"]:
            told = {"grant_type": "refresh_token", "refresh_token": self.kept["refresh_token"]}
            self._keep_tokens(self._form(self._places()["token_endpoint"], told))
        return str(self.kept["access_token"])

    def _keep_tokens(self, told: dict[str, Any]) -> None:
        until = time.time() + told["expires_in"] - 30
        self.kept.keep(access_token=told["access_token"], refresh_token=told.get("refresh_token"), access_until=until)

    def _places(self) -> dict[str, Any]:
        found = json.loads(self._fetch(f"{self.portal}/.well-known/openid-configuration"))
        if found["issuer"] != self.portal:
            raise No("issuer_differs", f"{self.portal} says that it is {found['issuer']}.")
        return found

    # -- this device ----------------------------------------------------------------------------------------------------------

    def activate(self) -> dict[str, Any]:
        """Activate this device; the secret that comes back stands for it from now on, and the tokens can go."""
        told = self._call("POST", "/licences/activations", self._token(), self._device())
        self.kept.keep(activation=told["id"], secret=told["secret"])
        return told

    def check(self) -> dict[str, Any]:
        """May it run? Asked at each start; raises No with the reason."""
        query = urllib.parse.urlencode({"product": self.code, "version": self.version})
        return self._call("GET", f"/licences/check?{query}", self._secret())

    def end(self) -> None:
        """Somebody moves to another device: end the activation of this one, and forget what was kept."""
        self._call("DELETE", f"/licences/activations/{self.kept['activation']}", self._secret())
        self.kept.keep(activation=None, secret=None, file=None, access_token=None, refresh_token=None)

    def _device(self) -> dict[str, str]:
        told = {"product": self.code, "fingerprint": self.fingerprint, "version": self.version}
        return {**told, "name": self.device_name}

    def _secret(self) -> str:
        if not self.kept["secret"]:
            raise No("not_activated", "Activate this device first.")
        return str(self.kept["secret"])

    # -- without a network ----------------------------------------------------------------------------------------------------

    def go_offline(self) -> dict[str, Any]:
        """Get a signed file for this device, with the keys and the list that it is checked with; again: it is renewed."""
        told = self._call("POST", "/licences/files", self._secret(), {})
        self.kept.keep(file=told["file"])
        self.refresh_lists()
        return told

    def refresh_lists(self) -> None:
        """Fetch the public keys and the list of revoked files, whenever there is a network."""
        keys, revoked = self._fetch(self.portal + KEYS), self._fetch(self.portal + REVOCATIONS)
        self.kept.keep(keys=json.loads(keys), revoked=revoked)

    def check_offline(self, at: float | None = None) -> dict[str, Any]:
        """May it run, as far as its file says? Uses no network. Raises No with the reason."""
        at = time.time() if at is None else at
        if not self.kept["file"]:
            raise No("no_file", "There is no licence file on this device.")
        latest = float(self.kept["latest"] or 0)
        if at < latest - 3600:
            raise No("clock_set_back", "The clock of this device was set back.")
        told = verified(self.kept["file"], "comptoir-licence+jwt", self.kept["keys"])
        revoked = verified(self.kept["revoked"], "comptoir-revocations+jwt", self.kept["keys"])
        for code, wrong, words in (
            ("issuer_differs", told["iss"] != self.portal, "The file comes from another portal."),
            ("other_product", told["aud"] != self.code, "The file is for another product."),
            ("other_device", told["device"] != self.fingerprint, "The file is for another device."),
            ("not_yet", at < told["nbf"], "The file does not hold yet: look at the clock of this device."),
            ("file_has_ended", at >= told["exp"], "The file has ended: go online to renew it."),
            ("file_revoked", told["jti"] in revoked["revoked"], "The file was revoked: go online to see why."),
        ):
            if wrong:
                raise No(code, words)
        self.kept.keep(latest=max(at, latest))
        return told

    # -- floating seats -------------------------------------------------------------------------------------------------------

    def take_seat(self) -> dict[str, Any]:
        """Take a floating seat; 409 tells how many are in use and, to who may see people, by whom."""
        told = self._call("POST", "/licences/leases", self._token(), self._device())
        self.kept.keep(lease=told["lease"])
        return told

    def keep_seat(self) -> dict[str, Any]:
        """A sign of life, every `heartbeat_seconds`."""
        return self._call("POST", f"/licences/leases/{self.kept['lease']}/heartbeat", self._token())

    def borrow_seat(self, days: int) -> dict[str, Any]:
        """Take the seat along without a network: a file for this device, which is activated first."""
        body = {"activation": self.activate()["id"], "days": days}
        told = self._call("POST", f"/licences/leases/{self.kept['lease']}/borrowing", self._token(), body)
        self.kept.keep(file=told["file"])
        self.refresh_lists()
        return told

    def give_seat_back(self) -> None:
        """Another one can have it."""
        self._call("POST", f"/licences/leases/{self.kept['lease']}/return", self._token())
        self.kept.keep(lease=None)

    # -- the wire -------------------------------------------------------------------------------------------------------------

    def _call(self, method: str, path: str, secret: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {secret}", "Accept": "application/json"}
        if method == "POST":
            # one key for one wish: a call that is sent again after a time-out does nothing twice
            headers |= {"Content-Type": "application/json", "Idempotency-Key": secrets.token_urlsafe(16)}
        data = None if body is None else json.dumps(body).encode()
        found: dict[str, Any] = json.loads(self._fetch(f"{self.portal}/api/v1{path}", method, data, headers))
        return found

    def _form(self, address: str, told: dict[str, str]) -> dict[str, Any]:
        data = urllib.parse.urlencode({"client_id": self.client_id, **told}).encode()
        found: dict[str, Any] = json.loads(self._fetch(address, "POST", data, {}))
        return found

    def _fetch(self, address: str, method: str = "GET", data: bytes | None = None, headers: dict[str, str] | None = None) -> str:
        asked = urllib.request.Request(address, data=data, headers=headers or {}, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as refused:
            raise _no(refused.code, refused.read()) from None
        except OSError as away:
            raise No("no_network", f"The portal can’t be reached: {away}.") from None


def verified(text: str, kind: str, keys: dict[str, Any]) -> dict[str, Any]:
    """What a signed document says. Raises No for one of another kind, altered, or signed by a key that is not public."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # RFC 9864 has a newer name for EdDSA
            found = jws.deserialize_compact(text, KeySet.import_key_set(keys), algorithms=["EdDSA"])
    except (JoseError, ValueError) as wrong:
        raise No("not_signed_by_the_vendor", f"This is not what the vendor signed: {wrong}.") from None
    if found.headers().get("typ") != kind:
        raise No("not_signed_by_the_vendor", "This is signed, but it is no such document.")
    told: dict[str, Any] = json.loads(found.payload)
    return told


def _no(status: int, content: bytes) -> No:
    """A refusal of the API (RFC 9457) or of the sign-in (RFC 6749)."""
    try:
        told = json.loads(content)
    except ValueError:
        return No("unreadable", f"The portal answered {status}.", status)
    words = [told.get("detail") or told.get("error_description") or "", told.get("next_step") or ""]
    return No(told.get("code") or told.get("error") or "refused", " ".join(filter(None, words)), status)


class _Heard(BaseHTTPRequestHandler):
    """The browser comes back: the parts of its address are what we wanted to hear."""

    def do_GET(self) -> None:
        """Keep them, and tell the person that they can close the page."""
        told = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        self.server.heard = {name: values[0] for name, values in told.items()}  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"You can close this page and go back to the program.")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the address carries the code."""


def _url64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _float(product: Product, borrow: int) -> None:
    told = product.take_seat()
    print(f"A floating seat of {told['subscription']} is yours. Ctrl+C gives it back.")
    if borrow:
        print(f"Borrowed until {product.borrow_seat(borrow)['ends_on']}.")
        return
    try:
        while True:
            time.sleep(told["heartbeat_seconds"])
            told = product.keep_seat()
    except KeyboardInterrupt:
        product.give_seat_back()


def main(arguments: list[str] | None = None) -> int:
    """One command; 0 for yes, 1 for no."""
    parser = argparse.ArgumentParser(description="Ask the portal whether this program may run.")
    parser.add_argument("what", choices=["sign-in", "activate", "check", "go-offline", "check-offline", "float", "end"])
    parser.add_argument("--portal", default=os.environ.get("COMPTOIR_URL", "http://127.0.0.1:8000"))
    parser.add_argument("--product", default="SCLT", help="its code in the catalogue")
    parser.add_argument("--client-id", default="comptoir-demo")
    parser.add_argument("--version", default="", help="the version that runs")
    parser.add_argument("--home", type=Path, default=Path.home() / ".config" / "licence-client")
    parser.add_argument("--device", action="store_true", help="sign in without a browser on this machine")
    parser.add_argument("--borrow", type=int, default=0, metavar="DAYS", help="take a floating seat along")
    told = parser.parse_args(arguments)
    product = Product(told.portal, Kept(told.home / "kept.json"), told.client_id, told.product, told.version)
    try:
        match told.what:
            case "sign-in":
                (product.sign_in_without_browser if told.device else product.sign_in)()
                print("Signed in.")
            case "activate":
                print(f"Activated, by {product.activate()['ground']}.")
            case "check":
                print(f"Yes, by {product.check()['ground']}.")
            case "go-offline":
                print(f"Good without a network until {product.go_offline()['ends_on']}.")
            case "check-offline":
                print(f"Yes, until {time.strftime('%Y-%m-%d', time.localtime(product.check_offline()['exp']))}.")
            case "float":
                _float(product, told.borrow)
            case "end":
                product.end()
                print("This device is no longer activated.")
    except No as no:
        print(f"No ({no.code}): {no}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
