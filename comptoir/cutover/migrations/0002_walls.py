"""The wall of people held for the desk."""

from django.db import migrations

from comptoir.kernel.walls import wall


class Migration(migrations.Migration):
    dependencies = [("cutover", "0001_initial"), ("organisations", "0002_walls")]
    operations = [wall("cutover_heldperson")]
