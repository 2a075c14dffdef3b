"""The wall of calendars' addresses: found by its secret's digest before the customer is known, as access tokens are."""

from django.db import migrations

from comptoir.kernel.walls import STANDARD, wall


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0012_calendar")]
    operations = [
        wall(
            "subscriptions_calendarfeed",
            references={"membership_id": "organisations_membership"},
            using=f"{STANDARD} OR digest = app_token()",
        )
    ]
