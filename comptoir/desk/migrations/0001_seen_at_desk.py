"""What finance and administrators read over all customers on the desk's lists: a policy beside each table's wall."""

from django.db import migrations

from comptoir.kernel.walls import seen_at_desk

FINANCE = (
    "subscriptions_subscription",
    "subscriptions_order",
    "subscriptions_parked",
    "subscriptions_renewalrun",
    "billing_invoice",
    "billing_invoicebalance",
    "billing_attempt",
    "billing_refund",
)


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0002_staff"),
        ("organisations", "0005_roster"),
        ("contracts", "0002_walls"),
        ("billing", "0007_payment_walls"),
        ("subscriptions", "0005_self_service_walls"),
    ]
    operations = [
        seen_at_desk("organisations_organisation", "finance", "administrator"),
        seen_at_desk("contracts_contract", "finance", "administrator"),
        *(seen_at_desk(table, "finance") for table in FINANCE),
    ]
