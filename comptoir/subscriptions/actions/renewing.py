"""Renew by hand: one subscription or many, paid in one way (rules 6)."""

from collections.abc import Sequence
from datetime import date

from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import Term, days_between, next_end
from comptoir.kernel.errors import HouseRule, Refused
from comptoir.kernel.ports import not_allowed
from comptoir.kernel.recording import running
from comptoir.organisations.queries import refuse_over_limit
from comptoir.permissions import Can

from ..models import Order, OrderLine, SeatEntry, Subscription
from ..queries.lapses import unpaid_sales_of
from ..queries.renewing import RenewalOrder, preview_renewals, renewables_of
from ..rules import RenewByHand, Verb, moved
from .effects import EFFECTS, Effect, Settling, locked, renew_period
from .ledger import begin_period, count_seats
from .orders import Item, Placing, order
from .returns import take_back


@action(Can.RENEW)
def renew(
    actor: Actor,
    subscription: Subscription,
    *,
    also: Sequence[str] = (),
    term: str | None = None,
    seats: int | None = None,
    on: date,
    quote: str | None = None,
) -> Order:
    """Renew this subscription, and those numbered in `also`, for their next period: all or nothing, one invoice per contract.

    `term` and `seats` (of one alone): another term, other seats than planned. All are paid in one way. Raises Refused: what
    the preview refuses, `not_allowed`, `payment_method_differs`, `over_spending_limit`, `quote_moved`.
    """
    rows = _locked(actor, subscription, also, on)
    command = RenewByHand(Term(term) if term else None, seats if len(rows) == 1 else None)
    previews = preview_renewals(renewables_of(actor, rows, on, command), on)
    if len(previews) > 1:
        raise Refused("payment_method_differs", params={"names": [row.number for row in rows]})
    preview = previews[0]
    if quote is not None and (what := moved(quote, preview.quote)):
        raise Refused("quote_moved", params={"moved": [str(item) for item in what]})
    refuse_over_limit(actor, Can.RENEW, _one_contract(preview), preview.totals.net)
    return order(actor, _placing(preview))


@step
def _locked(actor: Actor, subscription: Subscription, also: Sequence[str], on: date) -> list[Subscription]:
    """All of them, locked in one order, each of a contract that the actor may; what was renewed early has begun."""
    ids = dict(Subscription.objects.filter(organisation_id=actor.customer_id, number__in=list(also)).values_list("number", "pk"))
    for number in also:
        if number not in ids:
            raise Refused("subscription_unknown", params={"number": number}, field="subscriptions", status=422)
    rows = list(locked(sorted({subscription.pk, *ids.values()})).values())
    for row in rows:
        if not actor.may(Can.RENEW, row.contract_id):
            raise not_allowed(actor, Can.RENEW, row.contract_id)
        begin_period(row, on)
    return rows


def _one_contract(preview: RenewalOrder) -> int | None:
    contracts = {each.subscription.contract_id for each in preview.renewed}
    return contracts.pop() if len(contracts) == 1 else None


def _placing(preview: RenewalOrder) -> Placing:
    one = preview.renewed[0].subscription if len(preview.renewed) == 1 else None
    return Placing(
        organisation=preview.renewed[0].subscription.organisation,
        verb=Verb.RENEW,
        items=[
            Item(
                line,
                product_id=each.subscription.product_id,
                subscription_id=each.subscription.pk,
                contract_id=each.subscription.contract_id,
                anchor_day=each.plan.anchor_after,
            )
            for each in preview.renewed
            if each.plan is not None
            for line in each.plan.lines
        ],
        treatment=preview.treatment,
        quote=preview.quote,
        on=preview.on,
        paid_with=preview.paid_with,
        subscription=one,
        contract_id=_one_contract(preview),
        seats=sum(each.plan.seats_after for each in preview.renewed if each.plan is not None),
        seats_before=sum(each.subscription.seats_now for each in preview.renewed),
    )


def _renewed(placed: Order, subscription: Subscription, lines: Sequence[OrderLine], on: date) -> Effect:
    """The period that was ordered, from the day on which it is settled if the subscription was suspended before (rules 6).

    An unpaid renewal that lapsed is credited first. Seats that were chosen with the order are those of the period.
    """
    current = running.get()
    if current is None:
        raise HouseRule("an order is settled by an action")
    unpaid = unpaid_sales_of(subscription) if subscription.lapses_on < subscription.renews_on else []
    for sale in unpaid:
        take_back(current.actor, sale, on=on)
    if unpaid:
        subscription.refresh_from_db()
    _start_on_the_day(subscription, lines, on)
    seats = sum(line.quantity for line in lines)
    if seats != subscription.seats_at_renewal:
        count_seats(subscription, kind=SeatEntry.Kind.PLAN, at_renewal=seats - subscription.seats_at_renewal, on=on)
    return renew_period(subscription, lines, on=on, order=placed)


def _start_on_the_day(subscription: Subscription, lines: Sequence[OrderLine], on: date) -> None:
    """Move the lines of a late renewal to the day of payment, if that came after the order: no day without access is sold.

    The order keeps the days that it was placed with; the period and the invoice have those that are paid for.
    """
    start = lines[0].start
    suspended = start > subscription.renews_on
    if not suspended or start == on:
        return
    for line in lines:
        line.start, line.end = on, next_end(on, Term(line.term), on.day)
        line.days = line.denominator = days_between(line.start, line.end)
        line.anchor_day = on.day


EFFECTS[Verb.RENEW] = Settling.one_by_one(_renewed, Events.SUBSCRIPTION_RENEWED)
