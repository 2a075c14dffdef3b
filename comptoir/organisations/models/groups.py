"""Groups of people: what is given to a group is given to everybody in it (rules 9)."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from comptoir.kernel.walls import in_customer

from .organisation import Organisation


class Group(models.Model):
    """Some of a customer's people under one name. It ends; its row stays, so that any day of the past can be told."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    name = models.TextField()
    made_on = models.DateField()
    ended_on = models.DateField(null=True)  # the first day without it

    class Meta:
        constraints = [
            in_customer("group"),
            models.UniqueConstraint("organisation", Lower("name"), name="group_name_once", condition=Q(ended_on=None)),
            models.CheckConstraint(
                name="group_ends_after_it_was_made", condition=Q(ended_on=None) | Q(ended_on__gte=F("made_on"))
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GroupMember(models.Model):
    """One stay of one member in a group. Who comes back gets a new row: who was in on any day is told by the days."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, db_constraint=False, related_name="stays")
    membership = models.ForeignKey(
        "organisations.Membership", on_delete=models.PROTECT, db_constraint=False, related_name="stays"
    )
    joined_on = models.DateField()
    left_on = models.DateField(null=True)  # the first day outside

    class Meta:
        constraints = [
            in_customer("groupmember"),
            models.UniqueConstraint(
                fields=["organisation", "group", "membership"], name="once_in_a_group", condition=Q(left_on=None)
            ),
            models.CheckConstraint(name="group_left_after_joining", condition=Q(left_on=None) | Q(left_on__gte=F("joined_on"))),
        ]
        indexes = [models.Index(fields=["organisation", "membership"], name="groupmember_of_member")]
