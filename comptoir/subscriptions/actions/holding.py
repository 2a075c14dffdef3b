"""An order that breaks a safety bound: it is kept as it was priced, and nothing is charged until the desk has decided."""

from collections.abc import Sequence
from datetime import date

from comptoir.events import Events
from comptoir.kernel.action import step
from comptoir.kernel.recording import record

from ..models import Order, Parked
from ..rules.safety import Finding


@step
def hold(placed: Order, findings: Sequence[Finding], on: date) -> None:
    """Park an order that was just placed; finance is told."""
    placed.state = Order.State.PARKED
    placed.save(update_fields=["state"])
    Parked.objects.create(
        organisation_id=placed.organisation_id,
        order=placed,
        parked_on=on,
        findings=[
            {"bound": each.bound, "was": each.was and str(each.was), "now": each.now and str(each.now)} for each in findings
        ],
        net_minor=placed.net_minor,
        currency=placed.currency,
    )
    because = ", ".join(each.bound for each in findings)
    record(Events.ORDER_PARKED, placed, on=on, order=placed.number, order_id=placed.pk, verb=placed.verb, because=because)
