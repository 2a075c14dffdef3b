"""The only code that writes use."""

from collections.abc import Iterable

from comptoir.kernel.action import step
from comptoir.kernel.bulk import Added, add_missing

from .models import CreditUse


@step
def import_credit_use(uses: Iterable[CreditUse]) -> Added:
    """Add credits used before, by customer and the digest of the old row. They are history and draw from no pack (rules 12)."""
    return add_missing(CreditUse, ["organisation_id", "imported_as"], uses)
