"""A subscription may say for itself whether its seats have names."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0014_delays")]
    operations = [
        migrations.AddField(
            "subscription",
            "sharing",
            models.TextField(blank=True, choices=[("named", "named"), ("multi_user", "multi_user")], db_default="", default=""),
        ),
    ]
