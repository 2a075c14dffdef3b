"""Whether each seat of a product has a name, or its licence is shared by many."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0003_public_catalogue")]
    operations = [
        migrations.AddField(
            "product",
            "sharing",
            models.TextField(choices=[("named", "named"), ("multi_user", "multi_user")], db_default="named", default="named"),
        ),
    ]
