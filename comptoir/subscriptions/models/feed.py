"""The secret address of a calendar of renewals."""

from django.db import models
from django.db.models import Q

from comptoir.kernel.walls import in_customer
from comptoir.organisations.models import Membership, Organisation


class CalendarFeed(models.Model):
    """A secret address under which a calendar program reads one member's renewals. Only its digest is kept."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, db_constraint=False)
    digest = models.TextField(unique=True)  # SHA-256 of the secret, which is long and random
    language = models.TextField()  # of the calendar: a program that reads it has none
    made_on = models.DateField()
    revoked_on = models.DateField(null=True)

    class Meta:
        constraints = [
            in_customer("calendarfeed"),
            models.UniqueConstraint(
                fields=["organisation", "membership"], name="one_calendar_each", condition=Q(revoked_on=None)
            ),
        ]
