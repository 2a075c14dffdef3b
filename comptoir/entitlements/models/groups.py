"""What is given to groups of people, and products that are given together."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from comptoir.kernel.walls import in_customer
from comptoir.organisations.models import Group, Organisation
from comptoir.subscriptions.models import Subscription


class GroupSeat(models.Model):
    """A subscription that was given to a group: everybody in it has a seat, or waits for one, from `given_on` to `ended_on`."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, db_constraint=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, db_constraint=False, related_name="group_seats")
    given_on = models.DateField()
    ended_on = models.DateField(null=True)  # the first day without it

    class Meta:
        constraints = [
            in_customer("groupseat"),
            models.UniqueConstraint(
                fields=["organisation", "subscription", "group"], name="given_to_a_group_once", condition=Q(ended_on=None)
            ),
            models.CheckConstraint(
                name="group_seat_ends_after_it_was_given", condition=Q(ended_on=None) | Q(ended_on__gte=F("given_on"))
            ),
        ]
        indexes = [models.Index(fields=["organisation", "group"], name="groupseat_of_group", condition=Q(ended_on=None))]


class Bundle(models.Model):
    """A group of products: subscriptions that are given together, under a name."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    name = models.TextField()
    made_on = models.DateField()
    ended_on = models.DateField(null=True)  # the first day without it

    class Meta:
        constraints = [
            in_customer("bundle"),
            models.UniqueConstraint("organisation", Lower("name"), name="bundle_name_once", condition=Q(ended_on=None)),
        ]

    def __str__(self) -> str:
        return self.name


class BundleItem(models.Model):
    """One subscription in a group of products."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, db_constraint=False, related_name="items")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, db_constraint=False)
    added_on = models.DateField()
    removed_on = models.DateField(null=True)  # the first day outside

    class Meta:
        constraints = [
            in_customer("bundleitem"),
            models.UniqueConstraint(
                fields=["organisation", "bundle", "subscription"], name="once_in_a_bundle", condition=Q(removed_on=None)
            ),
        ]
        indexes = [models.Index(fields=["organisation", "subscription"], name="bundleitem_of_subscription")]
