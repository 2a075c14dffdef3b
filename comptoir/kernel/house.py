"""The verbs of the house itself: its clock."""

from datetime import date, timedelta

from django.conf import settings

from comptoir.events import Events
from comptoir.permissions import Can

from .action import action
from .actor import Actor
from .clock import business_day
from .errors import Refused
from .models import House
from .recording import record

FURTHEST = timedelta(days=3660)  # ten years: further is a slip of the hand


def the_house() -> House:
    """The one row."""
    return House.objects.get(single=True)


@action(Can.MOVE_CLOCK)
def move_clock(actor: Actor, house: House, *, to: date) -> House:
    """Set the sandbox's business day, forward only.

    Raises Refused `clock_in_production`, `clock_goes_forward` and `clock_too_far`.
    """
    if not settings.SANDBOX:
        raise Refused("clock_in_production", status=403)
    before = business_day()
    if to < before:
        raise Refused("clock_goes_forward", params={"today": before, "to": to}, field="to", status=422)
    if to - before > FURTHEST:
        raise Refused("clock_too_far", params={"today": before, "to": to}, field="to", status=422)
    house.business_day = to
    house.save(update_fields=["business_day"])
    record(Events.CLOCK_MOVED, house, on=to, to=to, before=before)
    return house
