"""Two accounts of one person that became one, and the wall of that: the person sees it, and whoever signs in."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from comptoir.kernel.walls import wall

THEIRS = "app_signing_in() OR app_person() IN (kept_id, closed_id)"


class Migration(migrations.Migration):
    dependencies = [("identity", "0004_first_sign_in"), ("kernel", "0002_walls")]
    operations = [
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField()),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                (
                    "customers",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None),
                ),
                ("done_on", models.DateField(null=True)),
                (
                    "kept",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merges",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "closed",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("kept", models.F("closed")), _negated=True), name="merge_of_two"),
                    models.CheckConstraint(
                        condition=models.Q(("done_on", None), ("customers", []), _connector="OR"),
                        name="merge_done_when_nothing_waits",
                    ),
                ],
            },
        ),
        wall("identity_merge", using=THEIRS, check=THEIRS),
    ]
