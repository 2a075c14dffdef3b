"""Who asks for a floating seat through a product: for whom, inside which customer, and which lease is theirs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.organisations.models import Membership
from comptoir.subscriptions.models import Subscription

from ..models import Device, Lease, LicenceKey
from .bearers import GONE, Bearer, actor_of, inside, members_of, person_in
from .devices import product_of
from .leases import floating_of, lease_of
from .offline import holder_of_device


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody who asks, inside one customer: a member, or a key without one."""

    actor: Actor
    holder: Membership | LicenceKey

    @property
    def key(self) -> int | None:
        """The key that asks for itself."""
        return self.holder.pk if isinstance(self.holder, LicenceKey) else None


def asker_for(bearer: Bearer, code: str, on: date, request_key: str | None = None) -> tuple[Asking, Subscription]:
    """Who asks for a floating seat of a product, and of which subscription: of the first of their customers that has some.

    Raises Refused `product_unknown`, `licence_person_gone`, `lease_named_only`.
    """
    product = product_of(code)
    anybody = False
    for asking in _asking(bearer, request_key):
        anybody = True
        if (found := floating_of(asking.actor, asking.holder, product.pk, on)) is not None:
            return asking, found
    if not anybody:
        raise Refused("licence_person_gone", params={"reasons": list(GONE)}, status=403)
    raise Refused("lease_named_only", params={"product": product.name, "reasons": ["lease_named_only"]}, status=403)


def lease_asked(bearer: Bearer, number: str, request_key: str | None = None) -> tuple[Asking, Lease]:
    """The lease with that number of whoever asks. Raises Lease.DoesNotExist."""
    for asking in _asking(bearer, request_key):
        try:
            return asking, lease_of(asking.holder, number)
        except Lease.DoesNotExist:
            continue
    raise Lease.DoesNotExist


def _asking(bearer: Bearer, request_key: str | None) -> Iterator[Asking]:
    """Everybody as whom the bearer may ask, each with the wall of their customer open."""
    if bearer.row is None:
        for member in members_of(bearer.person_id or 0):
            actor = person_in(member, request_key)
            with inside(actor):
                yield Asking(actor, member)
        return
    actor = actor_of(bearer.row, request_key)
    with inside(actor):
        if (holder := _holder(bearer.row)) is not None:
            yield Asking(actor, holder)


def _holder(row: Device | LicenceKey) -> Membership | LicenceKey | None:
    """The member who is here, or the key without one that lives."""
    found = holder_of_device(row) if isinstance(row, Device) else row
    if isinstance(found, LicenceKey) and found.membership_id is not None:
        found = Membership.objects.get(organisation_id=row.organisation_id, pk=found.membership_id)
    if isinstance(found, LicenceKey):
        return found if found.ended_at is None else None
    return found if found.left_on is None and found.active else None
