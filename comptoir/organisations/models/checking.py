"""What administrators looked at when they checked who may do what (F1.6)."""

from django.db import models

from comptoir.kernel.walls import in_customer

from .organisation import Organisation
from .people import Membership


class RoleCheck(models.Model):
    """One item of the check, as one member last said that it is right."""

    class Item(models.TextChoices):
        MANAGERS = "managers"
        ROLES = "roles"
        IDLE = "idle"
        REQUESTS = "requests"
        INVITATIONS = "invitations"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, db_constraint=False)
    item = models.TextField(choices=Item.choices)
    checked_on = models.DateField()  # business day

    class Meta:
        constraints = [
            in_customer("rolecheck"),
            models.UniqueConstraint(fields=["organisation", "membership", "item"], name="role_check_once_each"),
        ]
