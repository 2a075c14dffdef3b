"""The standard VAT rates of the European Union, as a new installation starts with them; the desk enters later ones."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from comptoir.billing.rules import EU_STANDARD_RATES


def enter(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """One row per country."""
    model = apps.get_model("billing", "TaxRate")
    model.objects.bulk_create(
        model(country=rule.country, basis_points=rule.rate_basis_points, valid_from=rule.valid_from) for rule in EU_STANDARD_RATES
    )


class Migration(migrations.Migration):
    dependencies = [("billing", "0002_walls")]
    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]
