"""Updates as people find them: what came out for them, what they are to install by when, who has what."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q, QuerySet

from comptoir.catalogue.models import Product
from comptoir.entitlements.queries.exceptions import excepted
from comptoir.kernel.actor import Actor
from comptoir.organisations.models import GroupMember

from ..models import AssignedUpdate, Installed, Release
from .entitled import rights
from .overseeing import products_of_groups
from .releases import published, window_of
from .withheld import kept_from

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
    by_product: dict[int, list[Release]] = defaultdict(list)
    for row in published(on).filter(product__in=products).select_related("product"):
        by_product[row.product_id].append(row)
    more = excepted(actor, by_product, on)
    kept = kept_from(actor, on)
    shown = [row for rows in by_product.values() for row in _allowed(rows, more) if row.pk not in kept.of(rows)]
    mine = [row.pk for row in shown if row.product_id in own]
    asked, have = _asked(actor, on, mine), _have(actor, mine)
    found = [_found(row, asked.get(row.pk), have.get(row.pk, ""), mine=row.product_id in own) for row in shown]
    found += [_found(row, None, how, mine=True) for row, how in _withdrawn(actor, products)]
    found.sort(key=lambda one: (one.release.released_on, one.release.pk), reverse=True)
    found.sort(key=lambda one: one.deadline or date.max)
    found.sort(key=lambda one: not (one.assigned and not one.how))
    return found[:MOST]


def _found(row: Release, asked: "Asked | None", how: str, *, mine: bool) -> Update:
    deadline, by = (asked.deadline, asked.by) if asked else (None, "")
    return Update(row, asked is not None, deadline, how, mine, by)


def _withdrawn(actor: Actor, products: QuerySet[Product]) -> list[tuple[Release, str]]:
    """What the member has and nobody gets any more: they are to know it."""
    rows = Release.objects.filter(state=Release.State.WITHDRAWN, product__in=products).select_related("product")
    have = _have(actor, [row.pk for row in rows])
    return [(row, have[row.pk]) for row in rows if row.pk in have]


def _allowed(rows: Sequence[Release], more: Mapping[int, Collection[str]]) -> list[Release]:
    allowed = window_of(rows[0].product, rows, more.get(rows[0].product_id, ()))
    return [row for row in rows if row.version in allowed]


@dataclass(frozen=True, slots=True)
class Asked:
    """That somebody is asked to install a release: the earliest deadline, and who wants it then."""

    deadline: date | None
    by: str


def _asked(actor: Actor, on: date, releases: Collection[int]) -> Mapping[int, Asked]:
    """The releases that the actor is asked to install, each with its earliest deadline."""
    stays = GroupMember.objects.filter(organisation_id=actor.customer_id, membership_id=actor.member_id, joined_on__lte=on)
    groups = stays.filter(Q(left_on=None) | Q(left_on__gt=on)).values("group_id")
    mine = Q(membership_id=actor.member_id) | Q(group_id__in=groups) | Q(membership=None, group=None)
    rows = AssignedUpdate.objects.filter(mine, organisation_id=actor.customer_id, ended_on=None, release_id__in=releases)
    found: dict[int, Asked] = {}
    for release, deadline, by in rows.order_by("-id").values_list("release_id", "deadline", "assigned_by__name"):
        before = found.get(release)
        if before is None or (deadline or date.max) <= (before.deadline or date.max):
            found[release] = Asked(deadline, by)
    return found


def _have(actor: Actor, releases: Collection[int]) -> Mapping[int, str]:
    rows = Installed.objects.filter(organisation_id=actor.customer_id, membership_id=actor.member_id, release_id__in=releases)
    return dict(rows.order_by("how").values_list("release_id", "how"))


def update(actor: Actor, pk: int, on: date) -> Update:
    """One release as the actor finds it; of a withdrawn one also what to take in its place. Raises Release.DoesNotExist."""
    row = Release.objects.exclude(state=Release.State.DRAFT).select_related("product").get(pk=pk, released_on__lte=on)
    asked, have = _asked(actor, on, [pk]), _have(actor, [pk])
    found = _found(row, asked.get(pk), have.get(pk, ""), mine=row.product_id in rights(actor, on))
    if not found.withdrawn:
        return found
    return replace(found, newest=published(on).filter(product=row.product).order_by("-released_on", "-id").first())


def assigned_update(actor: Actor, pk: int) -> AssignedUpdate:
    """One of the customer's. Raises AssignedUpdate.DoesNotExist."""
    return AssignedUpdate.objects.select_related("release").get(organisation_id=actor.customer_id, pk=pk)


def assigned_just_now(actor: Actor, code: str, version: str, day: date) -> list[int]:
    """What was assigned of a release on that day and not taken back, by id."""
    rows = AssignedUpdate.objects.filter(organisation_id=actor.customer_id, ended_on=None, assigned_on=day)
    rows = rows.filter(release__product__code=code, release__version=version)
    return list(rows.order_by("id").values_list("pk", flat=True))
