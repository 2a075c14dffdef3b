"""The walls of downloads, secret addresses, trials and updates."""

from django.db import migrations

from comptoir.kernel.walls import STANDARD, wall

MEMBERS = "organisations_membership"
AMONG_MEMBERS = (
    "EXISTS (SELECT 1 FROM organisations_membership m WHERE m.person_id = downloads_newschoice.person_id "
    "AND m.organisation_id = ANY(app_read()))"
)


class Migration(migrations.Migration):
    dependencies = [("downloads", "0002_files_trials_updates"), ("organisations", "0008_groups_walls")]
    operations = [
        wall("downloads_download", references={"membership_id": MEMBERS}),
        # found by its secret's digest before the customer is known, as access tokens are
        wall(
            "downloads_secretaddress",
            references={"membership_id": MEMBERS},
            using=f"{STANDARD} OR digest = app_token()",
        ),
        # a person sees their own trials, to be told that they have tried it already, with whatever customer
        wall("downloads_trial", references={"membership_id": MEMBERS}, using=f"{STANDARD} OR person_id = app_person()"),
        wall("downloads_news", references={"membership_id": MEMBERS}),
        wall(
            "downloads_assignedupdate",
            references={"membership_id": MEMBERS, "assigned_by_id": MEMBERS, "group_id": "organisations_group"},
        ),
        wall("downloads_installed", references={"membership_id": MEMBERS, "marked_by_id": MEMBERS}),
        wall("downloads_newschoice", using=f"person_id = app_person() OR {AMONG_MEMBERS}", check="person_id = app_person()"),
    ]
