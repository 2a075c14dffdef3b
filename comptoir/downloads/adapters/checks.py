"""What `comptoir verify` looks at in the store: whether the bytes are where the rows say."""

import hashlib
import secrets
from collections.abc import Iterator
from typing import IO

from comptoir.kernel.verifying import check_by, whole_asked

from ..models import ReleaseFile
from .orphans import orphans
from .store import StoreUnreachable, content_of, size_kept

SAMPLE = 20  # files of which every byte is read, others each time; `--whole` reads all
PIECE = 1_000_000  # bytes


@check_by(
    "release_files_kept",
    "Every file of a release lies in the store with its size, some are read whole; what has lain there for a day is of a file.",
)
def files_lost() -> Iterator[str]:
    """Files whose bytes are missing or others, and bytes of no file. A store that can't be asked is told once."""
    read = None if whole_asked() else set(_sample())
    try:
        for file in ReleaseFile.objects.select_related("release__product").order_by("pk").iterator():
            size = size_kept(file)
            if size is None:
                yield f"{_named(file)} is not in the store"
            elif size != file.size:
                yield f"{_named(file)} has {size} bytes in the store, {file.size} here"
            elif (read is None or file.pk in read) and _digest(content_of(file)) != file.sha256:
                yield f"{_named(file)} has other bytes in the store"
        yield from orphans_kept()
    except StoreUnreachable as error:
        yield f"the store of releases can't be asked: {error}"


def orphans_kept() -> Iterator[str]:
    """Bytes that a killed upload or a deleted draft left, and that no job has removed. Raises StoreUnreachable."""
    yield from (f"{sha256} in the store belongs to no file" for sha256 in orphans())


def _sample() -> list[int]:
    known = list(ReleaseFile.objects.values_list("pk", flat=True))
    return secrets.SystemRandom().sample(known, min(SAMPLE, len(known)))


def _digest(content: IO[bytes]) -> str:
    found = hashlib.sha256()
    with content:
        while piece := content.read(PIECE):
            found.update(piece)
    return found.hexdigest()


def _named(file: ReleaseFile) -> str:
    return f"{file.release.product.code} {file.release.version}: {file.name}"
