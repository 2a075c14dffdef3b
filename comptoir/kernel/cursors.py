"""A place in a list as an opaque text: how pages and the API go on where they stopped."""

import base64
import binascii
import json
import re
from collections.abc import Sequence
from typing import Any

from .errors import Refused


def cursor_of(*parts: str | int) -> str:
    """A place in a list as an opaque text."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


# no row holds a zero byte or half a character, and the database takes neither
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def place_of(cursor: str | None, kinds: Sequence[type]) -> tuple[Any, ...] | None:
    """The place that a cursor names. Raises Refused `cursor_malformed`."""
    if not cursor:
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        parts = None
    if (
        not isinstance(parts, list)
        or len(parts) != len(kinds)
        or any(type(part) is not kind for part, kind in zip(parts, kinds, strict=True))
        or any(UNSTORABLE.search(part) for part in parts if isinstance(part, str))
    ):
        raise Refused("cursor_malformed", field="cursor", status=422)
    return tuple(parts)
