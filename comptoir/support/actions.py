"""The only code that writes cases."""

from collections.abc import Iterable, Mapping
from datetime import date

from comptoir.kernel.action import step
from comptoir.kernel.actor import Actor
from comptoir.kernel.bulk import Added, add_missing
from comptoir.organisations.ports import Two

from .models import Case


@step
def import_cases(cases: Iterable[Case]) -> Added:
    """Add the cases that are not here yet, by customer and number."""
    return add_missing(Case, ["organisation_id", "number"], cases)


class UnitingCases:
    """Fills `organisations.Uniting`: what somebody asked support stays theirs (decision 19)."""

    def brings(self, actor: Actor, membership: int) -> Mapping[str, int]:
        """The cases that they opened."""
        return {"case": Case.objects.filter(organisation_id=actor.customer_id, author_id=membership).count()}

    @step
    def united(self, actor: Actor, two: Two, on: date) -> None:
        """Cases of the closed account are those of the one that stays."""
        rows = Case.objects.filter(organisation_id=actor.customer_id, author_id=two.closed)
        rows.update(author_id=two.kept)
