"""Who was appointed contract manager at the desk, and how it was checked who they are (rules 7)."""

from django.db import models
from django.db.models import Q

from comptoir.identity.models import Person
from comptoir.kernel.walls import in_customer

from .organisation import Organisation
from .people import Membership


class Appointment(models.Model):
    """The vendor's staff made a member contract manager because nobody of the customer could. What is written stays."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, db_constraint=False)
    contract = models.TextField(blank=True)  # its number; empty: the whole customer
    checked = models.TextField()  # how it was checked who they are; read at the desk alone
    by = models.ForeignKey(Person, on_delete=models.PROTECT)  # of the vendor's staff
    on = models.DateField()  # business day

    class Meta:
        constraints = [
            in_customer("appointment"),
            models.CheckConstraint(name="appointment_was_checked", condition=~Q(checked="")),
        ]
