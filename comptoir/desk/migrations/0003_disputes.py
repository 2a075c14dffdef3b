"""Finance sees, over all customers, what banks take back."""

from django.db import migrations

from comptoir.kernel.walls import seen_at_desk


class Migration(migrations.Migration):
    dependencies = [("desk", "0002_second_looks"), ("billing", "0007_payment_walls")]
    operations = [seen_at_desk("billing_dispute", "finance")]
