"""Floating seats: taken, kept, borrowed and given back by products; seen and ended by those who give seats."""

from datetime import date, datetime
from typing import Annotated, Any

from django.conf import settings
from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from comptoir.kernel.api import PROBLEMS, operation
from comptoir.kernel.clock import now
from comptoir.kernel.gate import GateRequest
from comptoir.permissions import Can
from comptoir.subscriptions.queries.seats import subscription_of

from ..actions.leases import borrow_lease, end_lease, keep_lease, return_lease, take_lease
from ..queries.bearers import inside
from ..queries.lease_bearers import asker_for, lease_asked
from ..queries.leases import LeaseTold, floating_told, lease_by_id, lease_told
from ..queries.offline import file_told
from .licences import ANSWERS, ActivationBody, LicenceBearer, LicenceRequest, by_secret
from .offline import FileOut, told
from .seats import Id

router = Router(tags=["Floating seats"])
ONE = "/licences/leases/{lease}"
LEASES = "/customers/{customer}/subscriptions/{number}/leases"
Number = Annotated[str, Field(min_length=1, max_length=64)]


class BorrowBody(Schema):
    """Which activated device takes the seat along, and for how many days."""

    model_config = ConfigDict(extra="forbid")
    activation: Id
    days: Annotated[int, Field(ge=1, le=365, strict=True)]


class LeaseOut(Schema):
    """A floating seat in use. Say a sign of life every `heartbeat_seconds`; unheard of, it is free at `free_at`."""

    lease: str
    subscription: str
    product: str
    device: str
    taken_at: datetime
    free_at: datetime
    heartbeat_seconds: int
    borrowed_until: date | None
    ended: bool


class HeldLeaseOut(Schema):
    """A floating seat in use, as those see it who give seats. `counts`: false where people were given all the seats since."""

    id: int
    member: int | None
    name: str
    device: str
    taken_at: datetime
    heard_at: datetime
    free_at: datetime
    borrowed_until: date | None
    counts: bool


class FloatingOut(Schema):
    """The floating seats of a subscription now: how many there are, how many people have their own, and the leases."""

    seats: int
    people: int
    free: int
    leases: list[HeldLeaseOut]


@router.post("/licences/leases", auth=LicenceBearer(), response={201: LeaseOut, **ANSWERS}, operation_id="take_lease")
@by_secret
def take(request: LicenceRequest, body: ActivationBody) -> Status[LeaseOut]:
    """Take a floating seat. 409 `lease_none_free` tells how many are in use and, to who sees people, by whom."""
    asking, row = asker_for(request.bearer, body.product, request.today, request.key)
    told = {"fingerprint": body.fingerprint, "name": body.name, "version": body.version}
    with inside(asking.actor):
        return Status(201, _out(take_lease(asking.actor, row, key=asking.key, **told, on=request.today)))


@router.get(ONE, auth=LicenceBearer(), response={200: LeaseOut, **ANSWERS}, operation_id="lease")
@by_secret
def look(request: LicenceRequest, lease: Number) -> LeaseOut:
    """One's lease as it stands."""
    asking, row = lease_asked(request.bearer, lease)
    with inside(asking.actor):
        return _out(row)


@router.post(f"{ONE}/heartbeat", auth=LicenceBearer(), response={200: LeaseOut, **ANSWERS}, operation_id="keep_lease")
@by_secret
def keep(request: LicenceRequest, lease: Number) -> LeaseOut:
    """A sign of life. 409 `lease_ended`: take a new one; `lease_outranked`: there is no seat any more."""
    asking, row = lease_asked(request.bearer, lease)
    with inside(asking.actor):
        return _out(keep_lease(asking.actor, row, on=request.today, at=now()))


@router.post(f"{ONE}/borrowing", auth=LicenceBearer(), response={201: FileOut, **ANSWERS}, operation_id="borrow_lease")
@by_secret
def borrow(request: LicenceRequest, lease: Number, body: BorrowBody) -> Status[FileOut]:
    """Take the seat along without a network: a signed file for the activated device, for so many days."""
    asking, row = lease_asked(request.bearer, lease, request.key)
    wanted = {"lease": row.pk, "device": body.activation, "days": body.days}
    with inside(asking.actor):
        made = borrow_lease(asking.actor, row.subscription, **wanted, on=request.today)
        return Status(201, FileOut(**told(file_told(made))))


@router.post(f"{ONE}/return", auth=LicenceBearer(), response={200: LeaseOut, **ANSWERS}, operation_id="return_lease")
@by_secret
def give_back(request: LicenceRequest, lease: Number) -> LeaseOut:
    """Give the seat back, a borrowed one too: its file is revoked."""
    asking, row = lease_asked(request.bearer, lease, request.key)
    with inside(asking.actor):
        return _out(return_lease(asking.actor, row.subscription, lease=row.pk, on=request.today))


@router.get(LEASES, response={200: FloatingOut, **PROBLEMS}, operation_id="leases")
@operation(Can.MANAGE_KEYS)
def leases(request: GateRequest, customer: str, number: str) -> FloatingOut:
    """Who uses the floating seats of a subscription now."""
    found = floating_told(request.actor, subscription_of(request.actor, number), now(), request.today)
    held = [_held(each) for each in found.leases]
    return FloatingOut(seats=found.seats, people=found.people, free=found.free, leases=held)


@router.post(f"{LEASES}/{{pk}}/end", response={200: FloatingOut, **PROBLEMS}, operation_id="end_lease")
@operation(Can.MANAGE_KEYS)
def end(request: GateRequest, customer: str, number: str, pk: int) -> FloatingOut:
    """End somebody's use of a floating seat: the product hears it at its next sign of life."""
    row = subscription_of(request.actor, number)
    end_lease(request.actor, row, lease=lease_by_id(request.actor, row, pk).pk, on=request.today)
    return leases(request, customer=customer, number=number)  # type: ignore[no-any-return]


def _out(row: Any) -> LeaseOut:
    told = lease_told(row, counts=True)
    return LeaseOut(
        lease=told.number,
        subscription=row.subscription.number,
        product=row.subscription.product.code,
        device=told.device,
        taken_at=told.taken_at,
        free_at=told.free_at,
        heartbeat_seconds=settings.LEASE_MINUTES * 60 // 3,
        borrowed_until=told.borrowed_until,
        ended=row.ended_at is not None,
    )


def _held(told: LeaseTold) -> HeldLeaseOut:
    return HeldLeaseOut(
        id=told.pk,
        member=told.member,
        name=told.name,
        device=told.device,
        taken_at=told.taken_at,
        heard_at=told.heard_at,
        free_at=told.free_at,
        borrowed_until=told.borrowed_until,
        counts=told.counts,
    )
