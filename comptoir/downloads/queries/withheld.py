"""What is kept from somebody whose benefit is withheld: updates, previous versions (rules 9).

Who looks after a product gets all of it, for installing it elsewhere.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from comptoir.entitlements.queries.benefits import benefit_words, withheld_from
from comptoir.entitlements.rules import Benefit
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.organisations.queries import who_may_where
from comptoir.permissions import Can

from ..models import Release
from ..rules.versions import RELEASE, of_the_newest
from .entitled import looked_after
from .published import Out, versions_of

BENEFITS = (Benefit.UPDATES, Benefit.PREVIOUS_VERSIONS)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is withheld from one person, and the products of which that does not count."""

    benefits: frozenset[Benefit]
    but: frozenset[int]

    def of(self, releases: Iterable[Out | Release]) -> dict[int, Benefit]:
        """Those of all releases of one product that the person does not get, by id, with the benefit that they have not."""
        rows = list(releases)
        if not self.benefits or not rows or rows[0].product_id in self.but:
            return {}
        newest = of_the_newest(versions_of(rows))
        return {row.pk: benefit for row in rows if (benefit := self._of(row, newest)) is not None}

    def _of(self, row: Out | Release, newest: Collection[str]) -> Benefit | None:
        if row.version not in newest and Benefit.PREVIOUS_VERSIONS in self.benefits:
            return Benefit.PREVIOUS_VERSIONS
        return Benefit.UPDATES if row.kind != RELEASE and Benefit.UPDATES in self.benefits else None


def kept_from(actor: Actor, on: date) -> Kept:
    """What is withheld from the actor on that day. One query as a rule."""
    benefits = withheld_from(actor, BENEFITS, on)
    return Kept(benefits, frozenset(looked_after(actor, on)) if benefits else frozenset())


def refusals_of(actor: Actor, withheld: Sequence[tuple[Release, Benefit]]) -> list[Refused]:
    """Why somebody does not get these releases, with who could give them the benefit. One query."""
    if not withheld:
        return []
    places, words = who_may_where(actor, Can.ASSIGN_SEATS), benefit_words()
    names = list(dict.fromkeys(one.name for some in places.values() for one in some))
    return [
        Refused("version_withheld", params={"version": row.title or row.version, "benefit": words[benefit], "who_may": names})
        for row, benefit in withheld
    ]
