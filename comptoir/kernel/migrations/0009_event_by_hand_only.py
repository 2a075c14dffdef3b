"""Events by which it is told what renews by hand alone are found without a look at all others."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("kernel", "0008_requests_told_apart")]
    operations = [
        AddIndexConcurrently(
            "event",
            models.Index(
                fields=["organisation_id", "kind"],
                name="event_by_hand_only",
                condition=models.Q(("kind__in", ["customer.imported", "world.seeded", "renewal.automatic_on"])),
            ),
        ),
    ]
