"""Invoices are found by how their numbers begin. The indexes are made while others read and write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Collate


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("billing", "0012_what_a_finding_is_about")]
    operations = [
        AddIndexConcurrently(
            "invoice",
            models.Index("organisation", Collate("number", "C"), name="invoice_beginning"),
        ),
        AddIndexConcurrently(
            "invoice",
            models.Index(
                "organisation", Collate("po_number", "C"), name="invoice_po_beginning", condition=~models.Q(po_number="")
            ),
        ),
    ]
