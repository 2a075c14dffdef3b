"""From the bytes of a file to its text, without ever failing: what cannot be read stays visible as a lone surrogate."""

from __future__ import annotations

import re
from dataclasses import dataclass

_UTF8_MARK = b"\xef\xbb\xbf"
_LONE = re.compile("[\ud800-\udfff]")
_SAMPLE = 4096


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the name of its encoding, and how many bytes made no sense in it."""

    text: str
    encoding: str
    damaged: int


def decode(data: bytes) -> Decoded:
    """Text of a file in UTF-8 (with or without mark), UTF-16 (with or without mark) or Windows-1252.

    A file that is UTF-8 on most of its lines with accents stays UTF-8: one damaged line must not garble the others.
    """
    wide = _utf16_flavour(data)
    if wide:
        text = data.decode(wide, errors="replace").removeprefix("\ufeff")
        return Decoded(text, "UTF-16", text.count("\ufffd"))
    body = data.removeprefix(_UTF8_MARK)
    text = body.decode("utf-8", errors="surrogateescape")
    damaged = len(_LONE.findall(text))
    if not damaged or _mostly_sound(text):
        return Decoded(text, "UTF-8", damaged)
    text = body.decode("cp1252", errors="surrogateescape")
    return Decoded(text, "Windows-1252", len(_LONE.findall(text)))


def _mostly_sound(text: str) -> bool:
    accented = [line for line in text.split("\n") if not line.isascii()]
    damaged = sum(1 for line in accented if _LONE.search(line))
    return 2 * damaged <= len(accented)


def _utf16_flavour(data: bytes) -> str | None:
    if data.startswith(b"\xff\xfe"):
        return "utf-16-le"
    if data.startswith(b"\xfe\xff"):
        return "utf-16-be"
    # Without a mark, headers in ASCII give it away: every second byte is zero.
    sample = data[:_SAMPLE]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if half >= 2 and odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le"
    if half >= 2 and even > 0.6 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None
