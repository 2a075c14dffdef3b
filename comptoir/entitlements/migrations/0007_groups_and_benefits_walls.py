"""The walls of what is given to groups, of groups of products, and of benefits."""

from django.db import migrations

from comptoir.kernel.walls import wall

SUBSCRIPTION = {"subscription_id": "subscriptions_subscription"}
GROUP = {"group_id": "organisations_group"}


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0006_groups_and_benefits"),
        ("organisations", "0008_groups_walls"),
        ("subscriptions", "0002_walls"),
    ]
    operations = [
        wall("entitlements_groupseat", references={**GROUP, **SUBSCRIPTION}),
        wall("entitlements_bundle"),
        wall("entitlements_bundleitem", references={"bundle_id": "entitlements_bundle", **SUBSCRIPTION}),
        wall("entitlements_benefitchoice", references={"membership_id": "organisations_membership", **GROUP}),
    ]
