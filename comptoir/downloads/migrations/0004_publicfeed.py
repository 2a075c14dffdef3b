"""Products whose releases anybody may have."""

from django.db import migrations, models
from django.db.models.deletion import PROTECT


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0004_sharing"), ("downloads", "0003_walls")]
    operations = [
        migrations.CreateModel(
            name="PublicFeed",
            fields=[
                (
                    "product",
                    models.OneToOneField(on_delete=PROTECT, primary_key=True, serialize=False, to="catalogue.product"),
                ),
                ("since", models.DateField()),
            ],
        ),
    ]
