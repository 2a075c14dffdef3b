"""Who has left and still holds something: it was given to them at the moment in which they left."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import add_days
from comptoir.organisations.models import Membership

from ..models import Assignment, BenefitChoice, Device, Lease, LicenceKey, UseRight

LOOKED_BACK = 2  # days: what was given at that moment was committed long before


def left_but_holding(actor: Actor, on: date) -> list[Membership]:
    """The former members of the actor's customer who hold a seat, a device, a key or a licence. One query."""
    former = Membership.objects.filter(organisation_id=actor.customer_id, left_on__isnull=False)
    return list(_holding(former, on).order_by("pk"))


def customers_left_but_holding(ids: Sequence[int], day: date) -> set[int]:
    """Those of these customers whom somebody left in the days before who holds something still. One statement."""
    rows = Membership.objects.filter(organisation_id__in=ids, left_on__gte=add_days(day, -LOOKED_BACK))
    return set(_holding(rows, day).values_list("organisation_id", flat=True))


def _holding(former: QuerySet[Membership], on: date) -> QuerySet[Membership]:
    living = (
        Assignment.objects.filter(ended_on=None),
        BenefitChoice.objects.filter(ended_on=None),
        Lease.objects.filter(ended_at=None),
        Device.objects.filter(ended_at=None),
        LicenceKey.objects.filter(ended_at=None),
        UseRight.objects.filter(closed=False, ends_on__gt=on),
    )
    whose = {"organisation_id": OuterRef("organisation_id"), "membership_id": OuterRef("pk")}
    held = Q()
    for rows in living:
        held |= Q(Exists(rows.filter(**whose)))
    return former.filter(held)
