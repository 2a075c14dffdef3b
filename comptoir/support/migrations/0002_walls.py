"""The wall of cases."""

from django.db import migrations

from comptoir.kernel.walls import wall


class Migration(migrations.Migration):
    dependencies = [("support", "0001_initial"), ("contracts", "0002_walls")]
    operations = [
        wall(
            "support_case",
            references={"contract_id": "contracts_contract", "author_id": "organisations_membership"},
        ),
    ]
