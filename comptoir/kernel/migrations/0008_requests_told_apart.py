"""Two requests about one target can be told apart: about roles, each member and place is one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0007_second_look"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="askedverb",
            name="one_open_request_each",
        ),
        migrations.AddField(
            model_name="askedverb",
            name="apart",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddConstraint(
            model_name="askedverb",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("organisation_id", "asked_by_id", "verb", "target", "apart"),
                name="one_open_request_each",
            ),
        ),
    ]
