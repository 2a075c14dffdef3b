"""The wall of contracts, and of the roles that name one."""

from django.db import migrations

from comptoir.kernel.walls import wall


class Migration(migrations.Migration):
    dependencies = [("contracts", "0001_initial"), ("organisations", "0002_walls")]
    operations = [
        wall("contracts_contract"),
        migrations.RunSQL(
            "ALTER TABLE organisations_rolegrant ADD CONSTRAINT organisations_rolegrant_contract_id_wall "
            "FOREIGN KEY (organisation_id, contract_id) REFERENCES contracts_contract (organisation_id, id) "
            "DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE organisations_rolegrant DROP CONSTRAINT organisations_rolegrant_contract_id_wall",
        ),
    ]
