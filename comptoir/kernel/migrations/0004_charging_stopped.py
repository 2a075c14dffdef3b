"""The switch that stops all charging."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0003_one_open_request_each")]
    operations = [
        # with a default in the database too: the code before this release inserts the row without it
        migrations.AddField(
            model_name="house",
            name="charging_stopped_because",
            field=models.TextField(blank=True, default="", db_default=""),
        ),
    ]
