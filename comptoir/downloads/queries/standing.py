"""Who has installed what, and who is asked to: for who looks after everybody's updates, or those of their own groups."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from comptoir.kernel.actor import Actor
from comptoir.kernel.paging import Key, Page, Place, every, page_of
from comptoir.organisations.models import Group, GroupMember, Membership
from comptoir.organisations.queries import without_accents

from ..models import AssignedUpdate, Installed, Release
from .entitled import Entitled, entitled_to
from .overseeing import Oversight

COLUMNS = ("product", "version", "name", "email", "state", "on", "noted_by", "asked")  # of the file: never renamed


HAVE, MISSING = STATES = "have", "missing"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom a list shows: those whose name or e-mail holds every word, those who have it or not; empty: everybody."""

    words: str = ""
    state: str = ""


ALL = Wanted()


@dataclass(frozen=True, slots=True)
class Line:
    """One person who may install a release, and how far they are."""

    membership_id: int
    name: str
    email: str
    how: str
    on: date | None
    noted_by: str
    asked: bool


@dataclass(frozen=True, slots=True)
class AskedFor:
    """Whom an administrator asked to install it; `may_end`: the reader may take it back."""

    row: AssignedUpdate
    may_end: bool

    @property
    def everybody(self) -> bool:
        """Whether it asks all who are entitled."""
        return self.row.membership_id is None and self.row.group_id is None


@dataclass(frozen=True, slots=True)
class Standing:
    """Who has a release: figures, and one page of the people by name."""

    people: int
    installed: int
    page: Page[Line]
    assigned: Sequence[AskedFor]
    groups: Sequence[Group]
    everybody: bool  # the reader looks after everybody, not their own groups alone


def standing_of(actor: Actor, release: Release, over: Oversight, on: date, place: Place, wanted: Wanted = ALL) -> Standing:
    """Who has installed a release, for who looks after it. A dozen queries, however many people."""
    entitled = entitled_to(actor, release.product_id, on)
    overseen = _overseen(entitled, over)
    theirs = Installed.objects.filter(organisation_id=actor.customer_id, release=release)
    if over.everybody:
        people, installed = entitled.figures(theirs)
    else:
        people = overseen.count()
        installed = overseen.filter(pk__in=theirs.values("membership_id")).count()
    groups = Group.objects.filter(organisation_id=actor.customer_id, ended_on=None).order_by("name", "id")
    if not over.everybody:
        groups = groups.filter(pk__in=over.groups)
    assigned = asked_for(actor, release, over)
    page = _page(actor, release, overseen, on, place, wanted)
    return Standing(people, installed, page, assigned, list(groups), over.everybody)


def _overseen(entitled: Entitled, over: Oversight) -> QuerySet[Membership]:
    people = entitled.members()
    return people if over.everybody else people.filter(pk__in=over.members)


def _theirs(actor: Actor, release: Release) -> QuerySet[Installed]:
    return Installed.objects.filter(organisation_id=actor.customer_id, release=release, membership_id=OuterRef("pk"))


def asked_for(actor: Actor, release: Release, over: Oversight) -> list[AskedFor]:
    """Whom administrators asked to install it, as far as the actor looks after them; what asks everybody in any case."""
    told = [AskedFor(row, over.reaches_assigned(row)) for row in _assigned(actor, release).order_by("deadline", "id")]
    return [one for one in told if one.may_end or (one.everybody and over)]


def _assigned(actor: Actor, release: Release) -> QuerySet[AssignedUpdate]:
    rows = AssignedUpdate.objects.filter(organisation_id=actor.customer_id, release=release, ended_on=None)
    return rows.select_related("membership", "group", "assigned_by")


def page_of_people(actor: Actor, release: Release, over: Oversight, on: date, place: Place, wanted: Wanted = ALL) -> Page[Line]:
    """One page of those who may install it, by name."""
    return _page(actor, release, _overseen(entitled_to(actor, release.product_id, on), over), on, place, wanted)


def _page(actor: Actor, release: Release, overseen: QuerySet[Membership], on: date, place: Place, wanted: Wanted) -> Page[Line]:
    people = overseen
    for word in wanted.words.split():
        people = people.filter(Q(sort_name__contains=without_accents(word)) | Q(email__icontains=word))
    if wanted.state:
        has = Exists(_theirs(actor, release))
        people = people.filter(has if wanted.state == HAVE else ~has)
    page = page_of(people.values("id", "name", "email", "sort_name"), [Key("sort_name", str), Key("id", int)], place)
    ids = [row["id"] for row in page.rows]
    have = _installed(actor, release, ids)
    asked = asked_members(actor, list(_assigned(actor, release)), ids, on)
    return Page([_line(row, have.get(row["id"]), asked) for row in page.rows], page.next, page.previous)


def _installed(actor: Actor, release: Release, members: Sequence[int]) -> dict[int, tuple[str, date, str]]:
    rows = Installed.objects.filter(organisation_id=actor.customer_id, release=release, membership_id__in=members)
    told = rows.order_by("how").values_list("membership_id", "how", "on", "marked_by__name")
    return {pk: (how, day, by or "") for pk, how, day, by in told}


def _line(row: Mapping[str, Any], have: tuple[str, date, str] | None, asked: Collection[int]) -> Line:
    how, on, by = have or ("", None, "")
    return Line(row["id"], row["name"], row["email"], how, on, by, row["id"] in asked)


def asked_members(actor: Actor, assigned: Sequence[AssignedUpdate], members: Sequence[int], on: date) -> set[int]:
    """Those of these members whom one of the assignments asks."""
    if any(one.membership_id is None and one.group_id is None for one in assigned):
        return set(members)
    groups = [one.group_id for one in assigned if one.group_id]
    stays = GroupMember.objects.filter(organisation_id=actor.customer_id, group_id__in=groups, membership_id__in=members)
    within = stays.filter(Q(left_on=None) | Q(left_on__gt=on), joined_on__lte=on).values_list("membership_id", flat=True)
    return {*(one.membership_id for one in assigned if one.membership_id), *within} & set(members)


def asked_by(one: AssignedUpdate, on: date) -> Q:
    """Whom an assignment asks, as a condition on members."""
    if one.membership_id is not None:
        return Q(pk=one.membership_id)
    if one.group_id is None:
        return Q()
    stays = GroupMember.objects.filter(organisation_id=one.organisation_id, group_id=one.group_id, joined_on__lte=on)
    return Q(Exists(stays.filter(Q(left_on=None) | Q(left_on__gt=on), membership_id=OuterRef("pk"))))


def lines_of_file(actor: Actor, release: Release, over: Oversight, on: date, wanted: Wanted = ALL) -> Iterator[Mapping[str, Any]]:
    """Everybody of the list, as a file has them."""
    told = {"product": release.product.code, "version": release.version}
    for line in every(lambda place: page_of_people(actor, release, over, on, place, wanted)):
        state = {"mark": "installed", "download": "downloaded"}.get(line.how, "")
        own = {"name": line.name, "email": line.email, "state": state, "on": line.on}
        yield {**told, **own, "noted_by": line.noted_by, "asked": line.asked}
