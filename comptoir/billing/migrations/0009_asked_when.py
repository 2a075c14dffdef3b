"""When a provider was asked first, and where somebody who pays came from."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0009_promotions_of_lines")]
    operations = [
        migrations.AddField("attempt", "back_to", models.TextField(blank=True, db_default="")),
        migrations.AddField("attempt", "sent_at", models.DateTimeField(null=True)),
        migrations.AddField("refund", "sent_at", models.DateTimeField(null=True)),
    ]
