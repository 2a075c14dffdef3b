"""Subscriptions as the API lists them: plain rows, by number."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from comptoir.kernel.actor import Actor
from comptoir.kernel.prepared import Prepared
from comptoir.permissions import Can

from ..models import PlannedChange, Subscription
from .lists import seen

COLUMNS = {
    "number": "number",
    "contract": "contract__number",
    "product": "product__code",
    "product_name": "product__name",
    "term": "term",
    "seats_now": "seats_now",
    "seats_at_renewal": "seats_at_renewal",
    "renews_on": "renews_on",
    "automatic_renewal": "automatic_renewal",
    "payment_method": "payment_method",
    "planned_term": "pending_term",
}


def page_of_subscriptions(actor: Actor, *, after: str, size: int) -> Sequence[Mapping[str, Any]]:
    """One page by number, after a number or none, and one more row, which tells whether there is a next page."""
    if actor.contracts(Can.SEE_CONTRACTS) is None:
        rows = _all_by_number(size + 1).all(customer=actor.customer_id, after=after)
    else:
        rows = list(_by_number(seen(actor), after)[: size + 1])
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def _by_number(rows: QuerySet[Subscription], after: str) -> QuerySet[Subscription, Any]:
    told = rows.filter(number__gt=after).order_by("number").annotate(pending_term=Subquery(_pending_term()))
    return told.values_list(*COLUMNS.values())


@lru_cache(maxsize=200)
def _all_by_number(most: int) -> Prepared[Any]:
    """The query of who sees every contract, made once for each size of a page: the size stands in it."""
    return Prepared(
        lambda customer, after: _by_number(Subscription.objects.filter(organisation_id=customer), after)[:most],
        customer=int,
        after=str,
    )


def _pending_term() -> QuerySet[PlannedChange, str]:
    rows = PlannedChange.objects.filter(subscription=OuterRef("pk"), organisation=OuterRef("organisation"))
    return rows.filter(field=PlannedChange.Field.TERM, outcome=PlannedChange.Outcome.PENDING).values_list("term", flat=True)
