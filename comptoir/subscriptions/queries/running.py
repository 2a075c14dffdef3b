"""Payments that run: while one does, no verb touches the subscriptions that it is for (rules 8)."""

from collections.abc import Collection

from django.db import connection


def with_payment_running(organisation_id: int, subscriptions: Collection[int]) -> frozenset[int]:
    """Those of these subscriptions with an order that waits for its payment or is held, or an invoice that is being charged.

    Asked of a function of the database (migration 0019_told_sooner), which plans it once: every verb asks.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT subscriptions_payment_running(%s, %s::bigint[])", [organisation_id, list(subscriptions)])
        return frozenset(pk for (pk,) in cursor.fetchall())
