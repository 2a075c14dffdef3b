"""The walls of notices."""

from django.db import migrations

from comptoir.kernel.walls import wall


class Migration(migrations.Migration):
    dependencies = [("home", "0001_notices")]
    operations = [wall("home_notice", references={"membership_id": "organisations_membership"}), wall("home_logread")]
