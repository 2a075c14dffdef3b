"""Text of a document, without what no page and no XML can hold."""

import re
from typing import Any

BLANKS = re.compile(r"\s+")
# control characters, those that turn the direction of what follows, and code points that are no characters
UNPRINTED = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)


def printed(said: Any) -> Any:
    """The same, every text in it on one line and with printable characters only."""
    match said:
        case str():
            return UNPRINTED.sub("", BLANKS.sub(" ", said))
        case dict():
            return {key: printed(value) for key, value in said.items()}
        case list() | tuple():
            return [printed(value) for value in said]
    return said
