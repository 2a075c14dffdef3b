"""Who uses which seat, and the serial numbers of the old centre."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate

from comptoir.kernel.walls import in_customer
from comptoir.organisations.models import Membership, Organisation
from comptoir.subscriptions.models import Subscription


class Assignment(models.Model):
    """A seat given to a member, or their place on the waiting list, from `given_on` up to, not on, `ended_on`.

    The history is kept: rows end, they don't go. Whoever waits and is given a seat has two rows, one after the other.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, db_constraint=False, related_name="assignments")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, db_constraint=False)
    given_on = models.DateField()
    waiting = models.BooleanField(default=False)  # no seat was left: their place in the line, from `given_on`
    direct = models.BooleanField(default=True, db_default=True)  # given to the person; else by a group alone
    kept = models.BooleanField(default=False, db_default=False)  # chosen to stay when the next renewal has fewer seats
    last_used_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)  # the first day without it

    class Meta:
        constraints = [
            in_customer("assignment"),
            models.UniqueConstraint(
                fields=["organisation", "subscription", "membership"], name="one_seat_each", condition=Q(ended_on=None)
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "membership"], name="assignment_of_member"),
            # who sits and who waits, told from the index alone
            models.Index(
                fields=["organisation", "subscription", "waiting"], name="assignment_in_use", condition=Q(ended_on=None)
            ),
            models.Index(
                fields=["organisation", "subscription", "given_on", "id"],
                name="assignment_in_line",
                condition=Q(ended_on=None, waiting=True),
            ),
        ]


class SerialNumber(models.Model):
    """A serial number that was given out. It stays with its subscription and, once given, with its person (audits)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, db_constraint=False, related_name="serial_numbers")
    number = models.TextField()
    version = models.TextField(blank=True)
    group_label = models.TextField(blank=True)  # of the old centre (F5.7)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, db_constraint=False, null=True)
    given_on = models.DateField(null=True)  # to the member

    class Meta:
        constraints = [
            in_customer("serialnumber"),
            models.UniqueConstraint(fields=["organisation", "number"], name="serial_number_once"),
            models.CheckConstraint(
                name="serial_given_to_somebody_on_a_day",
                condition=Q(membership=None, given_on=None) | Q(membership__isnull=False, given_on__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "subscription"], name="serial_of_subscription"),
            models.Index(fields=["organisation", "membership"], name="serial_of_member", condition=Q(membership__isnull=False)),
            models.Index("organisation", Collate("number", "C"), name="serial_beginning"),
        ]
