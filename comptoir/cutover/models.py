"""What the old centre left to do by hand, and what each import said."""

from django.db import models

from comptoir.kernel.walls import in_customer
from comptoir.organisations.models import Organisation


class ImportRun(models.Model):
    """One import and its report: counts, and file, line and reason of each row that needs a look.

    The sentences about those rows are left out, for they quote names and addresses of many customers and this table
    stands behind no customer's wall; importing the same files again says them again.
    """

    at = models.DateTimeField(auto_now_add=True)
    digest = models.TextField()  # of the files
    cutover_day = models.DateField(null=True)
    report = models.JSONField()


class HeldPerson(models.Model):
    """Somebody of the old centre without a usable e-mail: not created, held for the desk."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    old_id = models.TextField()
    email = models.TextField(blank=True)
    first_name = models.TextField(blank=True)
    last_name = models.TextField(blank=True)
    language = models.TextField(blank=True)
    reason = models.TextField()
    row = models.JSONField()

    class Meta:
        constraints = [
            in_customer("heldperson"),
            models.UniqueConstraint(fields=["organisation", "old_id"], name="held_person_once"),
        ]


class BroughtRole(models.Model):
    """A role row of the old centre that was brought over. Taken away here since, it is not given again (rules 12)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    digest = models.TextField()  # of contract, e-mail and role as the old centre had them

    class Meta:
        constraints = [
            in_customer("broughtrole"),
            models.UniqueConstraint(fields=["organisation", "digest"], name="role_brought_once"),
        ]
