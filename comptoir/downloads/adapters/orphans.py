"""Bytes in the store that no file of a release stands on."""

from collections.abc import Iterator
from datetime import timedelta

from comptoir.kernel.clock import now

from ..models import ReleaseFile
from .store import is_this_disk, kept

YOUNG = timedelta(days=1)  # whose upload may not have ended


def orphans() -> Iterator[str]:
    """The digests of what has lain there for a day and belongs to no file. Raises StoreUnreachable.

    Of a bucket none: another house may keep its files there too, such as the one that this house is a copy of.
    """
    if not is_this_disk():
        return
    before, known = now() - YOUNG, set(ReleaseFile.objects.values_list("sha256", flat=True))
    yield from (sha256 for sha256, since in kept() if sha256 not in known and since < before)
