"""The walls of groups, and of who is in them."""

from django.db import migrations

from comptoir.kernel.walls import wall

GROUP = {"group_id": "organisations_group"}
OF_A_GROUP = (
    "ALTER TABLE organisations_rolegrant ADD CONSTRAINT organisations_rolegrant_group_id_wall "
    "FOREIGN KEY (organisation_id, group_id) REFERENCES organisations_group (organisation_id, id) "
    "DEFERRABLE INITIALLY DEFERRED"
)
UNDO = "ALTER TABLE organisations_rolegrant DROP CONSTRAINT organisations_rolegrant_group_id_wall"


class Migration(migrations.Migration):
    dependencies = [("organisations", "0007_groups")]
    operations = [
        wall("organisations_group"),
        wall("organisations_groupmember", references={**GROUP, "membership_id": "organisations_membership"}),
        migrations.RunSQL(OF_A_GROUP, UNDO),
    ]
