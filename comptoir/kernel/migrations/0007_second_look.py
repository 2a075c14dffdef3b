"""Verbs of the desk that wait for a second pair of eyes."""

from django.db import migrations, models

from comptoir.kernel.walls import wall


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0006_attached"),
    ]

    operations = [
        migrations.CreateModel(
            name="SecondLook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("organisation_id", models.BigIntegerField()),
                ("verb", models.TextField()),
                ("target", models.TextField()),
                ("target_number", models.TextField(blank=True)),
                ("arguments", models.JSONField()),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("reason", models.TextField(blank=True)),
                (
                    "state",
                    models.TextField(
                        choices=[("open", "Open"), ("approved", "Approved"), ("declined", "Declined")], default="open"
                    ),
                ),
                ("asked_by_id", models.BigIntegerField()),
                ("asked_on", models.DateField()),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                ("decided_by_id", models.BigIntegerField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation_id", "id"), name="second_look_in_customer"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("organisation_id", "verb", "target"),
                        name="one_open_second_look_each",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_by_id", None), ("state", "open")),
                            models.Q(
                                models.Q(("state", "open"), _negated=True),
                                ("decided_by_id__isnull", False),
                                models.Q(("decided_by_id", models.F("asked_by_id")), ("state", "approved"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="second_look_by_another",
                    ),
                ],
            },
        ),
        wall("kernel_secondlook"),
    ]
