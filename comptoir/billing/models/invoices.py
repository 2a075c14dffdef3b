"""Invoices: lines, tax, a number. Billing need not know why one was raised."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Collate

from comptoir.kernel.money import Money
from comptoir.kernel.walls import in_customer
from comptoir.organisations.models import Organisation


class Series(models.Model):
    """A run of invoice numbers without gaps. Its row lock is taken last and held shortest."""

    legal_entity = models.TextField()
    kind = models.TextField()  # F invoice, A credit note
    year = models.PositiveSmallIntegerField()  # of the issue day, in the billing time zone
    last = models.PositiveIntegerField(default=0)
    last_day = models.DateField(null=True)  # numbers never go back in time

    class Meta:
        constraints = [models.UniqueConstraint(fields=["legal_entity", "kind", "year"], name="one_series_per_year")]


class TaxRate(models.Model):
    """The standard rate of a country from a day on."""

    country = models.CharField(max_length=2)
    basis_points = models.PositiveIntegerField()  # hundredths of a percent
    valid_from = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["country", "valid_from"], name="one_rate_per_day")]


class Invoice(models.Model):
    """A document that asks for money. Never edited after it has a number: corrected by credit notes."""

    class Kind(models.TextChoices):
        INVOICE = "F"
        CREDIT_NOTE = "A"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    contract_id = models.BigIntegerField()
    kind = models.TextField(choices=Kind.choices, default=Kind.INVOICE)
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, db_constraint=False)  # of a credit note
    reason = models.TextField(blank=True, default="", db_default="")  # of a credit note: a code, or the desk's words
    number = models.TextField(null=True)  # given last; F-2026-000001
    issued_on = models.DateField(null=True)  # taken under the lock of the series
    due_on = models.DateField(null=True)
    payment_method = models.TextField()
    currency = models.CharField(max_length=3)
    seller = models.JSONField()  # the vendor's legal data as they were
    buyer = models.JSONField()  # name and address as they were
    po_number = models.TextField(blank=True)
    invoice_email = models.TextField(blank=True)
    language = models.TextField()
    tax_treatment = models.TextField()
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            in_customer("invoice"),
            models.UniqueConstraint(fields=["number"], name="invoice_number_once"),
            models.CheckConstraint(name="invoice_adds_up", condition=Q(total_minor=F("net_minor") + F("tax_minor"))),
            models.CheckConstraint(
                name="credit_note_corrects_an_invoice",
                condition=Q(kind="F", corrects=None, reason="") | Q(kind="A", corrects__isnull=False),
            ),
            models.CheckConstraint(
                name="invoice_issued_with_number",
                condition=Q(number=None, issued_on=None) | Q(number__isnull=False, issued_on__isnull=False, due_on__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-id"], name="invoice_newest"),
            models.Index("organisation", Collate("number", "C"), name="invoice_beginning"),
            models.Index("organisation", Collate("po_number", "C"), name="invoice_po_beginning", condition=~Q(po_number="")),
        ]

    @property
    def net(self) -> Money:
        """Without tax."""
        return Money(self.net_minor, self.currency)

    @property
    def tax(self) -> Money:
        """The tax on it."""
        return Money(self.tax_minor, self.currency)

    @property
    def total(self) -> Money:
        """What is to be paid."""
        return Money(self.total_minor, self.currency)


class InvoiceLine(models.Model):
    """One line: how the amount came about, in numbers. Its sentence is written in the reader's language."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, db_constraint=False, related_name="lines")
    position = models.PositiveSmallIntegerField()
    # of a credit note: the line that it takes back, in whole or in part; its amounts are positive
    credits = models.ForeignKey("self", on_delete=models.PROTECT, null=True, db_constraint=False)
    kind = models.TextField()  # added_seats, ...: which sentence
    item = models.TextField()  # the product's name as it was
    reference = models.TextField()  # the subscription's number
    start = models.DateField()
    end = models.DateField()
    quantity = models.PositiveIntegerField()
    unit_minor = models.BigIntegerField()  # per seat and full period
    list_minor = models.BigIntegerField(null=True)  # the same before the promotion of that name
    promotion = models.TextField(blank=True, db_default="")
    days = models.PositiveIntegerField()
    denominator = models.PositiveIntegerField()
    net_minor = models.BigIntegerField()
    tax_basis_points = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            in_customer("invoiceline"),
            models.UniqueConstraint(fields=["organisation", "invoice", "position"], name="invoice_line_position_once"),
            models.CheckConstraint(
                name="line_promotion_with_list_price", condition=Q(list_minor=None, promotion="") | Q(list_minor__isnull=False)
            ),
        ]

    @property
    def unit_price(self) -> Money:
        """Per seat and full period."""
        return Money(self.unit_minor, self.currency)

    @property
    def list_price(self) -> Money | None:
        """The unit price before a promotion; None without one."""
        return None if self.list_minor is None else Money(self.list_minor, self.currency)

    @property
    def net(self) -> Money:
        """The line's amount without tax."""
        return Money(self.net_minor, self.currency)


class InvoiceBalance(models.Model):
    """What is still to be paid of one invoice: a mirror that triggers keep, so that "overdue" is one look into an index.

    open = total - credit notes - allocations + refunds. Less than nothing: we owe it.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    invoice = models.OneToOneField(Invoice, on_delete=models.PROTECT, db_constraint=False, related_name="balance")
    number = models.TextField()  # of the invoice: a bank statement names it before the customer is known
    contract_id = models.BigIntegerField()
    due_on = models.DateField()
    currency = models.CharField(max_length=3)
    open_minor = models.BigIntegerField()

    class Meta:
        constraints = [in_customer("invoicebalance")]
        indexes = [
            models.Index(fields=["number"], name="balance_of_number"),
            models.Index(fields=["organisation", "contract_id", "due_on"], name="balance_open", condition=Q(open_minor__gt=0)),
        ]

    @property
    def open(self) -> Money:
        """What is still to be paid."""
        return Money(self.open_minor, self.currency)
