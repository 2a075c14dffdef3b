"""A file over HTTP: whole or a part, so that what broke off goes on where it stopped (RFC 9110)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from os import SEEK_END
from typing import IO, cast
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from ..rules.ranges import STEP, Part, Unsatisfiable, part_asked_for, still_the_same
from .store import ascii_name

PIECE = 256 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told how many bytes went out: now and then while they do, and once at the end, however the answer ends.

    `reached` says whether it may go on.
    """

    reached: Callable[[int], bool]
    ended: Callable[[int], None]


class Pieces:
    """The bytes of a part, a piece at a time."""

    def __init__(self, content: IO[bytes], part: Part, told: Told) -> None:
        self._content, self._left, self._length, self._told = content, part.length, part.length, told
        self._noted = 0
        content.seek(part.start)
        self._open = True

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = self._content.read(min(PIECE, self._left)) if self._left else b""
        if not piece:
            self.close()
            raise StopIteration
        out = self._length - self._left  # whoever asks for the next piece has taken those before
        if out - self._noted >= STEP:
            self._noted = out
            if not self._told.reached(out):
                self.close()  # shorter than was said: whoever reads it asks for the rest, and is told why not
                raise StopIteration
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        """The answer has ended, or the reader has gone."""
        if self._open:
            self._open = False
            self._content.close()
            self._told.ended(self._length - self._left)


@dataclass(frozen=True, slots=True)
class Offer:
    """A file to hand out: its name, type, size in bytes, SHA-256, and since when it is what it is."""

    name: str
    media_type: str
    size: int
    sha256: str
    since: datetime

    @property
    def etag(self) -> str:
        """The strong tag of its bytes."""
        return f'"{self.sha256}"'

    @property
    def last_modified(self) -> str:
        """As HTTP writes it."""
        return http_date(self.since.timestamp())

    def headers(self) -> dict[str, str]:
        """What every answer says of it."""
        return {
            "Accept-Ranges": "bytes",
            "ETag": self.etag,
            "Last-Modified": self.last_modified,
            "Content-Type": self.media_type,
            "Content-Disposition": f"attachment; filename=\"{ascii_name(self.name)}\"; filename*=UTF-8''{quote(self.name)}",
            "Cache-Control": "private, no-cache",
            "X-Robots-Tag": "noindex",
        }


def answer(
    request: HttpRequest,
    offer: Offer,
    *,
    open_it: Callable[[], IO[bytes]],
    begins: Callable[[Part], Told],
) -> HttpResponse:
    """All of a file or the part that is asked for: 200, 206, 304, 412 or 416. Raises OSError: gone, or of another size.

    `begins` is called with the part before its first byte goes out, and returns who is told how many did.
    """
    early = get_conditional_response(request, offer.etag, int(offer.since.timestamp()), None)
    if early is not None:
        early["ETag"], early["Last-Modified"], early["Cache-Control"] = offer.etag, offer.last_modified, "private, no-cache"
        return early
    told = offer.headers()
    try:
        found = _part(request, offer)
    except Unsatisfiable:
        return HttpResponse(status=416, headers={**told, "Content-Range": f"bytes */{offer.size}"})
    part = found or Part(0, offer.size)
    told["Content-Length"] = str(part.length)
    if found is not None:
        told["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{offer.size}"
    if request.method == "HEAD":
        return HttpResponse(headers=told)
    content = open_it()
    try:
        if content.seek(0, SEEK_END) != offer.size:  # changed behind our back: not a byte of it goes out as what it was
            raise OSError(f"it has not the {offer.size} bytes that it had")
        pieces = Pieces(content, part, begins(part))
    except Exception:
        content.close()
        raise
    return cast(HttpResponse, StreamingHttpResponse(pieces, status=200 if found is None else 206, headers=told))


def _part(request: HttpRequest, offer: Offer) -> Part | None:
    wanted = request.headers.get("Range", "") if request.method == "GET" else ""
    same = still_the_same(request.headers.get("If-Range", ""), offer.etag, offer.last_modified)
    return part_asked_for(wanted, offer.size) if wanted and same else None
