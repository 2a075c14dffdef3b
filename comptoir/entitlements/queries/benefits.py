"""Who has which benefits, and why: a page of people, one person, or the check that other contexts ask (rules 9)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from comptoir.kernel.actor import Actor
from comptoir.kernel.paging import Key, Page, Place, page_of
from comptoir.kernel.ports import not_allowed
from comptoir.organisations.models import Group, GroupMember, Membership
from comptoir.organisations.queries import members, without_accents
from comptoir.permissions import Can
from comptoir.subscriptions.queries.states import works

from ..models import BenefitChoice
from ..rules import Benefit, Choice, Source, Standing, Wish, standing_of
from .giving import own_groups
from .rank import living, standing

PEOPLE_AT_ONCE = 25


def benefit_words() -> dict[Benefit, str]:
    """Each benefit as people say it."""
    return {
        Benefit.WEB_SUPPORT: _("Web support"),
        Benefit.PHONE_SUPPORT: _("Phone support"),
        Benefit.CLOUD_SERVICES: _("Cloud services"),
        Benefit.HOME_USE: _("Home use"),
        Benefit.PREVIOUS_VERSIONS: _("Previous versions"),
        Benefit.UPDATES: _("Updates"),
        Benefit.TRAINING: _("Training"),
    }


@dataclass(frozen=True, slots=True)
class Cell:
    """One benefit of one person: whether they have it and why; `chosen` is their own choice, None: the default."""

    benefit: Benefit
    word: str
    standing: Standing
    chosen: bool | None
    may_change: bool


@dataclass(frozen=True, slots=True)
class PersonsBenefits:
    """One person with all their benefits."""

    membership_id: int
    name: str
    email: str
    cells: Sequence[Cell]


def matrix(actor: Actor, words: str, place: Place, on: date) -> Page[PersonsBenefits]:
    """A page of people with their benefits, by name: those whom the actor may give some. Seven queries at most."""
    rows = _choosable(actor)
    for word in words.split():
        rows = rows.filter(Q(sort_name__contains=without_accents(word)) | Q(email__icontains=word))
    page = page_of(
        rows.values("id", "name", "sort_name", "email"), [Key("sort_name", str), Key("id", int)], place, size=PEOPLE_AT_ONCE
    )
    stand = standings(actor, [row["id"] for row in page.rows], on)
    told = [PersonsBenefits(row["id"], row["name"], row["email"], _cells(actor, stand[row["id"]])) for row in page.rows]
    return Page(told, page.next, page.previous)


def benefits_of(actor: Actor, pk: int, on: date) -> PersonsBenefits:
    """One person's benefits. Raises Membership.DoesNotExist for whom the actor may give none."""
    row = _choosable(actor).get(pk=pk)
    return PersonsBenefits(row.pk, row.name, row.email, _cells(actor, standings(actor, [pk], on)[pk]))


@dataclass(frozen=True, slots=True)
class Chosen:
    """For how many people something was chosen by name, and for how many groups: of those whom the actor may give some."""

    people: int
    groups: int


def chosen(actor: Actor) -> Chosen:
    """Two figures of the choices that stand. One query."""
    rows = BenefitChoice.objects.filter(organisation_id=actor.customer_id, ended_on=None)
    if gives_seats(actor):
        rows = rows.filter(Q(membership=None) | Q(membership__left_on=None))
    else:
        rows = rows.filter(Q(membership_id__in=_choosable(actor).values("id")) | Q(group_id__in=own_groups(actor)))
    told = rows.aggregate(people=Count("membership_id", distinct=True), groups=Count("group_id", distinct=True))
    return Chosen(**told)


def has_benefit(actor: Actor, membership_id: int, benefit: Benefit, on: date) -> bool:
    """Whether a member has a benefit on that day, today's or later: for the contexts above."""
    return standings(actor, [membership_id], on)[membership_id][benefit][0].has


def withheld_from(actor: Actor, among: Collection[Benefit], on: date) -> frozenset[Benefit]:
    """Those of these benefits that were withheld from the actor, by name or by a group: for what is above.

    One query as a rule, six where something was withheld from somebody of theirs.
    """
    if actor.membership_id is None:
        return frozenset()
    stays = GroupMember.objects.filter(organisation_id=actor.customer_id, membership_id=actor.membership_id, left_on=None)
    rows = BenefitChoice.objects.filter(organisation_id=actor.customer_id, benefit__in=among, given=False, ended_on=None)
    if not rows.filter(Q(membership_id=actor.membership_id) | Q(group_id__in=stays.values("group_id"))).exists():
        return frozenset()
    found = standings(actor, [actor.membership_id], on)[actor.membership_id]
    chosen = {Source.OWN, Source.GROUP}
    return frozenset(each for each in among if not found[each][0].has and found[each][0].source in chosen)


