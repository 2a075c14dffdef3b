"""Files for devices that have no network: activated and signed for in one step, from what the device shows (rules 9)."""

import secrets
from datetime import date

from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.recording import record
from comptoir.organisations.models import Membership
from comptoir.permissions import Can
from comptoir.subscriptions.actions.ledger import begin_period
from comptoir.subscriptions.models import Subscription

from ..models import Device, LicenceFile
from ..queries.devices import Holder, all_taken, living_of
from ..queries.keys import digest_of
from ..queries.licences import Wanted
from ..queries.offline import Drafted, file_until, refuse_file, refuse_file_for
from ..rules.licences import free_place
from .offline import write_file


@action(Can.SIGN_FILES, anywhere=True)
def issue_file_for(actor: Actor, member: Membership, *, subscription: int, fingerprint: str, name: str, on: date) -> LicenceFile:
    """Activate a device without a network for a member, oneself or (who gives keys) somebody else, and issue its file.

    Raises Refused with the first reason of rules 9 why not, `devices_all_taken`, `file_needs_seat`, `not_allowed`.
    """
    # the door holds the member's lock, as it does when they leave or activate; then the subscription's, as when seats go
    rows = Subscription.objects.select_for_update(no_key=True, of=("self",)).select_related("product", "contract")
    row = rows.get(organisation_id=actor.customer_id, pk=subscription)
    refuse_file_for(actor, row, member.pk)
    begin_period(row, on)
    device = _device(member, Wanted(row.product, on), fingerprint, name, on)
    refuse_file(actor, row, member, device, on)
    return write_file(actor, Drafted(row, device, member), file_until(row, member.pk, on), on, now())


@step
def _device(member: Membership, wanted: Wanted, fingerprint: str, name: str, on: date) -> Device:
    """The member's activation of that device, in a place of its own: nobody knows its secret."""
    whose, at = Holder.of(member), now()
    rows = list(living_of(whose, wanted.product.pk).select_related("product"))
    known = next((row for row in rows if row.fingerprint == fingerprint), None)
    if known is not None:
        return known
    place = free_place([row.place for row in rows])
    if place is None:
        raise all_taken(wanted.product, rows)
    told = {"product": wanted.product, "place": place, "fingerprint": fingerprint, "name": name.strip()}
    days = {"activated_at": at, "last_seen_at": at, "digest": digest_of(secrets.token_urlsafe(32))}
    made = Device.objects.create(**whose.fields, **told, **days)
    record(Events.DEVICE_ACTIVATED, made, on=on, code=wanted.product.code, again=False)
    return made
