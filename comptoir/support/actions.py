"""The only code that writes cases."""

from collections.abc import Iterable

from comptoir.kernel.action import step
from comptoir.kernel.bulk import Added, add_missing

from .models import Case


@step
def import_cases(cases: Iterable[Case]) -> Added:
    """Add the cases that are not here yet, by customer and number."""
    return add_missing(Case, ["organisation_id", "number"], cases)
