"""Accounts that the vendor's staff merged: who did, and how it was checked that both are one person's."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0006_no_staff_no_look"),
    ]

    operations = [
        migrations.AddField(
            model_name="merge",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="checked",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("by", None), ("checked", "")),
                    models.Q(("by__isnull", False), models.Q(("checked", ""), _negated=True)),
                    _connector="OR",
                ),
                name="merge_at_desk_was_checked",
            ),
        ),
    ]
