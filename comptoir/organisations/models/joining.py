"""How people come in: many at once from a file, or because they ask to."""

from django.db import models
from django.db.models import Q

from comptoir.identity.models import Person
from comptoir.kernel.walls import in_customer

from .organisation import Organisation
from .people import Membership


class PeopleImport(models.Model):
    """A list of people that somebody wants to add: as it was read, then with what became of each row."""

    class State(models.TextChoices):
        READ = "read"  # nothing is done yet
        DONE = "done"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, db_constraint=False)
    name = models.TextField()  # of the file; empty for a pasted list and for the API
    heads = models.JSONField()  # of its columns, as they were read
    rows = models.JSONField()  # a list of texts each; afterwards with the verdict
    state = models.TextField(choices=State.choices, default=State.READ)
    read_at = models.DateTimeField(auto_now_add=True)
    done_on = models.DateField(null=True)  # business day
    added = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    to_invite = models.IntegerField(default=0)
    invited = models.IntegerField(default=0)  # how many of these invitations have been written so far
    erased_on = models.DateField(null=True)  # from this day on the rows are not here any more, the counts are

    class Meta:
        constraints = [
            in_customer("peopleimport"),
            models.CheckConstraint(
                name="people_import_done_on_a_day",
                condition=Q(state="read", done_on=None) | Q(state="done", done_on__isnull=False),
            ),
            models.CheckConstraint(
                name="people_import_invites_whom_it_added",
                condition=Q(invited__lte=models.F("to_invite"), to_invite__lte=models.F("added")),
            ),
        ]


class EmailDomain(models.Model):
    """Whoever has an address there may ask to join. A manager's own address shows that it is the customer's."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    domain = models.TextField()  # lower case
    listed_on = models.DateField()

    class Meta:
        constraints = [
            in_customer("emaildomain"),
            models.UniqueConstraint(fields=["organisation", "domain"], name="domain_listed_once"),
        ]
        indexes = [models.Index(fields=["domain"], name="emaildomain_by_domain")]


class JoinRequest(models.Model):
    """Somebody who is no member asks to become one (F5.5). What they are called is kept: nobody here sees the person yet."""

    class State(models.TextChoices):
        OPEN = "open"
        APPROVED = "approved"
        DECLINED = "declined"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    name = models.TextField()
    email = models.TextField()
    message = models.TextField(blank=True)
    asked_on = models.DateField()
    state = models.TextField(choices=State.choices, default=State.OPEN)
    decided_by = models.ForeignKey(Membership, on_delete=models.PROTECT, db_constraint=False, null=True)
    decided_on = models.DateField(null=True)

    class Meta:
        constraints = [
            in_customer("joinrequest"),
            models.UniqueConstraint(
                fields=["organisation", "person"], name="one_open_wish_to_join_each", condition=Q(state="open")
            ),
            models.CheckConstraint(
                name="wish_to_join_decided_by_someone",
                condition=Q(state="open", decided_by=None, decided_on=None)
                | (~Q(state="open") & Q(decided_by__isnull=False, decided_on__isnull=False)),
            ),
        ]
