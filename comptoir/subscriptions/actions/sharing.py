"""Whether each seat of one subscription has a name, or its licence is shared by many: said at the desk (rules 9)."""

from datetime import date

from comptoir.catalogue.models import SHARING
from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.recording import record
from comptoir.permissions import Can

from ..models import Subscription


@action(Can.SHARE_LICENCES)
def set_sharing(actor: Actor, subscription: Subscription, *, sharing: str, reason: str, on: date) -> Subscription:
    """Say how the licence of one subscription is shared, whatever its product says; empty: as the product says.

    Home use that was given before runs on. Raises Refused `reason_missing`, `sharing_unknown`, `sharing_unchanged`.
    """
    if sharing not in ("", *(value for value, _words in SHARING)):
        raise Refused("sharing_unknown", field="sharing", status=422)
    if not reason.strip():
        raise Refused("reason_missing", field="reason", status=422)
    if sharing == subscription.sharing:
        raise Refused("sharing_unchanged", field="sharing")
    before, subscription.sharing = subscription.sharing, sharing
    subscription.save(update_fields=["sharing"])
    record(Events.LICENCE_SHARING_SET, subscription, on=on, sharing=sharing, before=before, reason=reason.strip())
    return subscription
