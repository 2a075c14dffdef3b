"""All invoices of a year in one file, made by a worker."""

from django.db import models
from django.db.models import Q

from comptoir.kernel.walls import in_customer
from comptoir.organisations.models import Membership, Organisation


class InvoiceArchive(models.Model):
    """A file with every invoice and credit note of a year. It can be made again at any time from the invoices."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    year = models.PositiveSmallIntegerField()  # of the issue days
    asked_by = models.ForeignKey(Membership, on_delete=models.PROTECT, db_constraint=False)
    asked_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    documents = models.PositiveIntegerField(default=0, db_default=0)  # how many are in it
    size = models.BigIntegerField(default=0, db_default=0)  # bytes
    file = models.TextField(blank=True, db_default="")  # its name in the storage; empty: not yet, or no longer there

    class Meta:
        constraints = [
            in_customer("invoicearchive"),
            models.UniqueConstraint(
                fields=["organisation", "year"], name="one_archive_of_a_year_at_a_time", condition=Q(finished_at=None)
            ),
            models.CheckConstraint(name="archive_finished_with_a_file", condition=Q(finished_at__isnull=False) | Q(file="")),
        ]
