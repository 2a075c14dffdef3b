"""Subscriptions as the API lists them: plain rows, by number."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F

from comptoir.kernel.actor import Actor

from .lists import seen


def page_of_subscriptions(actor: Actor, *, after: str | None, size: int) -> Sequence[Mapping[str, Any]]:
    """One page by number and one more row, which tells whether there is a next page."""
    found = seen(actor)
    if after is not None:
        found = found.filter(number__gt=after)
    rows = found.order_by("number").values(
        "number",
        "term",
        "seats_now",
        "seats_at_renewal",
        "renews_on",
        "automatic_renewal",
        "payment_method",
        contract_number=F("contract__number"),
        product_code=F("product__code"),
        product_name=F("product__name"),
    )
    return [{**row, "contract": row["contract_number"], "product": row["product_code"]} for row in rows[: size + 1]]
