"""A price may be missing: not sold, or not renewed, at all (rules 2)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="price",
            name="new_minor",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="price",
            name="renewal_minor",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.CheckConstraint(
                condition=models.Q(("new_minor__isnull", False), ("renewal_minor__isnull", False), _connector="OR"),
                name="at_least_one_price",
            ),
        ),
    ]
