"""Who sits and who waits comes from one index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0002_walls")]
    operations = [
        migrations.AddIndex(
            "assignment",
            models.Index(
                fields=["organisation", "subscription", "waiting"],
                name="assignment_in_use",
                condition=models.Q(ended_on=None),
            ),
        ),
    ]
