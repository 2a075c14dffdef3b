"""Payments that run: while one does, no verb touches the subscriptions that it is for (rules 8)."""

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from comptoir.billing.models import Attempt
from comptoir.billing.rules.payments import UNDER_WAY
from comptoir.kernel.prepared import Prepared

from ..models import OrderLine, Sale


def with_payment_running(organisation_id: int, subscriptions: Collection[int]) -> frozenset[int]:
    """Those of these subscriptions with an order that waits for its payment or is held, or an invoice that is being charged."""
    return frozenset(pk for (pk,) in _RUNNING.all(customer=organisation_id, subscriptions=subscriptions) if pk is not None)


def _running(customer: int, subscriptions: Collection[int]) -> QuerySet[Any, Any]:
    ordered = OrderLine.objects.filter(
        organisation_id=customer, order__state__in=("placed", "parked"), order__organisation_id=customer
    )
    attempts = Attempt.objects.filter(organisation_id=customer, state__in=UNDER_WAY, invoice__isnull=False)
    charged = Sale.objects.filter(organisation_id=customer, invoice__in=attempts.values("invoice_id"))
    found = [rows.filter(subscription__in=subscriptions).values_list("subscription_id") for rows in (ordered, charged)]
    return found[0].union(found[1])


_RUNNING: Prepared[Any] = Prepared(_running, customer=int, subscriptions=list)
