"""How a customer pays, each try to charge, and the money that came in or went back."""

from django.db import models
from django.db.models import Q

from comptoir.kernel.money import Money
from comptoir.kernel.walls import in_customer
from comptoir.organisations.models import Membership, Organisation

from .invoices import Invoice


class PaymentMethod(models.Model):
    """A card or a SEPA mandate, as the provider knows it. We hold its name there, never a number of its own."""

    class Kind(models.TextChoices):
        CARD = "card"
        SEPA = "sepa"

    class State(models.TextChoices):
        ACTIVE = "active"
        REMOVED = "removed"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    kind = models.TextField(choices=Kind.choices)
    provider = models.TextField()  # stripe, sandbox
    customer_ref = models.TextField()  # the provider's name of the customer
    token_ref = models.TextField()  # the provider's name of the method
    label = models.TextField()  # Visa •••• 4242
    expires_on = models.DateField(null=True)  # the first day on which it is no longer good
    state = models.TextField(choices=State.choices, default=State.ACTIVE)
    added_on = models.DateField()
    added_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, db_constraint=False)
    removed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            in_customer("paymentmethod"),
            models.UniqueConstraint(fields=["organisation", "provider", "token_ref"], name="payment_method_once"),
            models.CheckConstraint(name="payment_method_has_a_token", condition=~Q(token_ref="") & ~Q(customer_ref="")),
            models.CheckConstraint(
                name="payment_method_removed_on_a_day",
                condition=Q(state="active", removed_on=None) | Q(state="removed", removed_on__isnull=False),
            ),
        ]


class MethodSetup(models.Model):
    """Somebody on the way to the provider's own page to give a card or a mandate, and back."""

    class State(models.TextChoices):
        ASKED = "asked"  # the provider has not been told yet
        OPEN = "open"  # its page waits at `url`
        DONE = "done"
        FAILED = "failed"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    kind = models.TextField(choices=PaymentMethod.Kind.choices)
    provider = models.TextField()
    state = models.TextField(choices=State.choices, default=State.ASKED)
    reference = models.TextField()  # our key: asking the provider twice makes one page
    provider_ref = models.TextField(blank=True)
    url = models.TextField(blank=True)
    method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, null=True, db_constraint=False)
    asked_on = models.DateField()
    asked_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, db_constraint=False)

    class Meta:
        constraints = [
            in_customer("methodsetup"),
            models.UniqueConstraint(fields=["organisation", "reference"], name="setup_reference_once"),
            models.CheckConstraint(
                name="setup_done_with_a_method",
                condition=Q(state="done", method__isnull=False) | (~Q(state="done") & Q(method=None)),
            ),
        ]


class Attempt(models.Model):
    """One try to charge a method. Written before the provider is called; `reference` is the key that makes it happen once."""

    class State(models.TextChoices):
        CREATED = "created"  # the provider has not been asked
        SENT = "sent"  # it is being asked; a crash leaves it here
        UNKNOWN = "unknown"  # asked, no answer: neither paid nor failed
        PENDING = "pending"  # accepted; the bank takes days (SEPA)
        NEEDS_ACTION = "needs_action"  # the holder must confirm at `action_url` (3-D Secure)
        SUCCEEDED = "succeeded"
        DECLINED = "declined"
        CANCELLED = "cancelled"
        REVERSED = "reversed"  # had succeeded; the bank took it back for good

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, null=True, db_constraint=False)
    order_id = models.BigIntegerField(null=True)  # of subscriptions, which lies above
    method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, db_constraint=False)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    nth = models.PositiveSmallIntegerField(default=1)  # of its invoice or order
    state = models.TextField(choices=State.choices, default=State.CREATED)
    reference = models.TextField()
    provider_ref = models.TextField(blank=True)
    decline_code = models.TextField(blank=True)
    action_url = models.TextField(blank=True)
    by_hand = models.BooleanField(default=False)  # somebody is there to confirm it
    back_to = models.TextField(blank=True, db_default="")  # the page of ours that somebody came from
    sent_at = models.DateTimeField(null=True)  # when the provider was asked first: its keys don't last for ever
    made_on = models.DateField()
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [
            in_customer("attempt"),
            models.UniqueConstraint(fields=["organisation", "reference"], name="attempt_reference_once"),
            models.UniqueConstraint(
                fields=["organisation", "invoice"],
                name="one_live_attempt_per_invoice",
                condition=~Q(state__in=["declined", "cancelled", "reversed"]),
            ),
            models.UniqueConstraint(
                fields=["organisation", "order_id"],
                name="one_live_attempt_per_order",
                condition=~Q(state__in=["declined", "cancelled", "reversed"]),
            ),
            models.UniqueConstraint(fields=["organisation", "invoice", "nth"], name="attempt_of_invoice_counted_once"),
            models.UniqueConstraint(fields=["organisation", "order_id", "nth"], name="attempt_of_order_counted_once"),
            models.CheckConstraint(
                name="attempt_for_invoice_or_order",
                condition=Q(invoice=None, order_id__isnull=False) | Q(invoice__isnull=False, order_id=None),
            ),
            models.CheckConstraint(name="attempt_charges_something", condition=Q(amount_minor__gt=0)),
            models.CheckConstraint(
                name="attempt_ends_on_a_day",
                condition=Q(state__in=["succeeded", "declined", "cancelled", "reversed"], ended_on__isnull=False)
                | Q(state__in=["created", "sent", "unknown", "pending", "needs_action"], ended_on=None),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "id"],
                name="attempt_under_way",
                condition=Q(state__in=["created", "sent", "unknown", "pending", "needs_action"]),
            )
        ]

    @property
    def amount(self) -> Money:
        """What is charged, with tax."""
        return Money(self.amount_minor, self.currency)


