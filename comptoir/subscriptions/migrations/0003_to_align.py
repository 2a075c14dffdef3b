"""What could be aligned with a subscription is found by an index, however many there are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0002_walls")]
    operations = [
        migrations.AddIndex(
            "subscription",
            models.Index(fields=["organisation", "term", "payment_method", "renews_on"], name="subscription_to_align"),
        ),
    ]
