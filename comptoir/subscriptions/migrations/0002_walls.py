"""The walls of subscriptions and what hangs on them."""

from django.db import migrations

from comptoir.kernel.walls import appended, wall

SUBSCRIPTION = {"subscription_id": "subscriptions_subscription"}


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0001_initial"), ("contracts", "0002_walls"), ("billing", "0002_walls")]
    operations = [
        wall("subscriptions_subscription", references={"contract_id": "contracts_contract"}),
        migrations.RunSQL(
            "ALTER TABLE billing_invoice ADD CONSTRAINT billing_invoice_contract_id_wall "
            "FOREIGN KEY (organisation_id, contract_id) REFERENCES contracts_contract (organisation_id, id) "
            "DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE billing_invoice DROP CONSTRAINT billing_invoice_contract_id_wall",
        ),
        wall("subscriptions_period", references=SUBSCRIPTION),
        wall(
            "subscriptions_order",
            references={
                **SUBSCRIPTION,
                "contract_id": "contracts_contract",
                "invoice_id": "billing_invoice",
                "ordered_by_id": "organisations_membership",
            },
        ),
        wall("subscriptions_orderline", references={"order_id": "subscriptions_order"}),
        appended("subscriptions_orderline"),
        wall("subscriptions_seatentry", references={**SUBSCRIPTION, "order_id": "subscriptions_order"}),
        appended("subscriptions_seatentry"),
    ]
