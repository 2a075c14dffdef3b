"""The functions that every policy reads, and the kernel's own walls."""

from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations

from comptoir.kernel import walls

OWN_OR_CUSTOMER = {"using": f"{walls.STANDARD} OR {walls.OWN}", "check": f"{walls.STANDARD_CHECK} OR {walls.OWN}"}


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [
        BtreeGistExtension(),
        walls.functions(),
        migrations.RunSQL("INSERT INTO kernel_house (single, paused_because) VALUES (true, '')", "DELETE FROM kernel_house"),
        walls.wall("kernel_event", **OWN_OR_CUSTOMER),
        walls.appended("kernel_event"),
        walls.wall("kernel_chain", **OWN_OR_CUSTOMER),
        walls.wall("kernel_requestkey", **OWN_OR_CUSTOMER),
        walls.wall("kernel_message", **OWN_OR_CUSTOMER),
        walls.wall("kernel_askedverb"),
    ]
