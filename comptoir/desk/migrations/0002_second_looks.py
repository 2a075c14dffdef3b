"""Finance sees, over all customers, what waits for a second pair of eyes."""

from django.db import migrations

from comptoir.kernel.walls import seen_at_desk


class Migration(migrations.Migration):
    dependencies = [("desk", "0001_seen_at_desk"), ("kernel", "0007_second_look")]
    operations = [seen_at_desk("kernel_secondlook", "finance")]
