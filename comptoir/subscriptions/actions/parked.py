"""The desk decides about what a safety bound held back: a renewal of the nightly run, or an order that somebody made."""

from datetime import date

from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.recording import record
from comptoir.kernel.second_look import second_pair
from comptoir.permissions import Can

from ..models import Order, Parked
from .delays import tell_ended_delays
from .orders import carry_out, close_order


@action(Can.DECIDE_PARKED, step_up=True)
def release_parked(actor: Actor, parked: Parked, *, on: date) -> Parked:
    """Let what was held back go on: a renewal runs at once, at the price of its day; an order as it was priced.

    Raises Refused `parked_decided_already`, `method_unusable`, and `second_pair_needed` from the limit on.
    """
    second_pair(actor, parked, verb="subscriptions.release_parked", amount=parked.net)
    decided = _decide(actor, parked, Parked.State.RELEASED, on)
    if parked.order_id is not None:
        placed = _held(parked.order_id)
        placed.state = Order.State.PLACED
        placed.save(update_fields=["state"])
        carry_out(placed, on)
    return decided


@action(Can.DECIDE_PARKED, step_up=True)
def discard_parked(actor: Actor, parked: Parked, *, on: date) -> Parked:
    """Decide that nothing comes of it: of an order, or a renewal lapses as if it were not automatic, and is renewed by hand.

    Raises Refused `parked_decided_already`.
    """
    decided = _decide(actor, parked, Parked.State.DISCARDED, on)
    if parked.subscription_id is not None:
        tell_ended_delays([parked.subscription_id], on)
    if parked.order_id is not None:
        close_order(_held(parked.order_id), because="discarded", on=on)
    return decided


@step
def _held(order_id: int) -> Order:
    """The order that is held, locked."""
    return Order.objects.select_related("organisation", "paid_with").select_for_update(no_key=True, of=("self",)).get(pk=order_id)


def _decide(actor: Actor, parked: Parked, state: Parked.State, on: date) -> Parked:
    if parked.state != Parked.State.OPEN:
        raise Refused("parked_decided_already")
    parked.state, parked.decided_on, parked.decided_by = state, on, actor.log_name
    parked.save(update_fields=["state", "decided_on", "decided_by"])
    released = state == Parked.State.RELEASED
    if parked.order is not None:
        kind = Events.ORDER_RELEASED if released else Events.ORDER_DISCARDED
        record(kind, parked.order, on=on, order=parked.number, order_id=parked.order_id, parked=parked.pk)
        return parked
    kind = Events.PARKED_RELEASED if released else Events.PARKED_DISCARDED
    record(kind, parked.subscription or parked, on=on, parked=parked.pk)
    return parked
