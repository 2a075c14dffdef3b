"""Who is to be asked by mail to install a release, or reminded of it. In jobs: the wall of one customer is open."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import add_days
from comptoir.organisations.models import Membership

from ..models import AssignedUpdate, Installed, Release
from ..rules.reminding import AHEAD, reminder_day
from .entitled import entitled_members
from .standing import asked_by


@dataclass(frozen=True, slots=True)
class ToInstall:
    """Some members who are asked to install a release and have not. `last`: where the next batch begins, if any."""

    release: Release
    deadline: date | None
    by: str
    members: Sequence[Membership]
    last: int | None


def living_assignments(ids: Collection[int]) -> QuerySet[AssignedUpdate]:
    """What has not been taken back, of releases that are out, of these customers."""
    rows = AssignedUpdate.objects.filter(organisation_id__in=ids, ended_on=None, release__state=Release.State.PUBLISHED)
    return rows.select_related("release")


def reminded_on(ids: Collection[int], day: date) -> list[AssignedUpdate]:
    """What is to be reminded of on that day, of these customers. One query."""
    rows = living_assignments(ids).filter(deadline__range=(day, add_days(day, AHEAD)))
    return [row for row in rows if row.deadline is not None and reminder_day(row.assigned_on, row.deadline) == day]


def to_install(actor: Actor, assigned_id: int, *, after: int, most: int, on: date) -> ToInstall | None:
    """The next members whom that assignment asks, by id, who may install the release and have not; None: it was taken back."""
    row = living_assignments([actor.customer_id]).select_related("release__product", "assigned_by").filter(pk=assigned_id).first()
    if row is None:
        return None
    entitled = entitled_members(actor, row.release.product_id, on).filter(asked_by(row, on), pk__gt=after)
    batch = list(entitled.order_by("pk").values_list("pk", flat=True)[: most + 1])
    have = Installed.objects.filter(organisation_id=actor.customer_id, release=row.release, membership_id__in=batch)
    waiting = set(batch[:most]) - set(have.values_list("membership_id", flat=True))
    people = Membership.objects.select_related("person").filter(pk__in=waiting).order_by("pk")
    last = batch[most - 1] if len(batch) > most else None
    return ToInstall(row.release, row.deadline, row.assigned_by.name, list(people), last)
