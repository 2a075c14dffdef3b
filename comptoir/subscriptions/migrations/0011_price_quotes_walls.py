"""The walls of price quotes; what was promised is never changed."""

from django.db import migrations

from comptoir.kernel.walls import appended, wall


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0010_price_quotes")]
    operations = [
        wall(
            "subscriptions_pricequote",
            references={
                "contract_id": "contracts_contract",
                "order_id": "subscriptions_order",
                "made_by_id": "organisations_membership",
            },
        ),
        wall("subscriptions_pricequoteline", references={"price_quote_id": "subscriptions_pricequote"}),
        appended("subscriptions_pricequoteline"),
    ]
