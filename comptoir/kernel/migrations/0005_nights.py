"""The nightly work, day by day and customer by customer; the house's own log for the desk and the sandbox's clock."""

import django.contrib.postgres.fields
from django.db import migrations, models

from comptoir.kernel import walls

OWN_OR_CUSTOMER = (f"{walls.STANDARD} OR {walls.OWN}", f"{walls.STANDARD_CHECK} OR {walls.OWN}")
LOGGED = ("kernel_event", "kernel_chain", "kernel_requestkey")


def _with_house(table: str) -> migrations.RunSQL:
    using, check = (f"{before} OR {walls.HOUSES}" for before in OWN_OR_CUSTOMER)
    return walls.widened(table, using=using, check=check, before=OWN_OR_CUSTOMER)


class Migration(migrations.Migration):
    dependencies = [("kernel", "0004_charging_stopped")]
    operations = [
        migrations.RunSQL(
            "CREATE FUNCTION app_house() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS "
            "$$ SELECT nullif(current_setting('app.house', true), '') IS NOT NULL $$;",
            "DROP FUNCTION app_house();",
        ),
        *map(_with_house, LOGGED),
        migrations.CreateModel(
            name="Roster",
            fields=[("id", models.BigIntegerField(primary_key=True, serialize=False))],
        ),
        migrations.CreateModel(
            name="NightRun",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("planned_to", models.BigIntegerField(default=0)),
                ("planned", models.BooleanField(default=False)),
                ("customers", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("failed", models.PositiveIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(condition=models.Q(("finished_at", None)), fields=["day"], name="night_unfinished")],
                "constraints": [
                    models.CheckConstraint(
                        name="night_counts_its_customers",
                        condition=models.Q(("customers__gte", models.F("done") + models.F("failed"))),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NightOfCustomer",
            fields=[
                ("organisation_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("done_to", models.DateField(null=True)),
                (
                    "failed_days",
                    django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), default=list, size=None),
                ),
            ],
            options={"abstract": False},
        ),
        walls.wall("kernel_nightofcustomer"),
    ]
