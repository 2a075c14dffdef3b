"""The walls of lists of people, of domains, and of those who ask to join."""

from django.db import migrations

from comptoir.kernel.walls import STANDARD, wall

# who asks to join sees, of all domains, their own address's; and their own wishes
MY_DOMAIN = (
    "domain = (SELECT lower(split_part(p.email, '@', 2)) FROM identity_person p WHERE p.id = app_person() AND p.is_active)"
)


class Migration(migrations.Migration):
    dependencies = [("organisations", "0009_people_come_in")]
    operations = [
        wall("organisations_peopleimport", references={"by_id": "organisations_membership"}),
        wall("organisations_emaildomain", using=f"{STANDARD} OR {MY_DOMAIN}"),
        wall(
            "organisations_joinrequest",
            references={"decided_by_id": "organisations_membership"},
            using=f"{STANDARD} OR person_id = app_person()",
        ),
    ]
