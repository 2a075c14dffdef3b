"""What groups of people are given and withheld beside their seats: a page of groups by benefits (rules 9)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from comptoir.kernel.actor import Actor
from comptoir.kernel.paging import Key, Page, Place, page_of
from comptoir.organisations.models import Group
from comptoir.permissions import Can

from ..models import BenefitChoice
from ..rules import Benefit
from .benefits import PEOPLE_AT_ONCE, benefit_words, gives_seats
from .giving import own_groups


@dataclass(frozen=True, slots=True)
class GroupCell:
    """One benefit of one group: given, withheld, or (None) left to the people's own choices and seats."""

    benefit: Benefit
    word: str
    chosen: bool | None
    may_change: bool

    @property
    def choice(self) -> str:
        """The choice as forms and the API say it."""
        return {True: "given", False: "withheld", None: "default"}[self.chosen]


@dataclass(frozen=True, slots=True)
class GroupsBenefits:
    """One group with what was chosen for it, and how many people it concerns."""

    group_id: int
    name: str
    people: int
    cells: Sequence[GroupCell]


def group_matrix(actor: Actor, words: str, place: Place) -> Page[GroupsBenefits]:
    """A page of groups with their benefits, by name: those that the actor may give some. Two queries."""
    rows = _choosable(actor)
    for word in words.split():
        rows = rows.filter(name__icontains=word)
    told = rows.annotate(people=Count("stays", filter=Q(stays__left_on=None))).values("id", "name", "people")
    page = page_of(told, [Key("name", str), Key("id", int)], place, size=PEOPLE_AT_ONCE)
    return Page(_told(actor, page.rows), page.next, page.previous)


def benefits_of_group(actor: Actor, pk: int) -> GroupsBenefits:
    """One group's. Raises Group.DoesNotExist for one to which the actor may give none."""
    row = _choosable(actor).annotate(people=Count("stays", filter=Q(stays__left_on=None))).get(pk=pk)
    return _told(actor, [{"id": row.pk, "name": row.name, "people": row.people}])[0]


def group_choices(actor: Actor, groups: Collection[int]) -> Mapping[int, Mapping[str, bool]]:
    """What was chosen for each of these groups, by benefit. One query."""
    rows = BenefitChoice.objects.filter(organisation_id=actor.customer_id, group_id__in=groups, ended_on=None)
    found: dict[int, dict[str, bool]] = defaultdict(dict)
    for group, benefit, given in rows.values_list("group_id", "benefit", "given"):
        found[group or 0][benefit] = given
    return found


def in_words(chosen: Mapping[str, bool]) -> list[str]:
    """What was chosen, as a page tells it in a list."""
    words = benefit_words()
    told = {True: "%(benefit)s", False: _("%(benefit)s withheld")}
    return [told[chosen[each]] % {"benefit": words[each]} for each in Benefit if each in chosen]


def _told(actor: Actor, rows: Sequence[Mapping[str, object]]) -> list[GroupsBenefits]:
    chosen = group_choices(actor, [int(str(row["id"])) for row in rows])
    words, calls = benefit_words(), actor.may(Can.CHOOSE_CALLERS, anywhere=True)
    found = []
    for row in rows:
        pk = int(str(row["id"]))
        cells = [
            GroupCell(each, words[each], chosen.get(pk, {}).get(each), calls or each != Benefit.PHONE_SUPPORT) for each in Benefit
        ]
        found.append(GroupsBenefits(pk, str(row["name"]), int(str(row["people"])), cells))
    return found


def _choosable(actor: Actor) -> QuerySet[Group]:
    rows = Group.objects.filter(organisation_id=actor.customer_id, ended_on=None)
    return rows if gives_seats(actor) else rows.filter(pk__in=own_groups(actor))
