"""Subscriptions as the API lists them: plain rows, by number."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery

from comptoir.kernel.actor import Actor

from ..models import PlannedChange
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
        planned_term=Subquery(_pending_term()),
    )
    return [{**row, "contract": row["contract_number"], "product": row["product_code"]} for row in rows[: size + 1]]


def _pending_term() -> QuerySet[PlannedChange, str]:
    rows = PlannedChange.objects.filter(subscription=OuterRef("pk"), organisation=OuterRef("organisation"))
    return rows.filter(field=PlannedChange.Field.TERM, outcome=PlannedChange.Outcome.PENDING).values_list("term", flat=True)