class Payment(models.Model):
    """Money that came in: by a charge that succeeded, or by a line of a bank statement."""

    class Kind(models.TextChoices):
        CHARGE = "charge"
        TRANSFER = "transfer"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    kind = models.TextField(choices=Kind.choices)
    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, null=True, db_constraint=False)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    received_on = models.DateField()
    reference = models.TextField()  # the attempt's, or the digest of the statement's line

    class Meta:
        constraints = [
            in_customer("payment"),
            models.UniqueConstraint(fields=["organisation", "reference"], name="payment_reference_once"),
            models.CheckConstraint(name="payment_brings_something", condition=Q(amount_minor__gt=0)),
            models.CheckConstraint(
                name="charge_has_its_attempt",
                condition=Q(kind="charge", attempt__isnull=False) | Q(kind="transfer", attempt=None),
            ),
        ]

    @property
    def amount(self) -> Money:
        """What came in."""
        return Money(self.amount_minor, self.currency)


class Dispute(models.Model):
    """The bank took a charge back. While it is open and when it is lost, what it paid is open again."""

    class State(models.TextChoices):
        OPEN = "open"
        WON = "won"
        LOST = "lost"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, db_constraint=False)
    provider_ref = models.TextField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.TextField(blank=True)
    state = models.TextField(choices=State.choices, default=State.OPEN)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            in_customer("dispute"),
            models.UniqueConstraint(fields=["organisation", "provider_ref"], name="dispute_once"),
            models.CheckConstraint(name="dispute_takes_something", condition=Q(amount_minor__gt=0)),
            models.CheckConstraint(
                name="dispute_closed_on_a_day",
                condition=Q(state="open", closed_on=None) | (~Q(state="open") & Q(closed_on__isnull=False)),
            ),
        ]


class Allocation(models.Model):
    """What of a payment pays which invoice. A dispute takes it off again by a line of its own, less than nothing."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, db_constraint=False, related_name="allocations")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, db_constraint=False, related_name="allocations")
    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, db_constraint=False, null=True)
    amount_minor = models.BigIntegerField()
    on = models.DateField()
    from_credit = models.BooleanField(default=False, db_default=False)  # had stayed as credit before it paid this

    class Meta:
        constraints = [
            in_customer("allocation"),
            models.CheckConstraint(name="credit_pays_by_itself", condition=Q(from_credit=False) | Q(dispute=None)),
            models.CheckConstraint(
                name="allocation_pays_something",
                condition=Q(amount_minor__gt=0) | (Q(amount_minor__lt=0) & Q(dispute__isnull=False)),
            ),
        ]


class Refund(models.Model):
    """Money that goes back the way it came: for a credit note, or for an order that came to nothing."""

    class State(models.TextChoices):
        CREATED = "created"
        SENT = "sent"
        UNKNOWN = "unknown"
        PENDING = "pending"
        SUCCEEDED = "succeeded"
        FAILED = "failed"  # the provider can't: the desk pays it out
        BY_HAND = "by_hand"  # came by bank transfer: the desk pays it out
        PAID_OUT = "paid_out"  # by the desk

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, db_constraint=False)
    credit_note = models.ForeignKey(Invoice, on_delete=models.PROTECT, null=True, db_constraint=False)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.TextField(choices=State.choices, default=State.CREATED)
    reference = models.TextField()  # the key that makes it happen once
    provider_ref = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True)
    made_on = models.DateField()
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [
            in_customer("refund"),
            models.UniqueConstraint(fields=["organisation", "reference"], name="refund_reference_once"),
            models.CheckConstraint(name="refund_gives_something", condition=Q(amount_minor__gt=0)),
            models.CheckConstraint(
                name="refund_ends_on_a_day",
                condition=Q(state__in=["succeeded", "failed", "paid_out"], ended_on__isnull=False)
                | Q(state__in=["created", "sent", "unknown", "pending", "by_hand"], ended_on=None),
            ),
        ]

    @property
    def amount(self) -> Money:
        """What goes back."""
        return Money(self.amount_minor, self.currency)
