"""The nightly renewal of one customer, and what its safety bounds held back."""

from django.db import models
from django.db.models import Q

from comptoir.kernel.money import Money
from comptoir.kernel.walls import in_customer
from comptoir.organisations.models import Organisation

from .order import Order
from .subscription import Subscription


class RenewalRun(models.Model):
    """What was renewed for one customer on one day; its row lock keeps two workers from doing it at once."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    day = models.DateField()
    renewed = models.PositiveIntegerField(default=0)
    invoices = models.PositiveIntegerField(default=0)
    ended = models.PositiveIntegerField(default=0)  # retired without a price, or not automatic: nothing renewed them
    parked = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            in_customer("renewalrun"),
            models.UniqueConstraint(fields=["organisation", "day"], name="one_run_a_day"),
        ]


class Parked(models.Model):
    """A renewal or an order that a safety bound held back: nothing is charged until the desk has decided."""

    class State(models.TextChoices):
        OPEN = "open"
        RELEASED = "released"
        DISCARDED = "discarded"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, db_constraint=False, null=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, db_constraint=False, null=True)
    renews_on = models.DateField(null=True)  # of the renewal that was held back
    parked_on = models.DateField()
    findings = models.JSONField()  # codes with their figures
    net_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.TextField(choices=State.choices, default=State.OPEN)
    decided_on = models.DateField(null=True)
    decided_by = models.TextField(blank=True)  # as the activity log names an actor

    class Meta:
        constraints = [
            in_customer("parked"),
            models.UniqueConstraint(
                fields=["organisation", "subscription"],
                name="parked_once",
                condition=Q(state="open", subscription__isnull=False),
            ),
            models.CheckConstraint(
                name="parked_is_about_something", condition=Q(subscription__isnull=False) | Q(order__isnull=False)
            ),
        ]

    @property
    def number(self) -> str:
        """What people call it: the subscription's number, or the order's."""
        held = self.subscription or self.order
        return held.number if held else ""

    @property
    def net(self) -> Money:
        """What would be charged, without tax."""
        return Money(self.net_minor, self.currency)


class AlignmentWish(models.Model):
    """An alignment that waits until its subscriptions match: then the manager gets the preview to confirm (rules 5)."""

    class Outcome(models.TextChoices):
        WAITING = "waiting"
        READY = "ready"  # they match; the manager has been told
        DONE = "done"
        WITHDRAWN = "withdrawn"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    made_by_id = models.BigIntegerField()  # a membership
    made_on = models.DateField()
    outcome = models.TextField(choices=Outcome.choices, default=Outcome.WAITING)

    class Meta:
        constraints = [in_customer("alignmentwish")]


class WishedAlignment(models.Model):
    """One subscription of such a wish."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    wish = models.ForeignKey(AlignmentWish, on_delete=models.CASCADE, db_constraint=False, related_name="members")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, db_constraint=False)

    class Meta:
        constraints = [
            in_customer("wishedalignment"),
            models.UniqueConstraint(fields=["organisation", "wish", "subscription"], name="wished_once"),
        ]
