"""A list of people who are to have a seat: what becomes of each (rules 9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from comptoir.kernel.actor import Actor
from comptoir.subscriptions.models import Subscription

from ..rules import CHANGES, Beyond, Verdict, shortfall
from .giving import Giving, preview_giving
from .people import members_by_email, named

VERDICT_KINDS = {Verdict.GIVEN: "good", Verdict.WAITS: "warn", Verdict.NO_SEAT: "danger", Verdict.UNKNOWN: "danger"}


@dataclass(frozen=True, slots=True)
class Judged:
    """One line of the list: the address, who it is, what becomes of them."""

    email: str
    name: str
    word: str
    kind: str


@dataclass(frozen=True, slots=True)
class ListTold:
    """The list as it was judged. `members` are those whom the click sends, `refused`: none would be given anything."""

    lines: Sequence[Judged]
    members: Sequence[int]
    giving: Giving
    beyond: Beyond
    refused: bool
    missing: int

    @property
    def good(self) -> int:
        """How many something happens to."""
        return sum(verdict in CHANGES for verdict in self.giving.verdicts.values())

    @property
    def unknown(self) -> int:
        """How many of the addresses belong to nobody here."""
        return len(self.lines) - len(self.giving.verdicts)


def verdict_words() -> dict[Verdict, str]:
    """What becomes of somebody, as people say it."""
    return {
        Verdict.GIVEN: _("gets a seat"),
        Verdict.WAITS: _("goes on the waiting list"),
        Verdict.SEATED: _("has a seat already"),
        Verdict.IN_LINE: _("waits already"),
        Verdict.NO_SEAT: _("no seat is left"),
        Verdict.UNKNOWN: _("is not one of your people"),
    }


def judged_list(actor: Actor, subscription: Subscription, emails: Sequence[str], beyond: Beyond, on: date) -> ListTold:
    """What becomes of each of these addresses, in their order. Five queries. Raises what `preview_giving` refuses."""
    ids = members_by_email(actor, emails)
    members = list(dict.fromkeys(ids[email] for email in emails if email in ids))
    giving = preview_giving(actor, subscription, members, beyond, on)
    people, words, missing = named(actor, members), verdict_words(), shortfall(giving.verdicts)
    lines = []
    for email in emails:
        pk = ids.get(email, 0)
        verdict = giving.verdicts.get(pk, Verdict.UNKNOWN)
        name = people[pk].name if pk in people else ""
        lines.append(Judged(email, name, words[verdict], VERDICT_KINDS.get(verdict, "hollow")))
    return ListTold(lines, members, giving, beyond, refused=beyond == Beyond.REFUSE and missing > 0, missing=missing)
