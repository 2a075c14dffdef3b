"""A subscription, its paid periods and its seat ledger."""

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Collate

from comptoir.catalogue.models import SHARING, Product
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
    paid_with = models.ForeignKey("billing.PaymentMethod", on_delete=models.PROTECT, db_constraint=False, null=True)
    starts_on = models.DateField()  # of the first period that is known
    renews_on = models.DateField()  # the end of the last paid period: the first day that is not paid
    # from here the clock of rules 6 runs: `renews_on`, or the earlier day of a renewal that was not paid
    lapses_on = models.DateField(db_default=date(9999, 12, 31))
    turns_on = models.DateField(null=True)  # first day of a period that was renewed early and has not begun
    ended_on = models.DateField(null=True)  # by return of its purchase
    sharing = models.TextField(choices=SHARING, blank=True, default="", db_default="")  # empty: as the product says (rules 9)
    version = models.PositiveIntegerField(default=1)  # moves with every change; a quote carries it

    class Meta:
        constraints = [
            in_customer("subscription"),
            models.UniqueConstraint(fields=["organisation", "number"], name="subscription_number_once"),
            models.CheckConstraint(name="at_least_one_seat", condition=Q(seats_now__gte=1, seats_at_renewal__gte=1)),
            models.CheckConstraint(name="anchor_is_a_day_of_month", condition=Q(anchor_day__range=(1, 31))),
            models.CheckConstraint(
                name="charged_with_what_it_says",
                condition=Q(paid_with=None) | ~Q(payment_method="invoice"),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "renews_on", "number"], name="subscription_by_renewal"),
            models.Index(fields=["organisation", "lapses_on", "number"], name="subscription_by_lapse"),
            models.Index(fields=["organisation", "contract"], name="subscription_of_contract"),
            models.Index(fields=["organisation", "product", "number"], name="subscription_of_product"),
            models.Index(fields=["organisation", "term", "payment_method", "renews_on"], name="subscription_to_align"),
            models.Index("organisation", Collate("number", "C"), name="subscription_beginning"),
        ]

    def __str__(self) -> str:
        return self.number


class PlannedChange(models.Model):
    """What the next renewal will do differently: one pending change per subscription and field; none erases another.

    Planned seats are kept as the difference to today's, so that seats added meanwhile renew too (rules 3, 4). Turning
    automatic renewal on or off is a setting of the subscription, not a row here.
    """

    class Field(models.TextChoices):
        SEATS = "seats"
        TERM = "term"

    class Outcome(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        WITHDRAWN = "withdrawn"
        REPLACED = "replaced"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, db_constraint=False, related_name="planned")
    field = models.TextField(choices=Field.choices)
    seats = models.IntegerField(null=True)  # the difference to the seats of today
    term = models.TextField(choices=TERMS, blank=True)
    made_on = models.DateField()
    made_by_id = models.BigIntegerField(null=True)  # a membership
    outcome = models.TextField(choices=Outcome.choices, default=Outcome.PENDING)
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [
            in_customer("plannedchange"),
            models.UniqueConstraint(
                fields=["organisation", "subscription", "field"], name="one_pending_per_field", condition=Q(outcome="pending")
            ),
            models.CheckConstraint(
                name="planned_change_says_what",
                condition=Q(field="seats", seats__isnull=False, term="") | Q(field="term", seats=None) & ~Q(term=""),
            ),
            models.CheckConstraint(
                name="planned_change_ended_with_outcome",
                condition=Q(outcome="pending", ended_on=None) | ~Q(outcome="pending") & Q(ended_on__isnull=False),
            ),
        ]


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
    undone_on = models.DateField(null=True)  # returned, or taken back unpaid: it no longer counts as paid

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
                condition=Q(undone_on=None),
            ),
        ]
        indexes = [models.Index(fields=["organisation", "subscription", "start"], name="period_of_subscription")]

    @property
    def price(self) -> Money | None:
        """What a seat of this period cost, without tax; None: not known."""
        return None if self.price_minor is None else Money(self.price_minor, self.currency)


class SeatEntry(models.Model):
    """One line of the seat ledger: append-only, with the running numbers after it."""

    class Kind(models.TextChoices):
        IMPORTED = "imported"
        PURCHASE = "purchase"
        ADDITION = "addition"
        PLAN = "plan"  # only the seats at renewal move
        RENEWAL = "renewal"  # the seats that were planned are those of today
        RETURN = "return"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, db_constraint=False, related_name="seat_entries")
    seq = models.PositiveIntegerField()
    on = models.DateField()  # business day from which it counts
    kind = models.TextField(choices=Kind.choices)
    change_now = models.IntegerField()
    change_at_renewal = models.IntegerField()
    seats_now = models.PositiveIntegerField()
    seats_at_renewal = models.PositiveIntegerField()
    order = models.ForeignKey("subscriptions.Order", on_delete=models.PROTECT, db_constraint=False, null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            in_customer("seatentry"),
            models.UniqueConstraint(fields=["organisation", "subscription", "seq"], name="seat_ledger_has_no_fork"),
            models.UniqueConstraint(
                fields=["organisation", "subscription", "order"], name="order_counts_once", condition=Q(order__isnull=False)
            ),
        ]
