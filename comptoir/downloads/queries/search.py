"""Releases that one may download, looked for by product, title or version."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.kernel.actor import Actor
from comptoir.kernel.searching import Typed
from comptoir.permissions import Can
from comptoir.ui.ports import Hit, SearchPart
from comptoir.ui.templatetags.ui import day

from .entitled import rights
from .releases import published

MOST_READ = 2000  # releases, the newest: the vendor's, not the customer's


def search_releases(actor: Actor, typed: Typed, limit: int, on: date) -> Sequence[Hit]:
    """The releases that are called so, of the products that the actor may download. A constant number of queries."""
    rows = published(on).order_by("-released_on", "-id").select_related("product")[:MOST_READ]
    found = [row for row in rows if typed.within(f"{row.product.name} {row.version} {row.title} {row.title_fr}")]
    if not found:
        return []
    mine = rights(actor, on, among={row.product_id for row in found})
    return [
        Hit(
            row.shown_title,
            _("Version %(version)s, %(day)s") % {"version": row.version, "day": day(row.released_on)},
            "product_downloads",
            {"code": row.product.code},
        )
        for row in [row for row in found if row.product_id in mine][:limit]
    ]


RELEASES = SearchPart(
    "releases",
    "download",
    gettext_lazy("Downloads"),
    gettext_lazy("downloads by product or version"),
    Can.DOWNLOAD,
    search_releases,
)
