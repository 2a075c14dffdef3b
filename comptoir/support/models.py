"""Support cases."""

from django.db import models
from django.db.models import Q

from comptoir.contracts.models import Contract
from comptoir.kernel.walls import in_customer
from comptoir.organisations.models import Membership, Organisation


class Case(models.Model):
    """A question to the vendor's support. Private to its author and those of rules 7."""

    class Status(models.TextChoices):
        OPEN = "open"
        WAITING = "waiting"
        CLOSED = "closed"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, db_constraint=False)
    author = models.ForeignKey(Membership, on_delete=models.PROTECT, db_constraint=False)
    number = models.TextField()
    severity = models.PositiveSmallIntegerField()  # 1 the gravest, 3
    status = models.TextField(choices=Status.choices)
    subject = models.TextField()
    opened_on = models.DateField()

    class Meta:
        constraints = [
            in_customer("case"),
            models.UniqueConstraint(fields=["organisation", "number"], name="case_number_once"),
            models.CheckConstraint(name="severity_one_to_three", condition=Q(severity__range=(1, 3))),
        ]
