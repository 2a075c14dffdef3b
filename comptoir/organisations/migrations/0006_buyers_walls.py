"""The walls of spending limits and accepted terms; where the numbers of customers who register come from."""

from django.db import migrations

from comptoir.kernel.walls import appended, wall

MEMBER = {"membership_id": "organisations_membership"}


class Migration(migrations.Migration):
    dependencies = [("organisations", "0005_roster")]
    operations = [
        wall("organisations_spendinglimit", references=MEMBER),
        wall("organisations_acceptedterms", references=MEMBER),
        appended("organisations_acceptedterms"),
        # of no customer: it gives each new one its number, and tells nothing of the others but how many there are
        migrations.RunSQL("CREATE SEQUENCE organisations_new_number START 100001", "DROP SEQUENCE organisations_new_number"),
    ]
