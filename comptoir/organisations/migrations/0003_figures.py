"""How many members there are, and who holds a role, come from indexes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisations", "0002_walls")]
    operations = [
        migrations.AddIndex(
            "membership",
            models.Index(fields=["organisation", "person"], name="membership_here", condition=models.Q(left_on=None)),
        ),
        migrations.AddIndex(
            "rolegrant",
            models.Index(fields=["organisation", "role", "membership"], name="rolegrant_by_role"),
        ),
    ]
