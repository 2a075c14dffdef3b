"""Tax rates as the desk reads them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from comptoir.billing.models import TaxRate


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate of a country: `counts` today, or came before, or is to come (`coming`)."""

    country: str
    percent: Decimal
    valid_from: date
    counts: bool
    coming: bool


def rates(on: date) -> list[Rate]:
    """Every rate by country, the newest first."""
    rows = list(TaxRate.objects.order_by("country", "-valid_from"))
    counting: dict[str, int] = {}
    for row in rows:
        if row.valid_from <= on:
            counting.setdefault(row.country, row.pk)
    return [
        Rate(
            row.country, Decimal(row.basis_points) / 100, row.valid_from, counting.get(row.country) == row.pk, row.valid_from > on
        )
        for row in rows
    ]
