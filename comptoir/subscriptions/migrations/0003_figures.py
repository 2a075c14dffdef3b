"""The figures of a whole customer come from one index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0002_walls")]
    operations = [
        migrations.AddIndex(
            "subscription",
            models.Index(
                fields=["organisation", "renews_on"],
                include=["term", "automatic_renewal", "seats_now", "product", "contract"],
                name="subscription_figures",
            ),
        ),
    ]
