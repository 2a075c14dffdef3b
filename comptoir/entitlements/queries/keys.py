"""Licence keys and serial numbers: what may be made or given, and what a page shows of them."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256

from django.db.models import Count, Q, QuerySet

from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.organisations.models import Membership
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.seats import subscription_of

from ..models import LicenceKey, SerialNumber
from ..rules import seats_on
from .giving import members_among, refuse_closed
from .rank import living, paid
from .use_rights import seated_in

SECRET_PREFIX = "cpta_"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that look alike
_TYPED = re.compile(r"[A-Z0-9]{25}")


def digest_of(secret: str) -> str:
    """What is kept of a secret, and what it is looked up by."""
    return sha256(secret.encode()).hexdigest()


def typed_key(text: str) -> str | None:
    """A licence key as it is looked up, however it was typed; None: this is none."""
    plain = re.sub(r"[\s-]", "", text.upper())
    return plain if _TYPED.fullmatch(plain) else None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A new key: 125 random bits as five groups of five letters and digits, to be typed by hand."""

    plain: str = field(default_factory=lambda: "".join(secrets.choice(_LETTERS) for _ in range(25)))

    @property
    def text(self) -> str:
        """As it is shown, once."""
        return "-".join(self.plain[at : at + 5] for at in range(0, 25, 5))

    @property
    def digest(self) -> str:
        """What is kept."""
        return digest_of(self.plain)

    @property
    def ending(self) -> str:
        """Its last four characters, so that people can tell keys apart."""
        return self.plain[-4:]


def refuse_key(actor: Actor, subscription: Subscription, member: int | None, on: date) -> None:
    """Raise Refused where no key can be made: `member_unknown`, `key_needs_seat`, `key_without_seat`, and what closes it."""
    refuse_closed(actor, subscription, on)
    if member is not None:
        if member not in members_among(actor, [member]):
            raise Refused("member_unknown", field="member", status=422)
        if (subscription.pk, member) not in seated_in(actor, [subscription.pk], [member], on):
            name = Membership.objects.values_list("name", flat=True).get(organisation_id=actor.customer_id, pk=member)
            raise Refused("key_needs_seat", params={"name": name, "product": subscription.product.name})
        return
    seats, used = seats_on(paid(subscription), on), _used(subscription)
    if used >= seats:
        raise Refused("key_without_seat", params={"seats": seats, "used": used})


def _used(subscription: Subscription) -> int:
    own = {"organisation_id": subscription.organisation_id, "subscription": subscription}
    return (
        living().filter(**own, waiting=False).count() + LicenceKey.objects.filter(**own, membership=None, ended_at=None).count()
    )


@dataclass(frozen=True, slots=True)
class KeyTold:
    """A key as a page shows it; the key itself nobody can show."""

    id: int
    name: str
    member: int | None
    person: str
    ending: str
    made_on: date
    ended_at: datetime | None
    devices: int


def subscription_with_keys(actor: Actor, number: str) -> Subscription:
    """A subscription that the actor gives keys of. Raises Subscription.DoesNotExist."""
    found = subscription_of(actor, number)
    if not actor.may(Can.MANAGE_KEYS, found.contract_id):
        raise Subscription.DoesNotExist
    return found


def keys_of(actor: Actor, subscription: Subscription) -> list[KeyTold]:
    """The keys of a subscription, those that live first, then the newest. One query; for who gives them."""
    if not actor.may(Can.MANAGE_KEYS, subscription.contract_id):
        return []
    rows = LicenceKey.objects.filter(organisation_id=actor.customer_id, subscription=subscription)
    return sorted(_keys_told(rows), key=lambda key: key.ended_at is not None)


def one_key(actor: Actor, subscription: Subscription, pk: int) -> KeyTold:
    """One key of a subscription. Raises LicenceKey.DoesNotExist."""
    found = _keys_told(LicenceKey.objects.filter(organisation_id=actor.customer_id, subscription=subscription, pk=pk))
    if not found:
        raise LicenceKey.DoesNotExist
    return found[0]


def _keys_told(rows: QuerySet[LicenceKey]) -> list[KeyTold]:
    rows = rows.annotate(living=Count("device", filter=Q(device__ended_at=None))).order_by("-id")
    fields = ("id", "name", "membership_id", "membership__name", "ending", "made_on", "ended_at", "living")
    return [KeyTold(pk, name, member, person or "", *rest) for pk, name, member, person, *rest in rows.values_list(*fields)]


@dataclass(frozen=True, slots=True)
class SerialTold:
    """A serial number, of its subscription and, once given, of its person."""

    id: int
    number: str
    version: str
    group_label: str
    subscription: str
    product: str
    member: int | None
    person: str
    given_on: date | None


def _told(rows: QuerySet[SerialNumber]) -> list[SerialTold]:
    found = rows.order_by("number").select_related("subscription__product", "membership")
    return [
        SerialTold(
            id=row.pk,
            number=row.number,
            version=row.version,
            group_label=row.group_label,
            subscription=row.subscription.number,
            product=row.subscription.product.name,
            member=row.membership_id,
            person=row.membership.name if row.membership else "",
            given_on=row.given_on,
        )
        for row in found
    ]


def serials_of(actor: Actor, subscription: Subscription) -> list[SerialTold]:
    """The serial numbers of a subscription in order, with whom each was given to. One query."""
    rows = SerialNumber.objects.filter(organisation_id=actor.customer_id, subscription=subscription)
    return _told(rows)


def serials_of_member(actor: Actor, member: int) -> Sequence[SerialTold]:
    """The serial numbers that a member was given: their own, or under the contracts that the actor sees. One query."""
    rows = SerialNumber.objects.filter(organisation_id=actor.customer_id, membership_id=member)
    contracts = actor.contracts(Can.ASSIGN_SEATS)
    if member != actor.membership_id and contracts is not None:
        rows = rows.filter(subscription__contract_id__in=contracts)
    return _told(rows)


def serial_of(subscription: Subscription, pk: int) -> SerialNumber:
    """One serial number of a subscription. Raises Refused `serial_unknown`."""
    own = {"organisation_id": subscription.organisation_id, "subscription": subscription}
    found = SerialNumber.objects.select_related("membership").filter(**own, pk=pk).first()
    if found is None:
        raise Refused("serial_unknown", field="serial", status=422)
    return found


def serial_number(subscription: Subscription, number: str) -> int:
    """The id of a serial number of a subscription, as people write it. Raises Refused `serial_unknown`."""
    own = {"organisation_id": subscription.organisation_id, "subscription": subscription}
    found = SerialNumber.objects.filter(**own, number=number.strip()).values_list("pk", flat=True).first()
    if found is None:
        raise Refused("serial_unknown", field="serial", status=422)
    return found
