"""Reads of what is published."""

from collections.abc import Collection, Mapping
from datetime import date

from comptoir.entitlements.ports import Version

from .models import Release


class Releases:
    """Fills `entitlements.Releases`."""

    def newest(self, products: Collection[int], on: date) -> Mapping[int, Version]:
        """The newest version of each product on that day, updates included."""
        rows = (
            Release.objects.filter(product_id__in=products, released_on__lte=on)
            .order_by("product_id", "-released_on", "-id")
            .distinct("product_id")
        )
        return {row.product_id: Version(row.version, row.title, row.released_on) for row in rows}
