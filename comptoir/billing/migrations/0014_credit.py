"""What had stayed as credit before it paid an invoice."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0013_beginnings")]
    operations = [
        migrations.AddField("allocation", "from_credit", models.BooleanField(default=False, db_default=False)),
        migrations.AddConstraint(
            "allocation",
            models.CheckConstraint(
                name="credit_pays_by_itself",
                condition=models.Q(("from_credit", False), ("dispute", None), _connector="OR"),
            ),
        ),
    ]
