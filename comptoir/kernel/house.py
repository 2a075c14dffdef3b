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
from .nightly import begin, going_to
from .recording import record

FURTHEST = timedelta(days=3660)  # ten years: further is a slip of the hand


def the_house() -> House:
    """The one row."""
    return House.objects.get(single=True)


@action(Can.MOVE_CLOCK)
def move_clock(actor: Actor, house: House, *, to: date) -> House:
    """Move the sandbox's business day, forward only: the nights of the days between run one after the other and take it along.

    Raises Refused `clock_in_production`, `clock_goes_forward` and `clock_too_far`.
    """
    if not settings.SANDBOX:
        raise Refused("clock_in_production", status=403)
    before = business_day()
    furthest = max(before, going_to() or before)  # an earlier move may still be under way
    if to < furthest:
        raise Refused("clock_goes_forward", params={"today": furthest, "to": to}, field="to", status=422)
    if to - before > FURTHEST:
        raise Refused("clock_too_far", params={"today": before, "to": to}, field="to", status=422)
    house.business_day = before if begin(before, to) else to
    house.save(update_fields=["business_day"])
    record(Events.CLOCK_MOVED, house, on=to, to=to, before=before)
    return house


@action(Can.STOP_CHARGING, step_up=True)
def stop_charging(actor: Actor, house: House, *, reason: str) -> House:
    """Have nothing charged from now on, for everybody, until `resume_charging`; what is owed stays owed.

    Raises Refused `reason_missing` and `charging_stopped_already`.
    """
    if not reason.strip():
        raise Refused("reason_missing", field="reason", status=422)
    if house.charging_stopped_because:
        raise Refused("charging_stopped_already")
    house.charging_stopped_because = reason.strip()
    house.save(update_fields=["charging_stopped_because"])
    record(Events.CHARGING_STOPPED, house, reason=house.charging_stopped_because)
    return house


@action(Can.STOP_CHARGING, step_up=True)
def resume_charging(actor: Actor, house: House) -> House:
    """Let charges be made again: those that waited are made now. Raises Refused `charging_not_stopped`."""
    if not house.charging_stopped_because:
        raise Refused("charging_not_stopped")
    house.charging_stopped_because = ""
    house.save(update_fields=["charging_stopped_because"])
    record(Events.CHARGING_RESUMED, house)
    return house
