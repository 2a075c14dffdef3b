"""Payments that run: while one does, no verb touches the subscriptions that it is for (rules 8)."""

from collections.abc import Collection

from comptoir.billing.models import Attempt
from comptoir.billing.rules.payments import UNDER_WAY

from ..models import OrderLine, Sale


def with_payment_running(organisation_id: int, subscriptions: Collection[int]) -> frozenset[int]:
    """Those of these subscriptions with an order that waits for its payment or is held, or an invoice that is being charged."""
    ordered = OrderLine.objects.filter(
        organisation_id=organisation_id, order__state__in=("placed", "parked"), order__organisation_id=organisation_id
    )
    charged = Sale.objects.filter(
        organisation_id=organisation_id,
        invoice__in=Attempt.objects.filter(organisation_id=organisation_id, state__in=UNDER_WAY, invoice__isnull=False).values(
            "invoice_id"
        ),
    )
    found = [rows.filter(subscription__in=subscriptions).values_list("subscription_id") for rows in (ordered, charged)]
    return frozenset(pk for (pk,) in found[0].union(found[1]) if pk is not None)
