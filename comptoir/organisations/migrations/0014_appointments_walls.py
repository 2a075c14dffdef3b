"""The wall of appointments; administrators see, over all customers, who manages contracts, and no other role."""

from django.db import migrations

from comptoir.kernel.walls import appended, seen_at_desk, wall


class Migration(migrations.Migration):
    dependencies = [("organisations", "0013_appointments"), ("identity", "0002_staff")]
    operations = [
        wall("organisations_appointment", references={"membership_id": "organisations_membership"}),
        appended("organisations_appointment"),
        seen_at_desk("organisations_rolegrant", "administrator", only="role = 'contract_manager'"),
    ]
