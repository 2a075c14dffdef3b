"""What somebody is told of in the bell: lines of their customer's log that concern them."""

from django.db import models

from comptoir.kernel.walls import in_customer
from comptoir.organisations.models import Membership, Organisation


class Notice(models.Model):
    """A line of the log that concerns a member, until they have read it and for 90 days. What it says stands in the log."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, db_constraint=False)
    seq = models.BigIntegerField()  # of the line, in the customer's chain
    on = models.DateField()  # business day of the line
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            in_customer("notice"),
            models.UniqueConstraint(fields=["organisation", "membership", "seq"], name="notice_once_each"),
        ]
        indexes = [
            # counted on every page
            models.Index(fields=["organisation", "membership"], name="notice_unread", condition=models.Q(read_at=None)),
            models.Index(fields=["organisation", "on"], name="notice_of_day"),
        ]


class LogRead(models.Model):
    """Up to which line a customer's log was read for notices. What comes after is read by the next job."""

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, primary_key=True)
    seq = models.BigIntegerField(default=0)
