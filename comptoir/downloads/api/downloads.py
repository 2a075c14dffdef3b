"""The API of downloads: what may be had, links to files, who downloaded what."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.conf import settings
from django.urls import reverse
from ninja import Path as InPath
from ninja import Router, Schema

from comptoir.entitlements.queries.exceptions import excepted
from comptoir.kernel.api import PROBLEMS, Limit, operation
from comptoir.kernel.cursors import place_of
from comptoir.kernel.gate import GateRequest
from comptoir.kernel.paging import PAGE_SIZE, Place
from comptoir.permissions import Can

from ..queries import pages
from ..queries.entitled import refuse_without_right
from ..queries.links import link_to
from ..queries.releases import file_by_id, offered, refuse_not_installable, releases_of_all
from ..queries.withheld import kept_from

router = Router(tags=["Downloads"])
AnId = Annotated[int, InPath(ge=1, le=2**63 - 1)]


class ReleaseFileOut(Schema):
    """One file of a release: size in bytes, SHA-256 in hex, Ed25519 signature in base64."""

    id: int
    name: str
    platform: str
    architecture: str
    language: str
    kind: str
    media_type: str
    size: int
    sha256: str
    signature: str


class ReleaseOut(Schema):
    """A release that may be installed, in the language of the call."""

    id: int
    version: str
    kind: str
    released_on: date
    title: str
    notes: str
    files: list[ReleaseFileOut]


class OwnProductOut(Schema):
    """A product that may be downloaded, and why: by a seat, by looking after it, or as a trial that ends."""

    product: str
    name: str
    because: Literal["seat", "looks_after", "trial"]
    ends_on: date | None
    releases: list[ReleaseOut]


class LinkOut(Schema):
    """An address of one file for one person; it takes ranges."""

    url: str
    seconds: int


class DownloadOut(Schema):
    """One download: how much of it arrived."""

    who: str
    product: str
    version: str
    file: str
    on: date
    how: str
    trial: bool
    sent: int
    size: int
    finished_at: datetime | None


class DownloadsPage(Schema):
    """One page of a list; `next` is the cursor of the page after, or null."""

    items: list[DownloadOut]
    next: str | None


def _release(shown: Any) -> ReleaseOut:
    row = shown.release
    files = [ReleaseFileOut.from_orm(file) for file in shown.files]
    told = {"version": row.version, "kind": row.kind, "released_on": row.released_on}
    texts = {"title": row.shown_title, "notes": row.shown_notes}
    return ReleaseOut.model_validate({"id": row.pk, **told, **texts, "files": files})


@router.get("/customers/{customer}/downloads", response={200: list[OwnProductOut], **PROBLEMS}, operation_id="downloads")
@operation(Can.DOWNLOAD)
def downloads(request: GateRequest, customer: str) -> list[OwnProductOut]:
    """What the token's person may download, with what is installable of it."""
    actor, today = request.actor, request.today
    own = pages.own_products(actor, today)
    more = excepted(actor, [each.product.pk for each in own], today)
    shown, kept = releases_of_all([each.product for each in own], today, more), kept_from(actor, today)
    return [
        OwnProductOut(
            product=each.product.code,
            name=each.product.name,
            because=each.right.how.value,
            ends_on=each.right.ends_on,
            releases=[_release(one) for one in offered(kept, shown[each.product.pk]) if one.allowed],
        )
        for each in own
    ]


@router.post("/customers/{customer}/downloads/{pk}/link", response={200: LinkOut, **PROBLEMS}, operation_id="make_download_link")
@operation(Can.DOWNLOAD)
def make_link(request: GateRequest, customer: str, pk: AnId) -> LinkOut:
    """A short-lived link to a file. The right to it is looked up again each time it is used."""
    file = file_by_id(pk)
    refuse_without_right(request.actor, file.release.product, request.today)
    refuse_not_installable(request.actor, file, request.today)
    token = link_to(request.actor, request.customer.number, file.pk)
    path = reverse("fetch_file", kwargs={"token": token, "name": file.name})
    return LinkOut(url=settings.BASE_URL + path, seconds=settings.DOWNLOAD_LINK_SECONDS)


@router.get("/customers/{customer}/download-log", response={200: DownloadsPage, **PROBLEMS}, operation_id="download_log")
@operation(Can.SEE_DOWNLOADS)
def download_log(request: GateRequest, customer: str, cursor: str = "", limit: Limit = PAGE_SIZE) -> DownloadsPage:
    """Who downloaded what, the newest first."""
    place_of(cursor, (int,))
    page = pages.page_of_downloads(request.actor, Place(after=cursor, size=limit))
    return DownloadsPage(items=[_downloaded(row) for row in page.rows], next=page.next or None)


def _downloaded(row: Mapping[str, Any]) -> DownloadOut:
    return DownloadOut(
        who=row["membership__name"],
        product=row["file__release__product__name"],
        version=row["file__release__version"],
        file=row["file__name"],
        size=row["file__size"],
        **{name: row[name] for name in ("on", "how", "trial", "sent", "finished_at")},
    )
