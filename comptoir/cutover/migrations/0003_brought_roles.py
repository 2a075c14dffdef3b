"""Role rows that were brought over, and their wall."""

import django.db.models.deletion
from django.db import migrations, models

from comptoir.kernel.walls import wall


class Migration(migrations.Migration):
    dependencies = [
        ("cutover", "0002_walls"),
        ("organisations", "0002_walls"),
    ]

    operations = [
        migrations.CreateModel(
            name="BroughtRole",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.TextField()),
                ("organisation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "id"), name="broughtrole_in_customer"),
                    models.UniqueConstraint(fields=("organisation", "digest"), name="role_brought_once"),
                ],
            },
        ),
        wall("cutover_broughtrole"),
    ]
