"""A line says what a seat cost before which promotion, as its preview did."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0008_credits_of_discounts")]

    operations = [
        migrations.AddField(model_name="invoiceline", name="list_minor", field=models.BigIntegerField(null=True)),
        migrations.AddField(model_name="invoiceline", name="promotion", field=models.TextField(blank=True, db_default="")),
        migrations.AddConstraint(
            model_name="invoiceline",
            constraint=models.CheckConstraint(
                name="line_promotion_with_list_price",
                condition=models.Q(list_minor=None, promotion="") | models.Q(list_minor__isnull=False),
            ),
        ),
    ]
