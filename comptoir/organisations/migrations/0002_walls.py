"""The walls of customers, members and the people they share; the policies that work before the customer is known."""

from django.db import migrations

from comptoir.kernel.walls import STANDARD, wall

MINE = (
    "EXISTS (SELECT 1 FROM organisations_membership m WHERE m.organisation_id = organisations_organisation.id "
    "AND m.person_id = app_person())"
)
MY_ROLE = "EXISTS (SELECT 1 FROM organisations_membership m WHERE m.id = membership_id AND m.person_id = app_person())"
AMONG_MEMBERS = (
    "EXISTS (SELECT 1 FROM organisations_membership m WHERE m.person_id = identity_person.id "
    "AND m.organisation_id = ANY(app_read()))"
)


class Migration(migrations.Migration):
    dependencies = [("organisations", "0001_initial"), ("kernel", "0002_walls"), ("identity", "0001_initial")]
    operations = [
        wall("organisations_membership", using=f"{STANDARD} OR person_id = app_person()"),
        wall("organisations_organisation", using=f"id = ANY(app_read()) OR {MINE}", check="id = app_write()"),
        wall(
            "organisations_rolegrant",
            references={"membership_id": "organisations_membership"},
            using=f"{STANDARD} OR {MY_ROLE}",
        ),
        wall(
            "organisations_accesstoken",
            references={"membership_id": "organisations_membership"},
            using=f"{STANDARD} OR digest = app_token()",
        ),
        wall(
            "identity_person",
            using=f"app_signing_in() OR id = app_person() OR {AMONG_MEMBERS}",
            check="app_signing_in() OR id = app_person()",
        ),
        wall(
            "identity_oldsignin",
            using="app_signing_in() OR person_id = app_person()",
            check="person_id = app_person()",
        ),
    ]
