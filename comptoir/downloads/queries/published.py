"""What is published, as lightly as the rules of versions need it: a list of products reads thousands of releases."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import QuerySet

from ..models import Release
from ..rules.versions import Version, is_preview, newest


class Out(NamedTuple):
    """A release that is out."""

    pk: int
    product_id: int
    version: str
    kind: str
    released_on: date
    previous_versions: int | None
    title: str

    @property
    def is_preview(self) -> bool:
        """Whether its version says that it is not finished."""
        return is_preview(self.version)


def published(on: date) -> QuerySet[Release]:
    """The releases that are out on that day, withdrawn ones excepted."""
    return Release.objects.filter(state=Release.State.PUBLISHED, released_on__lte=on)


def published_of(products: Collection[int], on: date) -> dict[int, list[Out]]:
    """What is out of each of these products on that day. One query."""
    found: dict[int, list[Out]] = defaultdict(list)
    rows = published(on).filter(product_id__in=products).values_list(*Out._fields)
    for row in map(Out._make, rows):
        found[row.product_id].append(row)
    return found


def versions_of(rows: Iterable[Out | Release]) -> list[Version]:
    """As the rules take them."""
    return [Version(row.version, row.kind, row.released_on, row.previous_versions) for row in rows]


def newest_of(rows: Collection[Out]) -> Out | None:
    """The newest of all releases of one product, updates included: what somebody new to it installs."""
    version = newest(versions_of(rows))
    return next((row for row in rows if row.version == version), None)
