"""Updates as people find them: what came out for them, what they are to install by when, who has what."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from django.db.models import Q

from comptoir.catalogue.models import Product
from comptoir.entitlements.queries.exceptions import excepted
from comptoir.kernel.actor import Actor
from comptoir.organisations.models import GroupMember

from ..models import AssignedUpdate, Installed, Release
from .entitled import rights
from .overseeing import products_of_groups
from .published import Out, newest_of, published_of
from .releases import window_of
from .withheld import Kept, kept_from

MOST = 100  # releases on a page


@dataclass(frozen=True, slots=True)
class Update:
    """A release as one person finds it. `assigned`: they are asked to install it; `how` they got it, empty: they have not."""

    release: Release
    assigned: bool
    deadline: date | None
    how: str
    mine: bool  # it may be installed by this person
    asked_by: str = ""
    newest: Release | None = None  # where it was withdrawn: what to install in its place

    @property
    def withdrawn(self) -> bool:
        """Whether nobody gets it any more."""
        return self.release.state == Release.State.WITHDRAWN

    def late(self, on: date) -> bool:
        """Whether it should have been installed by now."""
        return self.assigned and not self.how and self.deadline is not None and self.deadline < on


def updates(actor: Actor, on: date, product: str = "") -> list[Update]:
    """What is out for the actor: what they are asked to install first, then the newest; of what may still be installed.

    Who looks after groups also finds what the people in them may install.
    """
    own = rights(actor, on)
    products = Product.objects.filter(pk__in={*own, *products_of_groups(actor, on)}).exclude(kind=Product.Kind.CLOUD)
    if product:
        products = products.filter(code=product)
    known = products.in_bulk()
    by_product = published_of(list(known), on)
    more = excepted(actor, by_product, on)
    kept = kept_from(actor, on)
    shown = [row for pk, rows in by_product.items() for row in _allowed(known[pk], rows, more, kept)]
    asked, have = _asked(actor, on), _have(actor)
    lines = [_line(row, asked.get(row.pk), have.get(row.pk, ""), mine=row.product_id in own) for row in shown]
    lines += [_Line(row, None, have[row.pk], True) for row in _withdrawn(have, known)]
    lines.sort(key=lambda one: (one.row.released_on, one.row.pk), reverse=True)
    lines.sort(key=lambda one: (one.asked is None or bool(one.how), (one.asked and one.asked.deadline) or date.max))
    rows = Release.objects.select_related("product").in_bulk([one.row.pk for one in lines[:MOST]])
    return [_found(rows[one.row.pk], one.asked, one.how, mine=one.mine) for one in lines[:MOST]]


class _Line(NamedTuple):
    row: Out | Release
    asked: "Asked | None"
    how: str
    mine: bool


def _line(row: Out, asked: "Asked | None", how: str, *, mine: bool) -> _Line:
    return _Line(row, asked, how, True) if mine else _Line(row, None, "", False)


def _found(row: Release, asked: "Asked | None", how: str, *, mine: bool) -> Update:
    deadline, by = (asked.deadline, asked.by) if asked else (None, "")
    return Update(row, asked is not None, deadline, how, mine, by)


def _withdrawn(have: Collection[int], products: Collection[int]) -> list[Release]:
    """What the member has and nobody gets any more: they are to know it."""
    return list(Release.objects.filter(pk__in=have, state=Release.State.WITHDRAWN, product__in=products)) if have else []


def _allowed(product: Product, rows: Sequence[Out], more: Mapping[int, Collection[str]], kept: Kept) -> list[Out]:
    allowed, withheld = set(window_of(product, rows, more.get(product.pk, ())).allowed), kept.of(rows)
    return [row for row in rows if row.version in allowed and row.pk not in withheld]


@dataclass(frozen=True, slots=True)
class Asked:
    """That somebody is asked to install a release: the earliest deadline, and who wants it then."""

    deadline: date | None
    by: str


def _asked(actor: Actor, on: date, release: int | None = None) -> Mapping[int, Asked]:
    """The releases that the actor is asked to install, each with its earliest deadline; or that one."""
    stays = GroupMember.objects.filter(organisation_id=actor.customer_id, membership_id=actor.member_id, joined_on__lte=on)
    groups = stays.filter(Q(left_on=None) | Q(left_on__gt=on)).values("group_id")
    mine = Q(membership_id=actor.member_id) | Q(group_id__in=groups) | Q(membership=None, group=None)
    rows = AssignedUpdate.objects.filter(mine, organisation_id=actor.customer_id, ended_on=None)
    if release is not None:
        rows = rows.filter(release_id=release)
    found: dict[int, Asked] = {}
    for release, deadline, by in rows.order_by("-id").values_list("release_id", "deadline", "assigned_by__name"):
        before = found.get(release)
        if before is None or (deadline or date.max) <= (before.deadline or date.max):
            found[release] = Asked(deadline, by)
    return found


def _have(actor: Actor, release: int | None = None) -> Mapping[int, str]:
    """The releases that the actor has, and how; or that one."""
    rows = Installed.objects.filter(organisation_id=actor.customer_id, membership_id=actor.member_id)
    if release is not None:
        rows = rows.filter(release_id=release)
    return dict(rows.order_by("how").values_list("release_id", "how"))


def update(actor: Actor, pk: int, on: date) -> Update:
    """One release as the actor finds it; of a withdrawn one also what to take in its place. Raises Release.DoesNotExist."""
    row = Release.objects.exclude(state=Release.State.DRAFT).select_related("product").get(pk=pk, released_on__lte=on)
    asked, have = _asked(actor, on, pk), _have(actor, pk)
    found = _found(row, asked.get(pk), have.get(pk, ""), mine=row.product_id in rights(actor, on))
    if not found.withdrawn:
        return found
    newest = newest_of(published_of([row.product_id], on).get(row.product_id, []))
    return replace(found, newest=Release.objects.get(pk=newest.pk) if newest else None)


def assigned_update(actor: Actor, pk: int) -> AssignedUpdate:
    """One of the customer's. Raises AssignedUpdate.DoesNotExist."""
    return AssignedUpdate.objects.select_related("release").get(organisation_id=actor.customer_id, pk=pk)


def assigned_just_now(actor: Actor, code: str, version: str, day: date) -> list[int]:
    """What was assigned of a release on that day and not taken back, by id."""
    rows = AssignedUpdate.objects.filter(organisation_id=actor.customer_id, ended_on=None, assigned_on=day)
    rows = rows.filter(release__product__code=code, release__version=version)
    return list(rows.order_by("id").values_list("pk", flat=True))
