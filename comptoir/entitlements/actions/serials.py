"""Serial numbers, given to people (rules 9)."""

from datetime import date

from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.recording import record
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription

from ..queries.giving import members_among, refuse_out_of_reach
from ..queries.keys import serial_of


@action(Can.ASSIGN_SEATS, anywhere=True)
def give_serial(actor: Actor, subscription: Subscription, *, serial: int, member: int, on: date) -> Subscription:
    """Give a serial number to a member, with whom it stays until they have left the customer (audits).

    Raises Refused `serial_unknown`, `serial_given_already`, `member_unknown`, `not_allowed`.
    """
    refuse_out_of_reach(actor, subscription, [member])
    if member not in members_among(actor, [member]):
        raise Refused("member_unknown", field="member", status=422)
    row = serial_of(subscription, serial)
    if row.membership is not None and row.membership.left_on is None:
        raise Refused("serial_given_already", params={"name": row.membership.name}, field="serial")
    row.membership_id, row.given_on = member, on
    row.save(update_fields=["membership", "given_on"])
    record(Events.SERIAL_GIVEN, subscription, on=on, serial=row.number, members=str(member))
    return subscription
