"""Credit notes say which invoice and which lines they correct; what is still open of an invoice is one look away."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0003_standard_rates"),
    ]

    operations = [
        migrations.AddField(
            model_name="invoice",
            name="corrects",
            field=models.ForeignKey(
                db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="billing.invoice"
            ),
        ),
        migrations.AddField(
            model_name="invoice",
            name="reason",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="invoiceline",
            name="credits",
            field=models.ForeignKey(
                db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="billing.invoiceline"
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("corrects", None), ("kind", "F"), ("reason", "")),
                    models.Q(("corrects__isnull", False), ("kind", "A")),
                    _connector="OR",
                ),
                name="credit_note_corrects_an_invoice",
            ),
        ),
        migrations.CreateModel(
            name="InvoiceBalance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("organisation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation")),
                (
                    "invoice",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="balance",
                        to="billing.invoice",
                    ),
                ),
                ("number", models.TextField()),
                ("contract_id", models.BigIntegerField()),
                ("due_on", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                ("open_minor", models.BigIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["number"], name="balance_of_number"),
                    models.Index(
                        condition=models.Q(("open_minor__gt", 0)),
                        fields=["organisation", "contract_id", "due_on"],
                        name="balance_open",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("organisation", "id"), name="invoicebalance_in_customer")],
            },
        ),
    ]
