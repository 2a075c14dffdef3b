"""Administrators look once at who may do what, and say of each item that it is right (F1.6)."""

from datetime import date

from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.recording import record
from comptoir.permissions import Can

from ..models import Organisation, RoleCheck


@action(Can.CHECK_ROLES, anywhere=True)
def check_roles(actor: Actor, organisation: Organisation, *, item: str, on: date) -> RoleCheck:
    """Note that one item is right. It can be looked at again any day. Raises Refused `check_unknown`."""
    if item not in RoleCheck.Item.values:
        raise Refused("check_unknown", params={"item": item}, field="item", status=422)
    made, _new = RoleCheck.objects.update_or_create(
        organisation=organisation, membership_id=actor.member_id, item=item, defaults={"checked_on": on}
    )
    record(Events.ROLES_CHECKED, made, on=on, item=item)
    return made
