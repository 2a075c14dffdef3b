"""The second half of orders that are charged: settled when the payment has succeeded, closed when it never will."""

from collections.abc import Callable

from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.errors import Refused
from comptoir.kernel.jobs import job

from ..actions.orders import fail_order, settle_paid
from ..models import Order


@job("subscriptions.settle_order")
def settle_order(actor: Actor, *, order_id: int) -> None:
    """Settle a paid order, once: a twin finds it settled."""
    _if_it_waits(order_id, lambda order: settle_paid(actor, order, on=business_day()))


@job("subscriptions.close_order")
def close_order(actor: Actor, *, order_id: int, because: str) -> None:
    """Close an order whose payment was declined, once."""
    _if_it_waits(order_id, lambda order: fail_order(actor, order, because=because, on=business_day()))


def _if_it_waits(order_id: int, end: Callable[[Order], Order]) -> None:
    order = Order.objects.select_related("organisation").get(pk=order_id)
    try:
        end(order)
    except Refused as refusal:
        if refusal.code != "order_not_waiting":
            raise
