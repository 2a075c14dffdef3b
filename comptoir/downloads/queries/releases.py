"""Reads of what is published. Nothing of a draft is ever read here."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch

from comptoir.catalogue.models import Product
from comptoir.entitlements.ports import Version as Newest
from comptoir.entitlements.ports import Versions
from comptoir.entitlements.queries.exceptions import excepted_versions
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused

from ..models import Release, ReleaseFile
from ..rules.versions import Window, newest_first, window
from .published import Out, newest_of, published, published_of, versions_of
from .withheld import Kept, kept_from, refusals_of


class Releases:
    """Fills `entitlements.Releases`."""

    def newest(self, products: Collection[int], on: date) -> Mapping[int, Newest]:
        """The newest version of each product on that day, updates included. One query."""
        return {
            pk: Newest(row.version, row.title, row.released_on)
            for pk, some in published_of(products, on).items()
            if (row := newest_of(some)) is not None
        }

    def versions(self, products: Collection[int], on: date) -> Mapping[int, Versions]:
        """The releases of each product on that day, without updates. Two queries."""
        known = Product.objects.in_bulk(products)
        return {pk: _versions(known[pk], some) for pk, some in published_of(products, on).items()}


def _versions(product: Product, rows: Sequence[Out]) -> Versions:
    found = window_of(product, rows)
    # a preview is no version that somebody has a right to
    releases = {row.version for row in rows if row.kind == Release.Kind.RELEASE and not row.is_preview}
    allowed, too_old = (tuple(one for one in some if one in releases) for some in (found.allowed, found.too_old))
    return Versions(allowed, too_old, found.depth)


@dataclass(frozen=True, slots=True)
class Shown:
    """A release with its files, and whether it may be installed (rules 9)."""

    release: Release
    files: Sequence[ReleaseFile]
    allowed: bool


def window_of(product: Product, releases: Iterable[Out | Release], more: Collection[str] = ()) -> Window:
    """Which of a product's releases may be installed. `more`: versions that an exception allows."""
    return window(versions_of(releases), product.previous_versions, more)


def releases_of(product: Product, on: date, more: Collection[str] = ()) -> list[Shown]:
    """The releases of a product that are out on that day, newest first, with their files. Two queries.

    `more`: versions that an exception allows.
    """
    return releases_of_all([product], on, {product.pk: more})[product.pk]


def releases_of_all(
    products: Iterable[Product], on: date, more: Mapping[int, Collection[str]] | None = None
) -> dict[int, list[Shown]]:
    """The same of many products, by their ids. Two queries, however many products and releases."""
    known, excepted = {product.pk: product for product in products}, more or {}
    files = ReleaseFile.objects.order_by("kind", "platform", "architecture", "language", "name")
    rows: dict[int, list[Release]] = {pk: [] for pk in known}
    for row in published(on).filter(product__in=known).prefetch_related(Prefetch("files", queryset=files)):
        rows[row.product_id].append(row)
    return {pk: _shown(product, rows[pk], excepted.get(pk, ())) for pk, product in known.items()}


def _shown(product: Product, rows: list[Release], more: Collection[str]) -> list[Shown]:
    told = window_of(product, rows, more)
    allowed, by_version = set(told.allowed), {row.version: row for row in rows}
    order = [by_version[one.version] for one in newest_first(versions_of(rows))]
    return [Shown(row, sorted(row.files.all(), key=_to_read), row.version in allowed) for row in order]


def _to_read(file: ReleaseFile) -> bool:
    """What installs comes before what is to be read."""
    return file.kind == ReleaseFile.Kind.DOCUMENTATION


def file_by_id(pk: int) -> ReleaseFile:
    """One file with its release and product; of a draft or gone: ReleaseFile.DoesNotExist."""
    rows = ReleaseFile.objects.exclude(release__state=Release.State.DRAFT)
    return rows.select_related("release__product").get(pk=pk)


def refuse_not_installable(actor: Actor, file: ReleaseFile, on: date) -> None:
    """Raises Refused for a file that the actor may not install then (rules 9).

    `version_withdrawn`, `version_too_old`, `version_withheld`.
    """
    release = file.release
    if release.state == Release.State.WITHDRAWN:
        told = {"version": release.title, "reason": release.withdrawn_because}
        raise Refused("version_withdrawn", params=told)
    more = excepted_versions(actor, release.product_id, on)
    allowed = window_of(release.product, published(on).filter(product=release.product), more)
    if release.version not in allowed:
        raise Refused("version_too_old", params={"version": release.title, "depth": allowed.depth})
    refuse_withheld(actor, release, on)


def refuse_withheld(actor: Actor, release: Release, on: date) -> None:
    """Raises Refused `version_withheld`, with who gives benefits, where the actor has not the one that it takes (rules 9)."""
    kept = kept_from(actor, on)
    if not kept.benefits:
        return
    benefit = kept.of(published(on).filter(product_id=release.product_id)).get(release.pk)
    if benefit is not None:
        raise refusals_of(actor, [(release, benefit)])[0]


def offered(kept: Kept, shown: Sequence[Shown]) -> list[Shown]:
    """Those of all releases of one product that are not withheld."""
    withheld = kept.of([each.release for each in shown])
    return [each for each in shown if each.release.pk not in withheld]


def published_release(pk: int, on: date) -> Release:
    """One release that is out, with its product. Raises Release.DoesNotExist."""
    return published(on).select_related("product").get(pk=pk)
