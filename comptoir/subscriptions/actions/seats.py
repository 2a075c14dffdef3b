"""Add seats at any time, for the days left, all renewing together (P2, P11; rules 3)."""

from datetime import date

from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.organisations.queries import refuse_over_limit
from comptoir.permissions import Can

from ..models import Order, Subscription
from ..queries.availability import refuse_unless_available
from ..queries.seats import SeatPreview, preview_added_seats
from ..rules import Verb, moved
from .ledger import begin_period
from .orders import Item, Placing, order


@action(Can.ADD_SEATS)
def add_seats(actor: Actor, subscription: Subscription, *, add: int, on: date, quote: str | None = None) -> Order:
    """Order `add` seats from the business day `on`. On invoice they work at once, else as soon as they are paid.

    `quote` is what the actor saw; where it moved nothing is ordered. Raises Refused `quote_moved` (with what moved), every
    reason of rules 8, `over_spending_limit`, and what the preview refuses.
    """
    begin_period(subscription, on)
    refuse_unless_available(actor, subscription, Verb.ADD_SEATS, on)
    preview = preview_added_seats(subscription, add, on)
    if quote is not None and (what := moved(quote, preview.quote)):
        raise Refused("quote_moved", params={"moved": [str(item) for item in what]})
    refuse_over_limit(actor, Can.ADD_SEATS, subscription.contract_id, preview.totals.net)
    return order(actor, _placing(subscription, preview))


def _placing(subscription: Subscription, preview: SeatPreview) -> Placing:
    return Placing(
        organisation=subscription.organisation,
        verb=Verb.ADD_SEATS,
        items=[
            Item(
                line,
                product_id=subscription.product_id,
                subscription_id=subscription.pk,
                contract_id=subscription.contract_id,
            )
            for line in preview.plan.lines
        ],
        treatment=preview.treatment,
        quote=preview.quote,
        on=preview.on,
        subscription=subscription,
        contract_id=subscription.contract_id,
        seats=preview.add,
        seats_before=subscription.seats_now,
        paid_with=preview.paid_with,
    )
