"""All invoices of a year in one file."""

import django.db.models.deletion
from django.db import migrations, models

from comptoir.kernel.walls import wall


class Migration(migrations.Migration):
    dependencies = [("billing", "0009_asked_when"), ("organisations", "0002_walls")]
    operations = [
        migrations.CreateModel(
            name="InvoiceArchive",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField()),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("documents", models.PositiveIntegerField(db_default=0, default=0)),
                ("size", models.BigIntegerField(db_default=0, default=0)),
                ("file", models.TextField(blank=True, db_default="")),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="organisations.membership"
                    ),
                ),
                ("organisation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "id"), name="invoicearchive_in_customer"),
                    models.UniqueConstraint(
                        condition=models.Q(("finished_at", None)),
                        fields=("organisation", "year"),
                        name="one_archive_of_a_year_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("finished_at__isnull", False), ("file", ""), _connector="OR"),
                        name="archive_finished_with_a_file",
                    ),
                ],
            },
        ),
        wall("billing_invoicearchive", references={"asked_by_id": "organisations_membership"}),
    ]
