"""Devices: whose they are, which live, which is in use, who may end them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from comptoir.catalogue.models import Product
from comptoir.kernel.actor import Actor, ActorKind
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.ports import not_allowed
from comptoir.organisations.models import Membership
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription

from ..models import Device, LicenceKey
from ..rules.licences import DEVICES_EACH


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose three devices are counted: a person's, by whatever key, or those of a key without a person."""

    organisation_id: int
    membership_id: int | None
    key_id: int | None

    @classmethod
    def of(cls, holder: Membership | LicenceKey) -> "Holder":
        """A person, or a key."""
        if isinstance(holder, Membership):
            return cls(holder.organisation_id, holder.pk, None)
        return cls(holder.organisation_id, None, holder.pk)

    @classmethod
    def of_device(cls, device: Device) -> "Holder":
        """Whose a device is."""
        key = device.key_id if device.membership_id is None else None
        return cls(device.organisation_id, device.membership_id, key)

    @property
    def fields(self) -> dict[str, int | None]:
        """As columns of a device."""
        return {"organisation_id": self.organisation_id, "membership_id": self.membership_id, "key_id": self.key_id}


def living_of(whose: Holder, product_id: int) -> QuerySet[Device]:
    """The living devices of one person, or one key, and one product."""
    rows = Device.objects.filter(organisation_id=whose.organisation_id, product_id=product_id, ended_at=None)
    if whose.membership_id is not None:
        return rows.filter(membership_id=whose.membership_id)
    return rows.filter(membership=None, key_id=whose.key_id)


def all_taken(product: Product, rows: Sequence[Device]) -> Refused:
    """The refusal where all places are taken, with the names of the devices, by place."""
    rows = sorted(rows, key=lambda row: row.place)
    told = {
        "product": product.name,
        "most": DEVICES_EACH,
        "names": [row.name for row in rows],
        "devices": [row.pk for row in rows],
    }
    return Refused("devices_all_taken", params=told)


def product_of(code: str) -> Product:
    """The product with that code. Raises Refused `product_unknown`."""
    found = Product.objects.filter(code=code).first()
    if found is None:
        raise Refused("product_unknown", params={"code": code}, field="product", status=422)
    return found


def stale_before(at: datetime) -> datetime:
    """The last sign of use at or before which a device is no longer in use."""
    return at - timedelta(minutes=settings.LICENCE_USE_MINUTES)


def refuse_ending(actor: Actor, device: Device) -> None:
    """Raise Refused `not_allowed` for a device that is not one's own, of a product that one gives no keys of."""
    if actor.kind == ActorKind.KEY:
        own = device.key_id == actor.id
    elif actor.membership_id is not None:
        own = device.membership_id == actor.membership_id
    else:
        own = actor.kind == ActorKind.DEVICE and device.pk == actor.id
    if not own and not looks_after(actor, device.product_id):
        raise not_allowed(actor, Can.MANAGE_KEYS)


def looks_after(actor: Actor, product_id: int) -> bool:
    """Whether the actor gives keys of a product: of one of its subscriptions. One query at most."""
    return product_id in products_looked_after(actor, [product_id])


def products_looked_after(actor: Actor, products: list[int]) -> set[int]:
    """Those of these products that the actor gives keys of."""
    contracts = actor.contracts(Can.MANAGE_KEYS)
    if contracts is None:
        return set(products)
    if not contracts:
        return set()
    rows = Subscription.objects.filter(organisation_id=actor.customer_id, product_id__in=products, contract_id__in=contracts)
    return set(rows.values_list("product_id", flat=True))


@dataclass(frozen=True, slots=True)
class DeviceTold:
    """A device as a page or a program is told of it."""

    id: int
    product: str
    code: str
    name: str
    platform: str
    version: str
    activated_at: datetime
    last_seen_at: datetime
    in_use: bool
    ended_at: datetime | None
    by_key: str  # the last characters of the key that activated it


def told(rows: QuerySet[Device]) -> list[DeviceTold]:
    """These devices, by product and place. One query."""
    return [told_of(row) for row in rows.order_by("product__name", "place", "id").select_related("product", "key")]


def told_of(row: Device) -> DeviceTold:
    """One device, as it is now."""
    using = row.in_use and row.used_at is not None and row.used_at > stale_before(now())
    what = (row.pk, row.product.name, row.product.code, row.name, row.platform, row.version)
    return DeviceTold(*what, row.activated_at, row.last_seen_at, using, row.ended_at, row.key.ending if row.key else "")


def in_use_elsewhere(device: Device, at: datetime) -> Device | None:
    """The other device of the same person and product that is in use. One query."""
    rows = living_of(Holder.of_device(device), device.product_id).filter(in_use=True, used_at__gt=stale_before(at))
    return rows.exclude(pk=device.pk).first()


def refuse_elsewhere(device: Device) -> None:
    """Raise Refused `device_in_use_elsewhere` (409) while another device of the person is in use. One query."""
    other = in_use_elsewhere(device, now())
    if other is not None:
        raise elsewhere(device, other)


def elsewhere(device: Device, other: Device) -> Refused:
    """The refusal that names the device in use."""
    return Refused("device_in_use_elsewhere", params={"product": device.product.name, "name": other.name, "device": other.pk})


def own_devices(actor: Actor) -> list[DeviceTold]:
    """One's own that live. One query."""
    return told(Device.objects.filter(organisation_id=actor.customer_id, membership_id=actor.member_id, ended_at=None))


def devices_of_member(actor: Actor, member: int) -> list[DeviceTold]:
    """A member's that live, of the products that the actor gives keys of; one's own all. Two queries at most."""
    rows = Device.objects.filter(organisation_id=actor.customer_id, membership_id=member, ended_at=None)
    if member != actor.membership_id and actor.contracts(Can.MANAGE_KEYS) is not None:
        products = list(rows.values_list("product_id", flat=True).distinct())
        rows = rows.filter(product_id__in=products_looked_after(actor, products))
    return told(rows)


def device_of(actor: Actor, pk: int) -> Device:
    """One device that the actor may see: their own, or of a product that they give keys of. Raises Device.DoesNotExist."""
    found = Device.objects.select_related("product").get(organisation_id=actor.customer_id, pk=pk)
    if found.membership_id == actor.membership_id or looks_after(actor, found.product_id):
        return found
    raise Device.DoesNotExist


def device_by_id(actor: Actor, pk: int) -> Device | None:
    """One device of whoever asks through a product: of their person, or of their key. Needs the customer's wall."""
    rows = Device.objects.select_related("product", "key").filter(organisation_id=actor.customer_id, pk=pk)
    if actor.membership_id is not None:
        return rows.filter(membership_id=actor.membership_id).first()
    if actor.kind == ActorKind.KEY:
        return rows.filter(key_id=actor.id).first()
    return rows.filter(pk=actor.id or 0).first()


def living_devices(holder: Membership | LicenceKey, product_id: int) -> list[DeviceTold]:
    """The living devices of a person, or of a key without one, and one product. One query."""
    return told(living_of(Holder.of(holder), product_id))
