"""What administrators looked at when they checked who may do what."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0014_appointments_walls"),
    ]

    operations = [
        migrations.CreateModel(
            name="RoleCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "item",
                    models.TextField(
                        choices=[
                            ("managers", "Managers"),
                            ("roles", "Roles"),
                            ("idle", "Idle"),
                            ("requests", "Requests"),
                            ("invitations", "Invitations"),
                        ]
                    ),
                ),
                ("checked_on", models.DateField()),
                (
                    "membership",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.CASCADE, to="organisations.membership"
                    ),
                ),
                ("organisation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "id"), name="rolecheck_in_customer"),
                    models.UniqueConstraint(fields=("organisation", "membership", "item"), name="role_check_once_each"),
                ],
            },
        ),
    ]
