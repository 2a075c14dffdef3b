"""Whether a finding is about a charge or about a refund."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0011_notes_of_the_bank")]
    operations = [migrations.AddField("finding", "what", models.TextField(db_default="charge", default="charge"))]