def withheld_among(actor: Actor, memberships: Collection[int], benefit: Benefit, on: date) -> set[int]:
    """Those of these members from whom a benefit was withheld. One query where it was withheld from nobody, six else."""
    rows = BenefitChoice.objects.filter(organisation_id=actor.customer_id, benefit=benefit, given=False, ended_on=None)
    if not memberships or not rows.exists():
        return set()
    found = {pk: told[benefit][0] for pk, told in standings(actor, memberships, on).items()}
    return {pk for pk, stand in found.items() if not stand.has and stand.source in {Source.OWN, Source.GROUP}}


def standings(
    actor: Actor, memberships: Collection[int], on: date
) -> Mapping[int, Mapping[Benefit, tuple[Standing, bool | None]]]:
    """Every benefit of each of these members: where it stands, and their own choice. Five queries at most."""
    own = _own_choices(actor, memberships)
    grouped = _group_choices(actor, memberships)
    seated = _seated(actor, memberships, on)
    return {
        pk: {
            benefit: (
                standing_of(
                    benefit,
                    None if (pk, benefit) not in own else Choice(own[pk, benefit]),
                    grouped.get((pk, benefit), ()),
                    seated=pk in seated,
                ),
                own.get((pk, benefit)),
            )
            for benefit in Benefit
        }
        for pk in memberships
    }


def _cells(actor: Actor, found: Mapping[Benefit, tuple[Standing, bool | None]]) -> list[Cell]:
    words, calls = benefit_words(), actor.may(Can.CHOOSE_CALLERS, anywhere=True)
    return [
        Cell(benefit, words[benefit], stand, chosen, calls or benefit != Benefit.PHONE_SUPPORT)
        for benefit, (stand, chosen) in found.items()
    ]


def _own_choices(actor: Actor, memberships: Collection[int]) -> dict[tuple[int, str], bool]:
    rows = BenefitChoice.objects.filter(organisation_id=actor.customer_id, membership_id__in=memberships, ended_on=None)
    return {(pk or 0, benefit): given for pk, benefit, given in rows.values_list("membership_id", "benefit", "given")}


def _group_choices(actor: Actor, memberships: Collection[int]) -> dict[tuple[int, str], list[Choice]]:
    stays = GroupMember.objects.filter(organisation_id=actor.customer_id, membership_id__in=memberships, left_on=None)
    groups: dict[int, list[int]] = defaultdict(list)
    for member, group in stays.values_list("membership_id", "group_id"):
        groups[group].append(member)
    found: dict[tuple[int, str], list[Choice]] = defaultdict(list)
    rows = BenefitChoice.objects.filter(organisation_id=actor.customer_id, group_id__in=groups, ended_on=None)
    for group, name, benefit, given in rows.values_list("group_id", "group__name", "benefit", "given") if groups else ():
        for member in groups[group or 0]:
            found[member, benefit].append(Choice(given, name))
    return found


def _seated(actor: Actor, memberships: Collection[int], on: date) -> set[int]:
    """Those with a seat of something that works, by rank."""
    rows = living().filter(works(on, "subscription__"), organisation_id=actor.customer_id, waiting=False)
    given = set(rows.filter(membership_id__in=memberships).values_list("membership_id", "subscription_id"))
    beyond = {(one.key, pk) for pk, who in standing(actor, {pk for _, pk in given}, on).items() for one in who}
    return {member for member, _ in given - beyond}


def _choosable(actor: Actor) -> QuerySet[Membership]:
    if gives_seats(actor):
        return members(actor)
    return members(actor).filter(stays__group_id__in=own_groups(actor), stays__left_on=None).distinct()


def gives_seats(actor: Actor) -> bool:
    """Whether the actor gives seats to anybody here, under one contract at least: then they choose benefits too (rules 7)."""
    return actor.contracts(Can.ASSIGN_SEATS) != frozenset()


def may_choose(actor: Actor) -> bool:
    """Whether the actor may give benefits to anybody."""
    return gives_seats(actor) or bool(own_groups(actor))


def refuse_benefits_out_of_reach(actor: Actor, wishes: Iterable[Wish]) -> None:
    """Raise Refused `not_allowed` unless the actor may choose for all these, and says who phones only if they may (rules 7)."""
    told = list(wishes)
    if any(wish.benefit == Benefit.PHONE_SUPPORT for wish in told) and not actor.may(Can.CHOOSE_CALLERS, anywhere=True):
        raise not_allowed(actor, Can.CHOOSE_CALLERS)
    groups = {wish.whose for wish in told if wish.of == "group_id"}
    found = set(
        Group.objects.filter(organisation_id=actor.customer_id, ended_on=None, pk__in=groups).values_list("pk", flat=True)
    )
    if groups != found:
        raise Group.DoesNotExist
    if gives_seats(actor):
        return
    people, own = {wish.whose for wish in told if wish.of == "membership_id"}, own_groups(actor)
    theirs = set(_choosable(actor).filter(pk__in=people).values_list("pk", flat=True)) if own else set()
    if not groups <= own or not people <= theirs or not told:
        raise not_allowed(actor, Can.ASSIGN_SEATS)
