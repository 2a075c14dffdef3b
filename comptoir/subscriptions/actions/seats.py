"""Add seats at any time, for the days left, all renewing together (P2, P11; rules 3)."""

from datetime import date

from django.db.models import F

from comptoir.billing.actions.invoices import Line, issue_invoice
from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import HouseRule, Refused
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.recording import record
from comptoir.permissions import Can

from ..models import Order, OrderLine, SeatEntry, Subscription
from ..queries.availability import refuse_unless_available
from ..queries.seats import SeatPreview, preview_added_seats
from ..rules import Verb, moved


@action(Can.ADD_SEATS)
def add_seats(actor: Actor, subscription: Subscription, *, add: int, on: date, quote: str | None = None) -> Order:
    """Order `add` seats from the business day `on`, on invoice: they work at once.

    `quote` is what the actor saw; where it moved nothing is ordered. Raises Refused `quote_moved` (with what moved), every
    reason of rules 8, and what the preview refuses.
    """
    refuse_unless_available(actor, subscription, Verb.ADD_SEATS, on)
    preview = preview_added_seats(subscription, add, on)
    if quote is not None and (what := moved(quote, preview.quote)):
        raise Refused("quote_moved", params={"moved": [str(item) for item in what]})
    order = place_order(actor, subscription, preview)
    failpoint("order.placed")
    settle_order(subscription, order, preview)
    record(
        Events.SEATS_ADDED,
        subscription,
        on=on,
        add=add,
        before=order.seats_before,
        after=order.seats_before + add,
        order=order.number,
        order_id=order.pk,
    )
    return order


@step
def place_order(actor: Actor, subscription: Subscription, preview: SeatPreview) -> Order:
    """Write what was ordered, as it was priced. Nothing else exists until it is settled."""
    earlier = Order.objects.filter(organisation_id=subscription.organisation_id, subscription=subscription).count()
    order = Order.objects.create(
        organisation_id=subscription.organisation_id,
        contract_id=subscription.contract_id,
        subscription=subscription,
        number=f"{subscription.number}-{earlier + 1}",
        verb=Verb.ADD_SEATS,
        seats=preview.add,
        seats_before=subscription.seats_now,
        ordered_on=preview.on,
        ordered_by_id=actor.member_id,
        payment_method=preview.payment_method,
        currency=preview.totals.net.currency,
        net_minor=preview.totals.net.minor,
        tax_minor=preview.totals.tax.minor,
        total_minor=preview.totals.total.minor,
        quote=preview.quote,
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            organisation_id=order.organisation_id,
            order=order,
            position=position,
            kind=line.kind,
            start=line.start,
            end=line.end,
            quantity=line.quantity,
            unit_minor=line.unit_price.minor,
            days=line.days,
            denominator=line.denominator,
            net_minor=line.net.minor,
            currency=line.net.currency,
        )
        for position, line in enumerate(preview.plan.lines, 1)
    )
    return order


@step
def settle_order(subscription: Subscription, order: Order, preview: SeatPreview) -> None:
    """Count the seats, issue the invoice, close the order: once.

    On invoice this runs in the transaction of the order; a method that charges settles later, when the payment succeeded.
    """
    if order.state != Order.State.PLACED:
        raise HouseRule(f"order {order.number} is settled already")
    _count_seats(subscription, order)
    failpoint("order.seated")
    lines = [
        Line(
            kind=f"added_seats_{line.kind}",
            item=subscription.product.name,
            reference=subscription.number,
            start=line.start,
            end=line.end,
            quantity=line.quantity,
            unit_price=line.unit_price,
            days=line.days,
            denominator=line.denominator,
            net=line.net,
        )
        for line in preview.plan.lines
    ]
    order.invoice = issue_invoice(
        subscription.organisation,
        contract_id=subscription.contract_id,
        payment_method=order.payment_method,
        lines=lines,
        treatment=preview.treatment,
        totals=preview.totals,
        on=order.ordered_on,
    )
    order.state = Order.State.SETTLED
    order.save(update_fields=["state", "invoice"])


def _count_seats(subscription: Subscription, order: Order) -> None:
    own = Subscription.objects.filter(
        pk=subscription.pk, organisation_id=subscription.organisation_id, version=subscription.version
    )
    changed = own.update(
        seats_now=F("seats_now") + order.seats, seats_at_renewal=F("seats_at_renewal") + order.seats, version=F("version") + 1
    )
    if changed != 1:
        raise HouseRule(f"subscription {subscription.number} moved under its lock")
    last = (
        SeatEntry.objects.filter(organisation_id=subscription.organisation_id, subscription=subscription).order_by("-seq").first()
    )
    if last is None:
        raise HouseRule(f"subscription {subscription.number} has no seat ledger")
    SeatEntry.objects.create(
        organisation_id=subscription.organisation_id,
        subscription=subscription,
        seq=last.seq + 1,
        on=order.ordered_on,
        kind=SeatEntry.Kind.ADDITION,
        change_now=order.seats,
        change_at_renewal=order.seats,
        seats_now=last.seats_now + order.seats,
        seats_at_renewal=last.seats_at_renewal + order.seats,
        order=order,
    )
