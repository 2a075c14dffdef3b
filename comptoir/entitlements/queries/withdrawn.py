"""Licence files whose signing key was withdrawn or is followed by another one: whose they are, and who is to hear of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.organisations.queries import who_may_where
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription

from ..models import LicenceFile
from .offline import unfinished

MOST_DEVICES = 10  # that a mail names; more are counted


def signed_with(kid: str, at: datetime) -> QuerySet[LicenceFile]:
    """The newest file of each device, of those that this key signed and that would not have ended yet."""
    return LicenceFile.objects.filter(number__key__kid=kid, number__ends_at__gt=at, ended_at=None)


def customers_signed_for(ids: Sequence[int], kid: str, at: datetime) -> set[int]:
    """Those of these customers that have such a file. One statement."""
    found = signed_with(kid, at).filter(organisation_id__in=ids)
    return set(found.values_list("organisation_id", flat=True).distinct())


def subscriptions_signed_for(actor: Actor, kid: str, at: datetime) -> list[Subscription]:
    """The actor's customer's subscriptions with such a file, locked: who renews a file meanwhile is waited for."""
    files = signed_with(kid, at).filter(organisation_id=actor.customer_id).values_list("subscription_id", flat=True)
    rows = Subscription.objects.filter(organisation_id=actor.customer_id, pk__in=set(files))
    locked = list(rows.order_by("pk").select_for_update(no_key=True))
    left = set(files.all())  # read anew: one may have been renewed while its subscription was waited for
    return [row for row in locked if row.pk in left]


def keepers(actor: Actor, contracts: Sequence[int]) -> list[int]:
    """The contract managers and software coordinators of these contracts. One query."""
    places = who_may_where(actor, Can.MANAGE_KEYS)
    return sorted({contact.membership_id for place in (*contracts, None) for contact in places.get(place, ())})


def who_has_files(actor: Actor) -> list[int]:
    """Who holds a file that can be used, and who looks after such files. Two queries."""
    rows = unfinished(now()).filter(organisation_id=actor.customer_id, ended_at=None)
    found = list(rows.values_list("membership_id", "subscription__contract_id").distinct())
    holders = {member for member, _contract in found if member is not None}
    return sorted(holders | set(keepers(actor, [contract for _member, contract in found])))


@dataclass(frozen=True, slots=True)
class Stopped:
    """The files of one subscription that stopped working with their key, as one person hears of them."""

    number: str
    product: str
    devices: Sequence[str]
    more: int  # devices than are named


def stopped_for(actor: Actor, kid: str) -> Mapping[int, Sequence[Stopped]]:
    """What stopped with that key, by the member who is to hear of it: all of their contracts, or one's own. Two queries."""
    rows = LicenceFile.objects.filter(
        organisation_id=actor.customer_id, number__key__kid=kid, why=LicenceFile.Ended.SIGNING_KEY
    ).select_related("subscription__product", "device")
    heard: dict[int, dict[int, list[LicenceFile]]] = {}
    places = who_may_where(actor, Can.MANAGE_KEYS)
    for row in rows.order_by("subscription__number", "device__name", "pk"):
        contacts = [*places.get(row.subscription.contract_id, ()), *places.get(None, ())]
        for member in {contact.membership_id for contact in contacts} | ({row.membership_id} - {None}):
            heard.setdefault(member or 0, {}).setdefault(row.subscription_id, []).append(row)
    return {member: [_stopped(files) for files in lines.values()] for member, lines in heard.items()}


def _stopped(files: Sequence[LicenceFile]) -> Stopped:
    line, names = files[0].subscription, [file.device.name for file in files]
    return Stopped(line.number, line.product.name, names[:MOST_DEVICES], max(0, len(names) - MOST_DEVICES))
