"""The wall of credits used."""

from django.db import migrations

from comptoir.kernel.walls import wall


class Migration(migrations.Migration):
    dependencies = [("usage", "0001_initial"), ("contracts", "0002_walls")]
    operations = [
        wall(
            "usage_credituse",
            references={"contract_id": "contracts_contract", "membership_id": "organisations_membership"},
        ),
    ]
