"""The only code that writes contracts."""

from collections.abc import Iterable

from comptoir.kernel.action import step
from comptoir.kernel.bulk import Added, add_missing

from .models import Contract


@step
def import_contracts(contracts: Iterable[Contract]) -> Added:
    """Add the contracts that are not here yet, by customer and number."""
    return add_missing(Contract, ["organisation_id", "number"], contracts)
