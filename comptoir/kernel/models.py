"""The rows of the kernel: what happened, what was asked once, what waits to be sent, which day it is."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from .money import Money
from .walls import CustomerOwned


class Event(models.Model):
    """One line of an activity log. Append-only, chained: each line holds the hash of the line before it.

    A chain is one customer's (`c:5`), one person's own (`p:7`) or the house's (`h`).
    """

    chain = models.TextField()
    seq = models.BigIntegerField()
    organisation_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField(null=True)  # set on a person's own chain only
    contract_id = models.BigIntegerField(null=True)  # so that a role on one contract sees that contract's lines
    kind = models.TextField()
    at = models.DateTimeField()  # real time
    on = models.DateField()  # business day
    actor = models.TextField()  # kind and id, never a name: people can be erased, the log can't
    by_membership_id = models.BigIntegerField(null=True)
    subject = models.TextField()  # model label and id
    subject_number = models.TextField(blank=True)  # what people call it
    detail = models.JSONField()
    previous = models.TextField()
    hash = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="event_chain_has_no_fork")]
        indexes = [
            models.Index(fields=["organisation_id", "-id"], name="event_newest"),
            # by which it is told what renews by hand alone: few among many
            models.Index(
                fields=["organisation_id", "kind"],
                name="event_by_hand_only",
                condition=models.Q(kind__in=["customer.imported", "world.seeded", "renewal.automatic_on"]),
            ),
        ]

    @property
    def subject_id(self) -> int:
        """The id of the row that it is about."""
        return int(self.subject.rpartition(":")[2])


class Chain(models.Model):
    """The head of one chain of events; its row lock puts the lines of a chain in order."""

    chain = models.TextField(primary_key=True)
    organisation_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField(null=True)
    seq = models.BigIntegerField(default=0)
    hash = models.TextField(default="")


class RequestKey(models.Model):
    """A request that was carried out, with its result, so that its twin gets the same answer."""

    owner = models.TextField()  # the chain of whoever asked: c:5 or p:7
    organisation_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField(null=True)
    actor = models.TextField()
    key = models.TextField()
    fingerprint = models.TextField()  # of the verb and its arguments: one key can't serve two requests
    result = models.JSONField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "actor", "key"], name="request_once")]


class AskedVerb(CustomerOwned):
    """A verb with its arguments that somebody asked for and somebody else may approve."""

    class State(models.TextChoices):
        OPEN = "open"
        APPROVED = "approved"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"

    organisation_id = models.BigIntegerField()
    contract_id = models.BigIntegerField(null=True)
    verb = models.TextField()
    target = models.TextField()  # model label and id
    target_number = models.TextField()
    # tells two requests about one target apart: about roles, each member and place is a request of its own
    apart = models.TextField(blank=True, default="", db_default="")
    arguments = models.JSONField()
    reason = models.TextField(blank=True)
    state = models.TextField(choices=State.choices, default=State.OPEN)
    asked_by_id = models.BigIntegerField()  # a membership
    asked_at = models.DateTimeField(auto_now_add=True)
    asked_on = models.DateField()  # business day
    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    result = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "id"], name="asked_verb_in_customer"),
            models.UniqueConstraint(
                name="one_open_request_each",
                fields=["organisation_id", "asked_by_id", "verb", "target", "apart"],
                condition=models.Q(state="open"),
            ),
            models.CheckConstraint(
                name="asked_verb_decided_by_someone",
                condition=models.Q(state="open", decided_at=None)
                | (~models.Q(state="open") & models.Q(decided_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation_id", "-id"], name="asked_verb_open", condition=models.Q(state="open")),
        ]


class Message(models.Model):
    """One mail to one person. Written with the change that causes it, handed over by a worker afterwards."""

    class State(models.TextChoices):
        WAITING = "waiting"
        HANDED_OVER = "handed over"
        KEPT = "kept"  # a sandbox without a mail server: to be read in the sandbox's mailbox

    organisation_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField(null=True)
    once = models.TextField(unique=True)  # what makes this mail the only one of its kind; part of its Message-ID
    to = models.TextField()
    language = models.TextField()
    subject = models.TextField()
    text = models.TextField()
    html = models.TextField(blank=True)
    attached = models.TextField(blank=True, db_default="")  # what is made when it is handed over: billing.document:12
    secret = models.BooleanField(default=False)  # holds a code: its text goes once it was handed over
    state = models.TextField(choices=State.choices, default=State.WAITING)
    written_at = models.DateTimeField(auto_now_add=True)
    handed_over_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["id"], name="message_waiting", condition=models.Q(state="waiting"))]


class House(models.Model):
    """The vendor's installation: one row, and the target of every verb that is of no one customer."""

    single = models.BooleanField(primary_key=True, default=True)
    business_day = models.DateField(null=True)  # of a sandbox's clock; production follows the calendar
    paused_because = models.TextField(blank=True)  # while it says why, nothing is charged, mailed or called
    charging_stopped_because = models.TextField(blank=True, default="", db_default="")  # while it says why, nothing is charged

    class Meta:
        constraints = [models.CheckConstraint(name="house_is_one_row", condition=models.Q(single=True))]


class Roster(models.Model):
    """The bare id of every customer, for work that goes from one to the next: no name, no number, nothing of theirs.

    A trigger of the customers' table keeps it.
    """

    id = models.BigIntegerField(primary_key=True)


class NightRun(models.Model):
    """The nightly work of one business day: how far it is. Counts only, of all customers together."""

    day = models.DateField(primary_key=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)  # all customers were taken; those that failed are tried again
    planned_to = models.BigIntegerField(default=0)  # the last id of the roster whose work is in the queue
    planned = models.BooleanField(default=False)
    customers = models.PositiveIntegerField(default=0)  # those with something to do
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)  # being tried again

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="night_counts_its_customers",
                condition=models.Q(customers__gte=models.F("done") + models.F("failed")),
            ),
        ]
        indexes = [models.Index(fields=["day"], name="night_unfinished", condition=models.Q(finished_at=None))]


class NightOfCustomer(CustomerOwned):
    """How far the nights of one customer are: each day is counted once, and one that failed is not passed over."""

    organisation_id = models.BigIntegerField(primary_key=True)
    done_to = models.DateField(null=True)
    failed_days = ArrayField(models.DateField(), default=list)


class SecondLook(CustomerOwned):
    """A verb of the desk over the limit, which one of the staff asked for and another one may approve."""

    class State(models.TextChoices):
        OPEN = "open"
        APPROVED = "approved"
        DECLINED = "declined"

    organisation_id = models.BigIntegerField()
    verb = models.TextField()
    target = models.TextField()  # model label and id
    target_number = models.TextField(blank=True)
    arguments = models.JSONField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.TextField(blank=True)
    state = models.TextField(choices=State.choices, default=State.OPEN)
    asked_by_id = models.BigIntegerField()  # a person of the staff
    asked_on = models.DateField()  # business day
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_by_id = models.BigIntegerField(null=True)  # another one
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "id"], name="second_look_in_customer"),
            models.UniqueConstraint(
                name="one_open_second_look_each",
                fields=["organisation_id", "verb", "target"],
                condition=models.Q(state="open"),
            ),
            models.CheckConstraint(
                name="second_look_by_another",
                condition=models.Q(state="open", decided_by_id=None)
                | ~models.Q(state="open")
                & models.Q(decided_by_id__isnull=False)
                & ~models.Q(state="approved", decided_by_id=models.F("asked_by_id")),
            ),
        ]

    @property
    def amount(self) -> Money:
        """What it is about."""
        return Money(self.amount_minor, self.currency)
