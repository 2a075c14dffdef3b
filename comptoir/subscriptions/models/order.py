"""What was ordered, as it was priced, and what came of it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate

from comptoir.billing.models import Invoice
from comptoir.catalogue.models import Product
from comptoir.contracts.models import Contract
from comptoir.kernel.money import Money
from comptoir.kernel.walls import in_customer
from comptoir.organisations.models import Organisation

from .subscription import TERMS, Period, Subscription


class Order(models.Model):
    """What somebody ordered, as it was priced. Placed in one transaction and settled, once, in the same or another.

    Where a card or an account is charged, nothing but the order exists until the payment has succeeded.
    """

    class State(models.TextChoices):
        PLACED = "placed"
        SETTLED = "settled"
        FAILED = "failed"  # declined, or not paid in time: nothing came of it
        PARKED = "parked"  # held by a safety bound until the desk decides

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    # of the one contract and subscription that it is about; null where it is about several or about none that is there yet
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, db_constraint=False, null=True)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, db_constraint=False, null=True)
    number = models.TextField()
    verb = models.TextField()  # what was ordered: add_seats, align, renew, buy
    seats = models.IntegerField(default=0)  # added or bought
    seats_before = models.PositiveIntegerField(default=0)
    ordered_on = models.DateField()  # business day
    ordered_at = models.DateTimeField(auto_now_add=True)
    ordered_by_id = models.BigIntegerField(null=True)  # a membership; null: a job
    payment_method = models.TextField(choices=Subscription.PaymentMethod.choices)
    paid_with = models.ForeignKey("billing.PaymentMethod", on_delete=models.PROTECT, db_constraint=False, null=True)
    currency = models.CharField(max_length=3)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    tax_basis_points = models.PositiveIntegerField(null=True)  # as it was priced
    tax_treatment = models.TextField(blank=True, db_default="")
    quote = models.TextField()
    po_number = models.TextField(blank=True, db_default="")
    terms_version = models.TextField(blank=True, db_default="")  # the terms of sale that were accepted with it
    state = models.TextField(choices=State.choices, default=State.PLACED)
    failed_because = models.TextField(blank=True, db_default="")  # a code
    settled_on = models.DateField(null=True)

    class Meta:
        constraints = [
            in_customer("order"),
            models.UniqueConstraint(fields=["organisation", "number"], name="order_number_once"),
        ]
        indexes = [
            models.Index(fields=["organisation", "subscription", "id"], name="order_of_subscription"),
            models.Index(fields=["organisation", "id"], name="order_waiting", condition=Q(state__in=("placed", "parked"))),
            models.Index("organisation", Collate("number", "C"), name="order_beginning"),
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


class OrderLine(models.Model):
    """One line of an order: seats of one paid period, for the days of it that are paid.

    It says all that settling needs: which subscription, or which product for which contract, and the period to come.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, db_constraint=False, related_name="lines")
    position = models.PositiveSmallIntegerField()
    kind = models.TextField()
    # null only in orders of an earlier release, whose order names it, and for what is bought
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, db_constraint=False, null=True)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, db_constraint=False, null=True)  # null: a new one
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True)
    term = models.TextField(choices=TERMS, blank=True, db_default="")  # of the period
    price_kind = models.TextField(choices=[("new", "new"), ("renewal", "renewal")], blank=True, db_default="")
    anchor_day = models.PositiveSmallIntegerField(null=True)  # of the periods from this one on
    list_minor = models.BigIntegerField(null=True)  # the unit price before a promotion
    promotion = models.TextField(blank=True, db_default="")  # its code or name, as it was
    start = models.DateField()
    end = models.DateField()
    quantity = models.PositiveIntegerField()
    unit_minor = models.BigIntegerField()
    days = models.PositiveIntegerField()
    denominator = models.PositiveIntegerField()
    net_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            in_customer("orderline"),
            models.UniqueConstraint(fields=["organisation", "order", "position"], name="order_line_position_once"),
        ]

    @property
    def unit_price(self) -> Money:
        """Per seat and full term."""
        return Money(self.unit_minor, self.currency)

    @property
    def net(self) -> Money:
        """The line's amount without tax."""
        return Money(self.net_minor, self.currency)


class OrderInvoice(models.Model):
    """An invoice that an order was settled with: one for each contract."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, db_constraint=False, related_name="invoices")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, db_constraint=False, related_name="+")

    class Meta:
        constraints = [
            in_customer("orderinvoice"),
            models.UniqueConstraint(fields=["organisation", "invoice"], name="invoice_settles_one_order"),
        ]
        indexes = [models.Index(fields=["organisation", "order"], name="invoices_of_order")]


class Sale(models.Model):
    """What one invoice sold to one subscription: the unit that can be returned, newest first (rules 6)."""

    class Kind(models.TextChoices):
        PURCHASE = "purchase"
        ADDITION = "addition"
        RENEWAL = "renewal"
        ALIGNMENT = "alignment"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, db_constraint=False, related_name="sales")
    kind = models.TextField(choices=Kind.choices)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, db_constraint=False, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, db_constraint=False, null=True)  # null: the nightly run
    period = models.ForeignKey(Period, on_delete=models.PROTECT, db_constraint=False, null=True)  # null: an addition
    seats = models.PositiveIntegerField()  # added, or of the period
    seats_before = models.PositiveIntegerField()
    on = models.DateField()  # business day
    anchor_day_before = models.PositiveSmallIntegerField(null=True)  # of the subscription; null: a purchase
    undone_on = models.DateField(null=True)  # returned, or taken back unpaid

    class Meta:
        constraints = [
            in_customer("sale"),
            models.UniqueConstraint(fields=["organisation", "subscription", "invoice"], name="sold_once_by_an_invoice"),
        ]
        indexes = [models.Index(fields=["organisation", "invoice"], name="sales_of_invoice")]

    @property
    def contract_id(self) -> int:
        """The contract that it was sold under: whoever may return, may on that contract."""
        return self.subscription.contract_id

    @property
    def number(self) -> str:
        """The number that people know it by: that of its subscription."""
        return self.subscription.number
