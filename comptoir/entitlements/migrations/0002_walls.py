"""The walls of seats given and serial numbers."""

from django.db import migrations

from comptoir.kernel.walls import wall


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0001_initial"), ("subscriptions", "0002_walls")]
    operations = [
        wall(
            "entitlements_assignment",
            references={"subscription_id": "subscriptions_subscription", "membership_id": "organisations_membership"},
        ),
        wall("entitlements_serialnumber", references={"subscription_id": "subscriptions_subscription"}),
    ]
