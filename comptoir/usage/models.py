"""Cloud credits used."""

from django.db import models
from django.db.models import Q

from comptoir.contracts.models import Contract
from comptoir.kernel.walls import in_customer
from comptoir.organisations.models import Membership, Organisation


class CreditUse(models.Model):
    """Credits that one job used. What came from the old centre is history, drawn from no pack (rules 12)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, db_constraint=False)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, db_constraint=False)
    service = models.TextField()
    credits = models.PositiveIntegerField()  # a use of under five minutes counts and costs 0 (rules 10)
    used_at = models.DateTimeField()
    imported_as = models.TextField()  # a digest of the old centre's row, so that importing again adds nothing

    class Meta:
        constraints = [
            in_customer("credituse"),
            models.UniqueConstraint(fields=["organisation", "imported_as"], name="credit_use_imported_once"),
            models.CheckConstraint(name="credits_used_not_negative", condition=Q(credits__gte=0)),
        ]
        indexes = [models.Index(fields=["organisation", "used_at"], name="credit_use_by_time")]
