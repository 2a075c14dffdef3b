"""The walls of keys and devices: each is found by the digest of its secret before its customer is known."""

from django.db import migrations

from comptoir.kernel.walls import STANDARD, wall

BY_SECRET = f"{STANDARD} OR digest = app_token()"
MEMBER = {"membership_id": "organisations_membership"}
SERIAL = """
ALTER TABLE entitlements_serialnumber ADD CONSTRAINT entitlements_serialnumber_membership_id_wall
    FOREIGN KEY (organisation_id, membership_id) REFERENCES organisations_membership (organisation_id, id)
    DEFERRABLE INITIALLY DEFERRED;
"""
BACK = "ALTER TABLE entitlements_serialnumber DROP CONSTRAINT entitlements_serialnumber_membership_id_wall;"


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0011_licences"), ("organisations", "0002_walls"), ("subscriptions", "0002_walls")]
    operations = [
        wall(
            "entitlements_licencekey",
            references={"subscription_id": "subscriptions_subscription", **MEMBER},
            using=BY_SECRET,
        ),
        wall("entitlements_device", references={**MEMBER, "key_id": "entitlements_licencekey"}, using=BY_SECRET),
        migrations.RunSQL(SERIAL, BACK),
    ]
