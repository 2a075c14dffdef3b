"""Releases as the desk sees them, drafts among them, with how often their files were downloaded. No customer is in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Q, Sum

from comptoir.catalogue.models import Product
from comptoir.downloads.models import Release, ReleaseFile


@dataclass(frozen=True, slots=True)
class OfProduct:
    """A product with what is published of it."""

    product: Product
    releases: int
    drafts: int
    newest_on: date | None
    downloads: int


def products() -> list[OfProduct]:
    """Every product that can be installed, by name. Two queries."""
    out = Q(release__state=Release.State.PUBLISHED)
    found = Product.objects.exclude(kind=Product.Kind.CLOUD).annotate(
        out=Count("release", filter=out),
        drafts=Count("release", filter=Q(release__state=Release.State.DRAFT)),
        newest=Max("release__released_on", filter=out),
    )
    counts = dict(
        ReleaseFile.objects.order_by()
        .values("release__product_id")
        .annotate(all=Sum("downloads"))
        .values_list("release__product_id", "all")
    )
    return [OfProduct(row, row.out, row.drafts, row.newest, counts.get(row.pk, 0)) for row in found.order_by("name", "code")]


@dataclass(frozen=True, slots=True)
class Line:
    """A release in a list."""

    release: Release
    files: int
    downloads: int
    of_trials: int


def releases(product: Product) -> list[Line]:
    """All releases of a product, newest first. One query."""
    found = Release.objects.filter(product=product).annotate(
        n=Count("files"), got=Sum("files__downloads", default=0), tried=Sum("files__of_trials", default=0)
    )
    return [Line(row, row.n, row.got, row.tried) for row in found.order_by("-released_on", "-id")]


def release(code: str, pk: int) -> Release:
    """One release of that product. Raises Release.DoesNotExist."""
    return Release.objects.select_related("product").get(product__code=code, pk=pk)


def files(release: Release) -> Sequence[ReleaseFile]:
    """Its files: what installs it before what is to be read."""
    found = release.files.order_by("kind", "platform", "architecture", "language", "name")
    return sorted(found, key=lambda file: file.kind == ReleaseFile.Kind.DOCUMENTATION)
