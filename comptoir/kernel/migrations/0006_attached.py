"""A mail may carry a file, which is made when it is handed over."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0005_nights")]
    operations = [
        migrations.AddField(model_name="message", name="attached", field=models.TextField(blank=True, db_default="")),
    ]
