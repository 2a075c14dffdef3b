"""Delays that are not the customer's: while one lasts, what is past its end is in grace, however long (rules 2, 6).

Which they are is said by functions of the database (migration 0014_delays), since a list must not pay for them: they are asked
only once a row is past grace.
"""

from collections.abc import Collection
from datetime import date

from django.conf import settings
from django.db.models import F, Q
from django.db.models.expressions import RawSQL

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
    return _found(organisation_id, ids, delayed(on)) if ids else frozenset()


def by_hand_only_among(organisation_id: int, ids: Collection[int], on: date) -> frozenset[int]:
    """Those that the run leaves: past their end when they came here, or automatic only since. No statement for none."""
    left = Q(pk__in=RawSQL("SELECT renewals_by_hand_only(%s)", [on]))
    return _found(organisation_id, ids, left) if ids else frozenset()


def _found(organisation_id: int, ids: Collection[int], condition: Q) -> frozenset[int]:
    rows = Subscription.objects.filter(condition, organisation_id=organisation_id, pk__in=ids)
    return frozenset(rows.values_list("pk", flat=True))
