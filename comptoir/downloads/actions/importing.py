"""Releases of an old centre."""

from collections.abc import Iterable

from comptoir.kernel.action import step
from comptoir.kernel.bulk import Added, add_missing

from ..models import Release


@step
def import_releases(releases: Iterable[Release]) -> Added:
    """Add the releases that are not here yet, by product and version."""
    return add_missing(Release, ["product_id", "version"], releases)
