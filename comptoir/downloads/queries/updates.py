"""Updates as people find them: what came out for them, what they are to install by when, who has what."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from comptoir.catalogue.models import Product
from comptoir.entitlements.queries.exceptions import excepted
from comptoir.kernel.actor import Actor
from comptoir.kernel.paging import Key, Page, Place, page_of
from comptoir.organisations.models import Group, GroupMember, Membership
from comptoir.permissions import Can

from ..models import AssignedUpdate, Installed, Release
from .entitled import entitled_members, looked_after, rights
from .releases import published, window_of

MOST = 100  # releases on a page


@dataclass(frozen=True, slots=True)
class Update:
    """A release as one person finds it. `assigned`: they are asked to install it; `how` they got it, empty: they have not."""

    release: Release
    assigned: bool
    deadline: date | None
    how: str
    mine: bool  # it may be installed by this person

    def late(self, on: date) -> bool:
        """Whether it should have been installed by now."""
        return self.assigned and not self.how and self.deadline is not None and self.deadline < on


def updates(actor: Actor, on: date, product: str = "") -> list[Update]:
    """What is out for the actor: what they are asked to install first, then the newest; of what may still be installed."""
    own = rights(actor, on)
    products = Product.objects.filter(pk__in=own).exclude(kind=Product.Kind.CLOUD)
    if product:
        products = products.filter(code=product)
    by_product: dict[int, list[Release]] = defaultdict(list)
    for row in published(on).filter(product__in=products).select_related("product"):
        by_product[row.product_id].append(row)
    more = excepted(actor, by_product, on)
    shown = [row for rows in by_product.values() for row in _allowed(rows, more)]
    asked, have = _asked(actor, on, [row.pk for row in shown]), _have(actor, [row.pk for row in shown])
    found = [Update(row, row.pk in asked, asked.get(row.pk), have.get(row.pk, ""), True) for row in shown]
    found.sort(key=lambda one: (one.release.released_on, one.release.pk), reverse=True)
    found.sort(key=lambda one: one.deadline or date.max)
    found.sort(key=lambda one: not (one.assigned and not one.how))
    return found[:MOST]


def _allowed(rows: Sequence[Release], more: Mapping[int, Collection[str]]) -> list[Release]:
    allowed = window_of(rows[0].product, rows, more.get(rows[0].product_id, ()))
    return [row for row in rows if row.version in allowed]


def _asked(actor: Actor, on: date, releases: Collection[int]) -> Mapping[int, date | None]:
    """The releases that the actor is asked to install, each with its earliest deadline."""
    stays = GroupMember.objects.filter(organisation_id=actor.customer_id, membership_id=actor.member_id, joined_on__lte=on)
    groups = stays.filter(Q(left_on=None) | Q(left_on__gt=on)).values("group_id")
    mine = Q(membership_id=actor.member_id) | Q(group_id__in=groups) | Q(membership=None, group=None)
    rows = AssignedUpdate.objects.filter(mine, organisation_id=actor.customer_id, ended_on=None, release_id__in=releases)
    found: dict[int, date | None] = {}
    for release, deadline in rows.values_list("release_id", "deadline"):
        before = found.get(release)
        found[release] = min(filter(None, (before, deadline)), default=None)
    return found


def _have(actor: Actor, releases: Collection[int]) -> Mapping[int, str]:
    rows = Installed.objects.filter(organisation_id=actor.customer_id, membership_id=actor.member_id, release_id__in=releases)
    return dict(rows.order_by("how").values_list("release_id", "how"))


def update(actor: Actor, pk: int, on: date) -> Update:
    """One release, for who may have its product, or looks after it. Raises Release.DoesNotExist."""
    row = published(on).select_related("product").get(pk=pk)
    asked, have = _asked(actor, on, [pk]), _have(actor, [pk])
    return Update(row, pk in asked, asked.get(pk), have.get(pk, ""), row.product_id in rights(actor, on))


def may_assign(actor: Actor, release: Release, on: date) -> bool:
    """Whether the actor says who is to install it."""
    return actor.may(Can.ASSIGN_UPDATES, anywhere=True) and release.product_id in looked_after(actor, on)


@dataclass(frozen=True, slots=True)
class Line:
    """One person who may install a release, and how far they are."""

    membership_id: int
    name: str
    how: str
    on: date | None
    asked: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Who has a release: figures, and one page of the people by name."""

    people: int
    installed: int
    page: Page[Line]
    assigned: Sequence[AssignedUpdate]
    groups: Sequence[Group]


def standing_of(actor: Actor, release: Release, on: date, place: Place) -> Standing:
    """Who has installed a release, for who looks after it. Eight queries, however many people."""
    entitled = entitled_members(actor, release.product_id, on)
    rows = Membership.objects.filter(organisation_id=actor.customer_id, pk__in=entitled)
    page = page_of(rows.values("id", "name", "sort_name"), [Key("sort_name", str), Key("id", int)], place)
    ids = [row["id"] for row in page.rows]
    theirs = Installed.objects.filter(organisation_id=actor.customer_id, release=release)
    have = {
        pk: (how, day)
        for pk, how, day in theirs.filter(membership_id__in=ids).order_by("how").values_list("membership_id", "how", "on")
    }
    assigned = list(
        AssignedUpdate.objects.filter(organisation_id=actor.customer_id, release=release, ended_on=None)
        .select_related("membership", "group")
        .order_by("deadline", "id")
    )
    asked = _asked_members(actor, assigned, ids, on)
    lines = [_line(row["id"], row["name"], have.get(row["id"]), asked) for row in page.rows]
    count = theirs.filter(membership_id__in=entitled).values("membership_id").distinct().count()
    groups = Group.objects.filter(organisation_id=actor.customer_id, ended_on=None).order_by("name", "id")
    return Standing(len(entitled), count, Page(lines, page.next, page.previous), assigned, list(groups))


def _line(pk: int, name: str, have: tuple[str, date] | None, asked: Collection[int]) -> Line:
    how, on = have or ("", None)
    return Line(pk, name, how, on, pk in asked)


def _asked_members(actor: Actor, assigned: Sequence[AssignedUpdate], members: Sequence[int], on: date) -> set[int]:
    if any(one.membership_id is None and one.group_id is None for one in assigned):
        return set(members)
    groups = [one.group_id for one in assigned if one.group_id]
    stays = GroupMember.objects.filter(organisation_id=actor.customer_id, group_id__in=groups, membership_id__in=members)
    within = stays.filter(Q(left_on=None) | Q(left_on__gt=on), joined_on__lte=on).values_list("membership_id", flat=True)
    return {*(one.membership_id for one in assigned if one.membership_id), *within}


def assigned_update(actor: Actor, pk: int) -> AssignedUpdate:
    """One of the customer's. Raises AssignedUpdate.DoesNotExist."""
    return AssignedUpdate.objects.select_related("release").get(organisation_id=actor.customer_id, pk=pk)
