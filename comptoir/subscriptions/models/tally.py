"""What a customer's subscriptions come to, kept by the database as they change, so that figures need not look at every one."""

from django.db import models
from django.db.models import Q

from comptoir.catalogue.models import Product
from comptoir.organisations.models import Organisation

from .subscription import Subscription


class Tally(models.Model):
    """Of subscriptions that have not ended and are alike: by how much their number, seats and people changed.

    The sum of a customer's rows is what there is. Triggers add rows and never change one, so that verbs on two subscriptions
    don't wait for each other; now and then they make one row of those that are alike (migration 0017). No day is in
    it but the subscriptions' own, so it moves with changes alone, not with the calendar.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, db_index=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, db_index=False)
    monthly = models.BooleanField()  # the term, as far as rules 6 tell terms apart
    automatic = models.BooleanField()
    renews_on = models.DateField()
    lapses_on = models.DateField()
    lines = models.IntegerField()
    seats = models.BigIntegerField()  # of today
    people = models.BigIntegerField()  # who were given one
    in_line = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(
                fields=["organisation", "lapses_on"],
                include=["product", "monthly", "automatic", "renews_on", "lines", "seats", "people", "in_line"],
                name="tally_by_lapse",
            )
        ]


class Occupancy(models.Model):
    """How many people were given a seat of a subscription, and how many wait; a subscription that nobody had is missing."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, db_index=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, db_constraint=False, related_name="occupancy")
    people = models.IntegerField()
    in_line = models.IntegerField()
    # more people than seats, today or from the next period on: who stands depends on the day, and is told of these alone
    crowded = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "subscription"], name="occupancy_once"),
        ]
        indexes = [models.Index(fields=["organisation", "subscription"], name="occupancy_crowded", condition=Q(crowded=True))]
