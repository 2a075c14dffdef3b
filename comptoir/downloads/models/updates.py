"""Who is told of which release and how, who is to install it by when, and who has."""

from django.db import models
from django.db.models import F, Q

from comptoir.identity.models import Person
from comptoir.kernel.walls import in_customer
from comptoir.organisations.models import Group, Membership, Organisation

from .releases import Release


class NewsChoice(models.Model):
    """How somebody wants to hear of updates. Without a row: at once."""

    class When(models.TextChoices):
        AT_ONCE = "at_once"
        DAILY = "daily"
        WEEKLY = "weekly"
        NEVER = "never"  # by mail; the portal shows them always

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True)
    when = models.TextField(choices=When.choices)


class News(models.Model):
    """A member who is to hear of a release, and, once the mail is written, when it was. One row each: nobody hears twice."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, db_constraint=False)
    release = models.ForeignKey(Release, on_delete=models.PROTECT)
    on = models.DateField()  # business day of its publication
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            in_customer("news"),
            models.UniqueConstraint(fields=["organisation", "membership", "release"], name="news_once_each"),
        ]
        indexes = [
            models.Index(fields=["organisation", "membership"], name="news_untold", condition=Q(told_at=None)),
        ]


class AssignedUpdate(models.Model):
    """A release that administrators want installed: by one member, by a group, or (none of them) by everybody."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    release = models.ForeignKey(Release, on_delete=models.PROTECT)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, db_constraint=False, null=True, related_name="+")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, db_constraint=False, null=True, related_name="+")
    deadline = models.DateField(null=True)  # the last day on which it is in time
    assigned_by = models.ForeignKey(Membership, on_delete=models.PROTECT, db_constraint=False, related_name="+")
    assigned_on = models.DateField()
    ended_on = models.DateField(null=True)  # taken back

    class Meta:
        constraints = [
            in_customer("assignedupdate"),
            models.UniqueConstraint(
                fields=["organisation", "release", "membership", "group"],
                name="update_assigned_once",
                condition=Q(ended_on=None),
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="update_for_member_or_group", condition=Q(membership=None) | Q(group=None)),
            models.CheckConstraint(
                name="update_due_after_assigned", condition=Q(deadline=None) | Q(deadline__gte=F("assigned_on"))
            ),
        ]


class Installed(models.Model):
    """A release that a member has: downloaded whole, or said to be installed by them or an administrator."""

    class How(models.TextChoices):
        DOWNLOAD = "download"
        MARK = "mark"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    release = models.ForeignKey(Release, on_delete=models.PROTECT)
    how = models.TextField(choices=How.choices)
    on = models.DateField()
    marked_by = models.ForeignKey(Membership, on_delete=models.PROTECT, db_constraint=False, null=True, related_name="+")

    class Meta:
        constraints = [
            in_customer("installed"),
            models.UniqueConstraint(fields=["organisation", "membership", "release", "how"], name="installed_once_each_way"),
            models.CheckConstraint(
                name="installed_marked_by_somebody",
                condition=Q(how="mark", marked_by__isnull=False) | Q(how="download", marked_by=None),
            ),
        ]
        indexes = [models.Index(fields=["organisation", "release"], name="installed_of_release")]
