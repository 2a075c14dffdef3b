"""Managers who are appointed at the desk; from when on the rows of a list of people are erased."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0012_words_of_members_here"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="peopleimport",
            name="erased_on",
            field=models.DateField(null=True),
        ),
        migrations.CreateModel(
            name="Appointment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("contract", models.TextField(blank=True)),
                ("checked", models.TextField()),
                ("on", models.DateField()),
                ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
                (
                    "membership",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="organisations.membership"
                    ),
                ),
                ("organisation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "id"), name="appointment_in_customer"),
                    models.CheckConstraint(condition=models.Q(("checked", ""), _negated=True), name="appointment_was_checked"),
                ],
            },
        ),
    ]
