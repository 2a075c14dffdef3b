"""What a change of the vendor's signing keys means for each customer: in the customer's own log, once (rules 9)."""

from datetime import date
from typing import Any

from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.recording import record
from comptoir.organisations.models import Organisation
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription

from ..models import LicenceFile
from ..queries.withdrawn import keepers, signed_with, who_has_files
from ..rules import listed


@action(Can.GIVE_FREED_SEATS)
def end_withdrawn(actor: Actor, subscription: Subscription, *, kid: str, on: date) -> Subscription:
    """End the files of a subscription that a withdrawn key signed: revoked they are already. A job's, with a key: once."""
    at = now()
    files = signed_with(kid, at).filter(organisation_id=actor.customer_id, subscription=subscription)
    holders = sorted({pk for pk in files.values_list("membership_id", flat=True) if pk is not None})
    count = files.update(ended_at=at, why=LicenceFile.Ended.SIGNING_KEY)
    record(
        Events.LICENCE_FILES_REVOKED,
        subscription,
        on=on,
        count=count,
        why=LicenceFile.Ended.SIGNING_KEY.value,
        kid=kid,
        members=listed(holders),
        keepers=listed(keepers(actor, [subscription.contract_id])),
    )
    return subscription


@action(Can.GIVE_FREED_SEATS)
def note_next_key(actor: Actor, organisation: Organisation, *, kid: str, signs_from: str, on: date) -> Organisation:
    """Note that another key signs this customer's licence files from then on. A job's, with a key: once."""
    told: dict[str, Any] = {"kid": kid, "signs_from": signs_from, "members": listed(who_has_files(actor))}
    record(Events.LICENCE_FILES_NEXT_KEY, organisation, organisation_id=organisation.pk, on=on, **told)
    return organisation
