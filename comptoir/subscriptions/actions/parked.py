"""The desk decides about what a safety bound held back."""

from datetime import date

from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.recording import record
from comptoir.kernel.second_look import second_pair
from comptoir.permissions import Can

from ..models import Parked


@action(Can.DECIDE_PARKED, step_up=True)
def release_parked(actor: Actor, parked: Parked, *, on: date) -> Parked:
    """Let a renewal that was held back go on: it runs at once, at the price of its day.

    Raises Refused `parked_decided_already`, and `second_pair_needed` from the limit on.
    """
    second_pair(actor, parked, verb="subscriptions.release_parked", amount=parked.net)
    return _decide(actor, parked, Parked.State.RELEASED, on)


@action(Can.DECIDE_PARKED, step_up=True)
def discard_parked(actor: Actor, parked: Parked, *, on: date) -> Parked:
    """Decide that it is not renewed by itself: it lapses as if it were not automatic, and can be renewed by hand.

    Raises Refused `parked_decided_already`.
    """
    return _decide(actor, parked, Parked.State.DISCARDED, on)


def _decide(actor: Actor, parked: Parked, state: Parked.State, on: date) -> Parked:
    if parked.state != Parked.State.OPEN:
        raise Refused("parked_decided_already")
    parked.state, parked.decided_on, parked.decided_by = state, on, actor.log_name
    parked.save(update_fields=["state", "decided_on", "decided_by"])
    kind = Events.PARKED_RELEASED if state == Parked.State.RELEASED else Events.PARKED_DISCARDED
    record(kind, parked.subscription or parked, on=on, parked=parked.pk)
    return parked
