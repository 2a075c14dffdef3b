"""Customers, and who sells to them."""

from django.db import models


class Reseller(models.Model):
    """A partner who sells for the vendor. Public: customers see its name and how to reach it."""

    number = models.TextField(unique=True)
    name = models.TextField()
    email = models.TextField(blank=True)
    phone = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name


class Organisation(models.Model):
    """A customer."""

    number = models.TextField(unique=True)
    name = models.TextField()
    country = models.CharField(max_length=2)  # ISO 3166-1
    currency = models.CharField(max_length=3)  # ISO 4217; one per customer (rules 2)
    language = models.TextField(default="en")
    street = models.TextField(blank=True)
    postcode = models.TextField(blank=True)
    city = models.TextField(blank=True)
    reseller = models.ForeignKey(Reseller, on_delete=models.PROTECT, null=True)
    tax_number = models.TextField(blank=True)
    po_number = models.TextField(blank=True)  # printed on invoices
    invoice_email = models.TextField(blank=True)  # the accounts-payable mailbox
    created_on = models.DateField()

    def __str__(self) -> str:
        return self.name

    @property
    def organisation_id(self) -> int:
        """The customer whose wall it stands in: itself."""
        return int(self.pk)
