"""What the desk writes on a line of the bank's that it lays aside; on which day the sandbox's bank took a charge back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0010_archives")]
    operations = [
        migrations.AddField("statementline", "note", models.TextField(blank=True, db_default="")),
        migrations.AddField("sandboxdispute", "day", models.DateField(db_index=True, null=True)),
    ]
