"""The only code that writes use."""

from collections.abc import Iterable, Mapping
from datetime import date

from comptoir.kernel.action import step
from comptoir.kernel.actor import Actor
from comptoir.kernel.bulk import Added, add_missing
from comptoir.organisations.ports import Two

from .models import CreditUse


@step
def import_credit_use(uses: Iterable[CreditUse]) -> Added:
    """Add credits used before, by customer and the digest of the old row. They are history and draw from no pack (rules 12)."""
    return add_missing(CreditUse, ["organisation_id", "imported_as"], uses)


class UnitingUse:
    """Fills `organisations.Uniting`: what somebody used is found under one name (decision 19)."""

    def brings(self, actor: Actor, membership: int) -> Mapping[str, int]:
        """The uses of credits."""
        return {"use": CreditUse.objects.filter(organisation_id=actor.customer_id, membership_id=membership).count()}

    @step
    def united(self, actor: Actor, two: Two, on: date) -> None:
        """What the closed account used was used by the one that stays."""
        rows = CreditUse.objects.filter(organisation_id=actor.customer_id, membership_id=two.closed)
        rows.update(membership_id=two.kept)
