"""A use may cost nothing (rules 10)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0002_walls"),
        ("organisations", "0002_walls"),
        ("usage", "0002_walls"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="credituse",
            name="credits_used_positive",
        ),
        migrations.AddConstraint(
            model_name="credituse",
            constraint=models.CheckConstraint(condition=models.Q(("credits__gte", 0)), name="credits_used_not_negative"),
        ),
    ]
