"""Releases that one may download, looked for by product, title or version."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from comptoir.kernel.actor import Actor
from comptoir.kernel.searching import Typed, each_at_most
from comptoir.permissions import Can
from comptoir.ui.ports import Hit, SearchPart
from comptoir.ui.templatetags.ui import day

from .entitled import customers_that_may
from .published import published

MOST_READ = 2000  # releases, the newest: the vendor's, not the customer's


def search_releases(actors: Sequence[Actor], typed: Typed, limit: int, on: date) -> Sequence[Hit]:
    """The releases that are called so, of the products that the actor may download. A constant number of queries."""
    fields = ("product_id", "product__code", "product__name", "version", "released_on", "title", "title_fr")
    found: dict[int, Mapping[str, Any]] = {}
    for row in published(on).order_by("-released_on", "-id").values(*fields)[:MOST_READ]:
        if typed.within(f"{row['product__name']} {row['product__code']} {row['version']} {row['title']} {row['title_fr']}"):
            found.setdefault(row["product_id"], row)  # the newest of each product: they have one page
    mine = customers_that_may(actors, on, found) if found else {}
    told = [{"customer": customer, **row} for pk, row in found.items() for customer in mine.get(pk, ())]
    title = "title_fr" if get_language() == "fr" else "title"
    return [
        Hit(
            row["customer"],
            row[title] or row["title"],
            _("Version %(version)s, %(day)s") % {"version": row["version"], "day": day(row["released_on"])},
            "product_downloads",
            {"code": row["product__code"]},
        )
        for row in each_at_most(told, "customer", limit)
    ]


RELEASES = SearchPart(
    "releases",
    "download",
    gettext_lazy("Downloads"),
    gettext_lazy("downloads by product or version"),
    Can.DOWNLOAD,
    search_releases,
)
