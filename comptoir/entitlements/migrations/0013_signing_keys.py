"""The keys that licence files are signed with, and the number of each file: of the vendor, for all customers together."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0012_licences_walls")]

    operations = [
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kid", models.TextField(unique=True)),
                ("public", models.TextField()),
                ("private", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("signs_from", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_because", models.TextField(blank=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("signs_from__gte", models.F("made_at"))), name="key_is_made_before_it_signs"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_at", None), ("withdrawn_because", "")),
                            models.Q(("withdrawn_at__isnull", False), models.Q(("withdrawn_because", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="key_is_withdrawn_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FileNumber",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.TextField(unique=True)),
                ("issued_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "key",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="entitlements.signingkey"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("revoked_at__isnull", False)), fields=["ends_at"], name="file_number_revoked"
                    ),
                    models.Index(fields=["key", "ends_at"], name="file_number_of_key"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("issued_at"))), name="file_ends_after_it_was_issued"
                    ),
                ],
            },
        ),
    ]
