"""The wall of checks of roles."""

from django.db import migrations

from comptoir.kernel.walls import wall


class Migration(migrations.Migration):
    dependencies = [("organisations", "0015_role_checks")]
    operations = [wall("organisations_rolecheck", references={"membership_id": "organisations_membership"})]
