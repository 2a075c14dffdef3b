"""The time zone in which somebody is told times, and how far they went in the tour of the portal."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0003_staff_by_administrators")]
    operations = [
        migrations.AddField("person", "time_zone", models.TextField(blank=True, db_default="", default="")),
        migrations.AddField("person", "tour_step", models.PositiveSmallIntegerField(db_default=0, default=0)),
        migrations.AddField("person", "tour_ended_at", models.DateTimeField(null=True)),
    ]
