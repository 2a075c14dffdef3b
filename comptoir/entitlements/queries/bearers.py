"""Who asks through one of the vendor's products: by an access token of the portal's, a licence key, or an activation's secret.

All of them are found before their customer is known, by the digest of their secret alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db import connection

from comptoir.kernel.actor import Actor, ActorKind, Grant
from comptoir.kernel.errors import Refused
from comptoir.kernel.walls import Opening, wall_of_request
from comptoir.organisations.models import Membership
from comptoir.permissions import Can, Role

from ..models import Device, LicenceKey
from ..ports import Ports
from ..rules.licences import Verdict
from .devices import device_by_id, product_of
from .keys import SECRET_PREFIX, digest_of, typed_key
from .licences import Wanted, refuse_unlicensed, verdict_for
from .quick_check import may_be_too_old, quick_check

Row = TypeVar("Row", Device, LicenceKey)
MOST_CUSTOMERS = 20  # of one person, looked through for a seat
_OWN = (Grant(Role.END_USER),)
GONE = ("licence_person_gone",)
_SCOPES = frozenset({Can.USE_LICENCES.scope})


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose secret it is: a person's who signed in, or (`row`) a key's or an activated device's."""

    person_id: int | None = None
    row: Device | LicenceKey | None = None

    @property
    def device(self) -> Device | None:
        """The activated device whose secret it is."""
        return self.row if isinstance(self.row, Device) else None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, inside the customer that it is about, for whom, and whether they may use the product."""

    actor: Actor
    holder: Membership | LicenceKey
    key: LicenceKey | None
    wanted: Wanted
    verdict: Verdict

    @property
    def opening(self) -> Opening:
        """What the rest of the transaction is let to."""
        return opening_of(self.actor)


def opening_of(actor: Actor) -> Opening:
    """The one customer, to read and to write."""
    return Opening(read=[actor.customer_id], write=actor.customer_id, person=actor.person_id)


def bearer_of(secret: str) -> Bearer | None:
    """Whose secret that is; None: nobody's. Raises Refused 401 for what has ended. Needs no wall; one query."""
    if secret.startswith(SECRET_PREFIX):
        device = _by_digest(digest_of(secret), Device)
        if device is not None and device.ended_at is not None:
            raise Refused("device_has_ended", status=401)
        return None if device is None else Bearer(row=device)
    plain = typed_key(secret)
    if plain is not None:
        key = _by_digest(digest_of(plain), LicenceKey)
        if key is not None and key.ended_at is not None:
            raise Refused("key_has_ended", status=401)
        return None if key is None else Bearer(row=key)
    person = Ports.bearers.person_of(secret)
    return None if person is None else Bearer(person_id=person)


def _by_digest(digest: str, model: type[Row]) -> Row | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.token', %s, true)", [digest])
        found = model.objects.filter(digest=digest).first()
        cursor.execute("SELECT set_config('app.token', '', true)")
    return found


@contextmanager
def inside(actor: Actor) -> Iterator[None]:
    """The wall of the actor's customer, for what is left of the request."""
    with wall_of_request(**opening_of(actor)):
        yield


def caller_of(bearer: Bearer, product: str, version: str, on: date, request_key: str | None = None) -> Caller:
    """Who asks about a product. A person of several customers asks inside the first in which they may use it.

    Raises Refused `product_unknown`, `licence_person_gone` (403: a person of no customer). Ten queries or so.
    """
    wanted = Wanted(product_of(product), on, version)
    if bearer.row is None:
        return _person(bearer.person_id or 0, wanted, request_key)
    actor = actor_of(bearer.row, request_key)
    with wall_of_request(**opening_of(actor)):
        key = bearer.row if isinstance(bearer.row, LicenceKey) else bearer.row.key
        product_id = bearer.device.product_id if bearer.device else key.subscription.product_id if key else None
        if product_id != wanted.product.pk:
            raise Refused("licence_other_product", params={"product": wanted.product.name}, status=403)
        holder = _holder(bearer.row, key)
        lives = key is None or key.ended_at is None
        verdict = verdict_for(actor, holder, wanted) if lives else Verdict(None, GONE)
    return Caller(actor, holder, key, wanted, verdict)


def _holder(row: Device | LicenceKey, key: LicenceKey | None) -> Membership | LicenceKey:
    if row.membership_id is None and key is not None:
        return key
    return Membership.objects.get(organisation_id=row.organisation_id, pk=row.membership_id or 0)


def actor_of(row: Device | LicenceKey, request_key: str | None = None) -> Actor:
    """A key, or an activated device, as it acts: for its person, where it has one."""
    return Actor(
        ActorKind.DEVICE if isinstance(row, Device) else ActorKind.KEY,
        id=row.pk,
        membership_id=row.membership_id,
        organisation_id=row.organisation_id,
        grants=_OWN,
        scopes=_SCOPES,
        request_key=request_key,
    )


def _person(person_id: int, wanted: Wanted, request_key: str | None) -> Caller:
    found: Caller | None = None
    for caller in _customers(person_id, wanted, request_key):
        if caller.verdict.may:
            return caller
        # the answer that helps most: of a customer that has the product
        if found is None or found.verdict.reasons == ("licence_no_subscription",):
            found = caller
    if found is None:
        raise Refused("licence_person_gone", params={"reasons": list(GONE)}, status=403)
    return found


def _customers(person_id: int, wanted: Wanted, request_key: str | None) -> Iterator[Caller]:
    for member in members_of(person_id):
        actor = person_in(member, request_key)
        with wall_of_request(**opening_of(actor)):
            yield Caller(actor, member, None, wanted, verdict_for(actor, member, wanted))


def members_of(person_id: int) -> list[Membership]:
    """The memberships of a person who has not left, the oldest first."""
    with wall_of_request(person=person_id):
        rows = Membership.objects.filter(person_id=person_id, left_on=None, active=True, person__is_active=True)
        return list(rows.order_by("pk")[:MOST_CUSTOMERS])


def person_in(member: Membership, request_key: str | None = None) -> Actor:
    """A person who signed in to a product, inside one of their customers."""
    return Actor(
        ActorKind.PERSON,
        id=member.person_id,
        name=member.name,
        person_id=member.person_id,
        membership_id=member.pk,
        organisation_id=member.organisation_id,
        grants=_OWN,
        scopes=_SCOPES,
        request_key=request_key,
    )


def device_asked(bearer: Bearer, pk: int, request_key: str | None = None) -> tuple[Actor, Device]:
    """One activation of whoever asks, with the actor inside its customer. Raises Device.DoesNotExist."""
    if bearer.row is not None:
        actors = [actor_of(bearer.row, request_key)]
    else:
        actors = [person_in(member, request_key) for member in members_of(bearer.person_id or 0)]
    for actor in actors:
        with wall_of_request(**opening_of(actor)):
            if (found := device_by_id(actor, pk)) is not None:
                return actor, found
    raise Device.DoesNotExist


def refuse_device(bearer: Bearer, secret: str, actor: Actor, device: Device, on: date) -> None:
    """Raise Refused (403) where the product may not be used on that device. One query as a rule; needs the customer's wall."""
    if bearer.device is not None:
        quick = quick_check(secret, device.product.code)
        if quick is not None and quick.verdict == "yes" and not may_be_too_old(quick, device.version):
            return
    wanted = Wanted(device.product, on, device.version)
    ended = device.key is not None and device.key.ended_at is not None
    refuse_unlicensed(actor, Verdict(None, GONE) if ended else verdict_for(actor, _holder(device, device.key), wanted), wanted)
