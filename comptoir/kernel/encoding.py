"""From the bytes of a file to its text, without ever failing: what cannot be read stays visible as a lone surrogate.

And what of a text is no text: a file that is none, signs of a name that nobody sees.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_UTF8_MARK = b"\xef\xbb\xbf"
_LONE = re.compile("[\ud800-\udfff]")
_SAMPLE = 4096
# how workbooks (new, old), PDFs, pictures and packed files begin
_NO_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b")
_MOST_CONTROLS = 0.05  # of the signs of what is still a text
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
# what turns the direction of the signs beside it, and what is not seen at all; both joiners belong to some scripts
_UNSEEN = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


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


def is_text(data: bytes) -> bool:
    """Whether a file is text at all, and not a workbook, a PDF, a picture or a packed file."""
    if data.startswith(_NO_TEXT):
        return False
    sample = decode(data[:_SAMPLE]).text
    return len(_CONTROLS.findall(sample)) <= max(2, _MOST_CONTROLS * len(sample))


def plain_line(text: str) -> str:
    """One line as people read it: single spaces, nothing unseen, and nothing that turns what stands beside it."""
    return " ".join(_UNSEEN.sub("", _CONTROLS.sub(" ", text)).split())


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
