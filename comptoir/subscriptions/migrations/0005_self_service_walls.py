"""The walls of the new tables, and what the rows of before say in the new columns."""

from django.db import migrations

from comptoir.kernel.walls import wall

SUBSCRIPTION = {"subscription_id": "subscriptions_subscription"}
ORDER = {"order_id": "subscriptions_order"}
INVOICE = {"invoice_id": "billing_invoice"}


def _reference(table: str, column: str, other: str) -> migrations.RunSQL:
    """A foreign key that can't cross customers, for a column added to a table that is walled already."""
    name = f"{table}_{column}_wall"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (organisation_id, {column}) "
        f"REFERENCES {other} (organisation_id, id) DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


BACKFILL = """
UPDATE subscriptions_subscription SET lapses_on = renews_on;
INSERT INTO subscriptions_orderinvoice (organisation_id, order_id, invoice_id)
    SELECT organisation_id, id, invoice_id FROM subscriptions_order WHERE invoice_id IS NOT NULL;
UPDATE subscriptions_order SET settled_on = ordered_on WHERE invoice_id IS NOT NULL;
INSERT INTO subscriptions_sale (organisation_id, subscription_id, kind, invoice_id, order_id, seats, seats_before, "on")
    SELECT organisation_id, subscription_id, 'addition', invoice_id, id, seats, seats_before, ordered_on
    FROM subscriptions_order WHERE invoice_id IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0004_self_service_keys"), ("billing", "0006_outside")]
    operations = [
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
        wall("subscriptions_plannedchange", references={**SUBSCRIPTION, "made_by_id": "organisations_membership"}),
        wall("subscriptions_orderinvoice", references={**ORDER, **INVOICE}),
        wall(
            "subscriptions_sale",
            references={**SUBSCRIPTION, **ORDER, **INVOICE, "period_id": "subscriptions_period"},
        ),
        wall("subscriptions_renewalrun"),
        wall("subscriptions_parked", references={**SUBSCRIPTION, **ORDER}),
        wall("subscriptions_alignmentwish", references={"made_by_id": "organisations_membership"}),
        wall("subscriptions_wishedalignment", references={**SUBSCRIPTION, "wish_id": "subscriptions_alignmentwish"}),
        _reference("subscriptions_subscription", "paid_with_id", "billing_paymentmethod"),
        _reference("subscriptions_order", "paid_with_id", "billing_paymentmethod"),
        _reference("subscriptions_orderline", "subscription_id", "subscriptions_subscription"),
        _reference("subscriptions_orderline", "contract_id", "contracts_contract"),
        _reference("billing_attempt", "order_id", "subscriptions_order"),
    ]
