"""Delays that are not the customer's: while one lasts, what is past its end is in grace, however long (rules 2, 6).

Which they are is said by functions of the database (migration 0014_delays), since a list must not pay for them: they are asked
only once a row is past grace.
"""

from collections.abc import Collection
from datetime import date
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db.models import F, Q
from django.db.models.expressions import RawSQL

from comptoir.kernel.prepared import Prepared

from ..models import Subscription


def delayed(on: date, prefix: str = "") -> Q:
    """It is past its end, and not by the customer's doing; `prefix` leads to the subscription.

    The nightly run has not come to it, the vendor has held its renewal back, or the payment of a renewal runs that was
    ordered in time.
    """
    found = RawSQL("SELECT renewals_delayed(%s, %s)", [on, list(settings.COUNTRIES_NOT_SERVED)])
    late = Q(**{f"{prefix}renews_on__lte": on, f"{prefix}lapses_on": F(f"{prefix}renews_on"), f"{prefix}ended_on": None})
    return late & Q(**{f"{prefix}pk__in": found})


def delayed_among(organisation_id: int, ids: Collection[int], on: date) -> frozenset[int]:
    """Those of a customer's subscriptions that are past their end by a delay which is not theirs. No statement for none."""
    if not ids:
        return frozenset()
    found = _delayed(settings.COUNTRIES_NOT_SERVED).all(customer=organisation_id, ids=ids, on=on)
    return frozenset(pk for (pk,) in found)


def by_hand_only_among(organisation_id: int, ids: Collection[int], on: date) -> frozenset[int]:
    """Those that the run leaves: past their end when they came here, or automatic only since. No statement for none."""
    left = Q(pk__in=RawSQL("SELECT renewals_by_hand_only(%s)", [on]))
    rows = Subscription.objects.filter(left, organisation_id=organisation_id, pk__in=ids)
    return frozenset(rows.values_list("pk", flat=True)) if ids else frozenset()


@lru_cache(maxsize=4)
def _delayed(not_served: frozenset[str]) -> Prepared[Any]:
    """The query of `delayed_among`, made once: the countries that are not served stand in it."""
    return Prepared(
        lambda customer, ids, on: Subscription.objects.filter(delayed(on), organisation_id=customer, pk__in=ids).values_list(
            "pk"
        ),
        customer=int,
        ids=list,
        on=date,
    )
