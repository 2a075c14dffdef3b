"""What may be registered, and what a typed code means."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels, so that no code is a word; none that looks like another (RFC 8628, 6.1)
CODE_LENGTH = 8
LOOPBACK = ("127.0.0.1", "::1")
MOST_ADDRESSES = 10
LONGEST_ADDRESS = 500
OWN_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")  # a domain of the vendor's, backwards (RFC 8252, 7.1)


class Scope(StrEnum):
    """What an application may ask for."""

    OPENID = "openid"
    PROFILE = "profile"
    EMAIL = "email"
    LICENCES = "licences"


def digest_of(secret: str) -> str:
    """What is kept of a code or a token: it is only compared."""
    return hashlib.sha256(secret.encode()).hexdigest()


def code_as_typed(text: str) -> str:
    """The code that somebody means: `wdjb mjht` is `WDJB-MJHT`."""
    letters = "".join(letter for letter in text.upper() if letter.isalnum())
    return f"{letters[:4]}-{letters[4:]}" if letters else ""


def scheme_of(address: str) -> str:
    """The scheme of an address, in lower case."""
    return address.partition(":")[0].lower()


def origin_of(address: str) -> str:
    """Where a browser is sent by this address, as a content security policy names it."""
    parts = urlsplit(address)
    named = parts.scheme in ("http", "https") and not parts.netloc.startswith("[")  # such a policy knows no IPv6
    return f"{parts.scheme}://{parts.netloc}" if named else f"{parts.scheme}:"


@dataclass(frozen=True, slots=True)
class Wrong:
    """An address that can't be registered, and why."""

    address: str
    reason: str


def wrong_address(addresses: Sequence[str], *, public: bool) -> Wrong | None:
    """The first address that an application may not send people to (RFC 9700, 2.1; RFC 8252, 7).

    https anywhere; plain http to the machine itself alone; a scheme of its own for a public one, with a dot in it.
    """
    for address in addresses:
        reason = _wrong(address, public=public)
        if reason:
            return Wrong(address, reason)
    return Wrong(addresses[MOST_ADDRESSES], "too_many") if len(addresses) > MOST_ADDRESSES else None


def _wrong(address: str, *, public: bool) -> str:
    try:
        parts, port = urlsplit(address), urlsplit(address).port
    except ValueError:
        return "malformed"
    plain = address.isascii() and address.isprintable() and not set(address) & set(" \"'<>\\^`{|}#*@,;")
    if not plain or len(address) > LONGEST_ADDRESS or port == 0:
        return "malformed"
    if parts.scheme == "https":
        return "" if parts.hostname else "malformed"
    if parts.scheme == "http":
        return "" if parts.hostname in LOOPBACK else "not_encrypted"
    if not public or not OWN_SCHEME.fullmatch(parts.scheme):
        return "scheme"
    return "" if parts.netloc or parts.path.startswith("/") else "malformed"
