"""Floating seats that are in use: leases."""

from django.db import models
from django.db.models import F, Q

from comptoir.kernel.walls import in_customer
from comptoir.organisations.models import Membership, Organisation
from comptoir.subscriptions.models import Subscription

from .licences import LicenceKey


class Lease(models.Model):
    """A floating seat that a member, or a licence key without one, uses now: until `free_at`, or borrowed until a day.

    A device is heard of every few minutes, and `free_at` moves on. One that is not heard of again frees the seat by itself.
    """

    class Ended(models.TextChoices):
        RETURNED = "returned"
        MOVED = "moved"  # the same holder took one on another device
        LAPSED = "lapsed"  # not heard of, and another one came after it
        OUTRANKED = "outranked"  # there was no seat for it any more
        ENDED = "ended"  # by whoever gives seats
        LEFT = "left"  # the person has left the customer, or the key has ended

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, db_constraint=False, related_name="leases")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, db_constraint=False, null=True)
    key = models.ForeignKey(LicenceKey, on_delete=models.PROTECT, db_constraint=False, null=True)
    number = models.TextField()  # random: the product names its lease by it
    fingerprint = models.TextField()  # of the device, as the product says it
    device_name = models.TextField()
    taken_on = models.DateField()
    taken_at = models.DateTimeField()
    heard_on = models.DateField()  # the business day of the last sign of life
    heard_at = models.DateTimeField()
    free_at = models.DateTimeField()
    borrowed_until = models.DateField(null=True)  # the first day without it
    ended_at = models.DateTimeField(null=True)
    why = models.TextField(choices=Ended.choices, blank=True)

    class Meta:
        constraints = [
            in_customer("lease"),
            models.UniqueConstraint(fields=["organisation", "number"], name="lease_number_once"),
            models.UniqueConstraint(
                fields=["organisation", "subscription", "membership", "key"],
                name="one_lease_each",
                condition=Q(ended_at=None),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="lease_of_a_person_or_a_key",
                condition=Q(membership__isnull=False, key=None) | Q(membership=None, key__isnull=False),
            ),
            models.CheckConstraint(name="lease_is_free_after_it_was_heard", condition=Q(free_at__gt=F("heard_at"))),
            models.CheckConstraint(
                name="lease_borrowed_for_a_day", condition=Q(borrowed_until=None) | Q(borrowed_until__gt=F("taken_on"))
            ),
            models.CheckConstraint(
                name="lease_ended_for_a_reason", condition=Q(ended_at=None, why="") | Q(ended_at__isnull=False) & ~Q(why="")
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "subscription", "id"], name="lease_living", condition=Q(ended_at=None)),
            models.Index(fields=["organisation", "membership"], name="lease_of_member", condition=Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        return self.number
