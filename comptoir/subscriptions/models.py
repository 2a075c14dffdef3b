"""Subscriptions: paid periods, the seat ledger, orders."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from comptoir.billing.models import Invoice
from comptoir.catalogue.models import Product
from comptoir.contracts.models import Contract
from comptoir.kernel.calendar import Term
from comptoir.kernel.money import Money
from comptoir.kernel.walls import in_customer
from comptoir.organisations.models import Organisation

TERMS = [(term.value, term.value) for term in Term]


class Subscription(models.Model):
    """One product under one contract, with seats, paid in periods.

    `seats_now`, `seats_at_renewal` and `renews_on` mirror the last row of the seat ledger and of the periods, so that lists
    read one table; `comptoir verify` recomputes them.
    """

    class PaymentMethod(models.TextChoices):
        CARD = "card"
        SEPA = "sepa"
        INVOICE = "invoice"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, db_constraint=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    number = models.TextField()
    term = models.TextField(choices=TERMS)  # of the running period
    anchor_day = models.PositiveSmallIntegerField()  # 1..31, survives short months (rules 1)
    automatic_renewal = models.BooleanField()
    payment_method = models.TextField(choices=PaymentMethod.choices)
    seats_now = models.PositiveIntegerField()
    seats_at_renewal = models.PositiveIntegerField()
    starts_on = models.DateField()  # of the first period that is known
    renews_on = models.DateField()  # the end of the last paid period: the first day that is not paid
    version = models.PositiveIntegerField(default=1)  # moves with every change; a quote carries it

    class Meta:
        constraints = [
            in_customer("subscription"),
            models.UniqueConstraint(fields=["organisation", "number"], name="subscription_number_once"),
            models.CheckConstraint(name="at_least_one_seat", condition=Q(seats_now__gte=1, seats_at_renewal__gte=1)),
            models.CheckConstraint(name="anchor_is_a_day_of_month", condition=Q(anchor_day__range=(1, 31))),
        ]
        indexes = [
            models.Index(fields=["organisation", "renews_on", "number"], name="subscription_by_renewal"),
            models.Index(fields=["organisation", "contract"], name="subscription_of_contract"),
            models.Index(fields=["organisation", "product", "number"], name="subscription_of_product"),
            models.Index(fields=["organisation", "term", "payment_method", "renews_on"], name="subscription_to_align"),
        ]

    def __str__(self) -> str:
        return self.number


class Period(models.Model):
    """A paid span `[start, end)`, with its own denominator. Periods of one subscription never overlap."""

    class Kind(models.TextChoices):
        IMPORTED = "imported"
        PURCHASE = "purchase"
        RENEWAL = "renewal"
        EXTENSION = "extension"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, db_constraint=False, related_name="periods")
    start = models.DateField()
    end = models.DateField()
    days = models.PositiveIntegerField()  # the denominator: its own days, or an extension's full term
    term = models.TextField(choices=TERMS)
    kind = models.TextField(choices=Kind.choices)
    price_minor = models.BigIntegerField(null=True)  # per seat, minor units; null: not known, never guessed (rules 12)
    currency = models.CharField(max_length=3)
    price_kind = models.TextField(choices=[("new", "new"), ("renewal", "renewal")], blank=True)

    class Meta:
        constraints = [
            in_customer("period"),
            models.CheckConstraint(name="period_ends_after_start", condition=Q(end__gt=F("start"))),
            models.CheckConstraint(name="period_has_days", condition=Q(days__gte=1)),
            ExclusionConstraint(
                name="periods_never_overlap",
                expressions=[
                    ("subscription", RangeOperators.EQUAL),
                    (Func(F("start"), F("end"), Value("[)"), function="daterange"), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [models.Index(fields=["organisation", "subscription", "start"], name="period_of_subscription")]

    @property
    def price(self) -> Money | None:
        """What a seat of this period cost, without tax; None: not known."""
        return None if self.price_minor is None else Money(self.price_minor, self.currency)


class Order(models.Model):
    """What somebody ordered, as it was priced; settled once. Its lines are the invoice's lines."""

    class State(models.TextChoices):
        PLACED = "placed"
        SETTLED = "settled"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, db_constraint=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, db_constraint=False)
    number = models.TextField()
    verb = models.TextField()  # what was ordered: add_seats
    seats = models.IntegerField()
    seats_before = models.PositiveIntegerField()
    ordered_on = models.DateField()  # business day
    ordered_at = models.DateTimeField(auto_now_add=True)
    ordered_by_id = models.BigIntegerField()  # a membership
    payment_method = models.TextField(choices=Subscription.PaymentMethod.choices)
    currency = models.CharField(max_length=3)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    quote = models.TextField()
    state = models.TextField(choices=State.choices, default=State.PLACED)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, db_constraint=False, null=True)

    class Meta:
        constraints = [
            in_customer("order"),
            models.UniqueConstraint(fields=["organisation", "number"], name="order_number_once"),
            models.CheckConstraint(
                name="order_settled_with_invoice",
                condition=Q(state="placed", invoice=None) | Q(state="settled", invoice__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["organisation", "subscription", "id"], name="order_of_subscription")]

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
    """One line of an order: seats of one paid period, for the days left in it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, db_constraint=False, related_name="lines")
    position = models.PositiveSmallIntegerField()
    kind = models.TextField()
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


class SeatEntry(models.Model):
    """One line of the seat ledger: append-only, with the running numbers after it."""

    class Kind(models.TextChoices):
        IMPORTED = "imported"
        PURCHASE = "purchase"
        ADDITION = "addition"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, db_constraint=False, related_name="seat_entries")
    seq = models.PositiveIntegerField()
    on = models.DateField()  # business day from which it counts
    kind = models.TextField(choices=Kind.choices)
    change_now = models.IntegerField()
    change_at_renewal = models.IntegerField()
    seats_now = models.PositiveIntegerField()
    seats_at_renewal = models.PositiveIntegerField()
    order = models.ForeignKey(Order, on_delete=models.PROTECT, db_constraint=False, null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            in_customer("seatentry"),
            models.UniqueConstraint(fields=["organisation", "subscription", "seq"], name="seat_ledger_has_no_fork"),
            models.UniqueConstraint(fields=["organisation", "order"], name="order_counts_once", condition=Q(order__isnull=False)),
        ]
