"""Serial numbers are found by how their numbers begin. The indexes are made while others read and write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Collate


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("entitlements", "0009_use_rights_walls")]
    operations = [
        AddIndexConcurrently(
            "serialnumber",
            models.Index("organisation", Collate("number", "C"), name="serial_beginning"),
        ),
    ]
