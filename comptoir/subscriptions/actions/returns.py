"""Returns within the window, and what was never paid taken back: a credit note, and the subscription as it was (rules 6).

`take_back` is the step that the nightly run shares: it undoes one unpaid sale and issues its credit note.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from comptoir.billing.actions.credit_notes import issue_credit_note
from comptoir.billing.actions.refunds import give_back
from comptoir.billing.models import Invoice, InvoiceBalance, InvoiceLine
from comptoir.billing.rules import CreditReason
from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import HouseRule, Refused
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.recording import record
from comptoir.kernel.second_look import second_pair
from comptoir.permissions import Can

from ..models import Period, PlannedChange, Sale, SeatEntry, Subscription
from ..queries.availability import refuse_return
from ..queries.returns import credited_lines, owned_by, preview_return, sold_to
from ..rules import ReturnPlan, moved, plan_taking_back
from .effects import locked
from .ledger import begin_period, count_seats

RETURNED, UNPAID = CreditReason.RETURN.value, CreditReason.UNPAID.value


@dataclass(frozen=True, slots=True)
class Undoing:
    """What of a sale is undone: its effect, the lines of its invoice with their seats, and whether nothing of it is left."""

    plan: ReturnPlan
    lines: Sequence[tuple[InvoiceLine, int]]
    whole: bool


@action(Can.RETURN)
def return_sale(actor: Actor, sale: Sale, *, on: date, quote: str | None = None) -> Invoice:
    """Return the whole of what an invoice sold to a subscription, within the window; the credit note (rules 6).

    `quote` is what the actor saw. Raises Refused `quote_moved`, what the preview refuses, and the other reasons of rules 8.
    """
    return _returned(actor, sale, None, on, quote)


@action(Can.RETURN_PART, step_up=True)
def return_part(actor: Actor, sale: Sale, *, seats: int, on: date, quote: str | None = None) -> Invoice:
    """Return so many of its seats, by the vendor's desk. Raises Refused as `return_sale`, and `seats_out_of_range`."""
    return _returned(actor, sale, seats, on, quote)


@step
def take_back(actor: Actor, sale: Sale, *, on: date) -> Invoice:
    """Take back all that is left of a sale that was not paid, whatever is in the way: the credit note (rules 6).

    Additions, alignments and renewals alike; the subscription goes on as it was before. It is locked here. HouseRule for a
    sale of which nothing is left.
    """
    subscription = locked([sale.subscription_id])[sale.subscription_id]
    begin_period(subscription, on)
    every = sold_to(subscription)
    mine = next((each for each in every if each.row.pk == sale.pk), None)
    if mine is None or not mine.sold.left:
        raise HouseRule(f"sale {sale.pk} of subscription {subscription.number} is undone already")
    plan = plan_taking_back(mine.sold, [each.sold for each in every], owned_by(actor, subscription), on)
    return _undo(mine.row, subscription, Undoing(plan, credited_lines(mine, plan), whole=True), on, reason=UNPAID)


def _returned(actor: Actor, sale: Sale, seats: int | None, on: date, quote: str | None) -> Invoice:
    subscription = locked([sale.subscription_id])[sale.subscription_id]
    sale.subscription = subscription
    begin_period(subscription, on)
    refuse_return(actor, subscription, on)
    preview = preview_return(actor, sale, on, seats=seats)
    second_pair(actor, sale, verb="subscriptions.return_part", amount=preview.credit.total)
    if quote is not None and (what := moved(quote, preview.quote)):
        raise Refused("quote_moved", params={"moved": [str(item) for item in what]})
    undoing = Undoing(preview.plan, preview.lines, preview.whole)
    return _undo(sale, subscription, undoing, on, by_id=actor.membership_id, reason=RETURNED)


def _undo(
    sale: Sale, subscription: Subscription, undoing: Undoing, on: date, *, by_id: int | None = None, reason: str
) -> Invoice:
    plan = undoing.plan
    _count_back(subscription, plan, on)
    if plan.removes_period:
        _put_back(subscription, sale, plan, on)
    _keep_plan(subscription, sale, plan, on, by_id)
    if undoing.whole:
        Sale.objects.filter(pk=sale.pk, organisation_id=sale.organisation_id, undone_on=None).update(undone_on=on)
    failpoint("sale.undone")
    note = issue_credit_note(sale.invoice, undoing.lines, reason=reason, on=on)
    give_back(note, on=on)  # the way it came; of what was never paid only the balance closes
    record(
        Events.SALE_RETURNED if reason == RETURNED else Events.SALE_TAKEN_BACK,
        subscription,
        on=on,
        invoice=sale.invoice.number,
        credit_note=note.number,
        credit_note_id=note.pk,
        sale_id=sale.pk,
        sold=sale.kind,
    )
    return note


def _count_back(subscription: Subscription, plan: ReturnPlan, on: date) -> None:
    now = plan.seats_now_after - subscription.seats_now
    at_renewal = plan.seats_at_renewal_after - subscription.seats_at_renewal
    if now or at_renewal:
        count_seats(subscription, kind=SeatEntry.Kind.RETURN, now=now, at_renewal=at_renewal, on=on)


def _put_back(subscription: Subscription, sale: Sale, plan: ReturnPlan, on: date) -> None:
    """The period no longer counts as paid: the subscription stands where it stood before it, or has ended."""
    periods = Period.objects.filter(organisation_id=subscription.organisation_id, subscription=subscription, undone_on=None)
    standing = list(periods.order_by("start"))
    if sale.period is None or not standing:
        raise HouseRule(f"sale {sale.pk} of subscription {subscription.number} sold no period that stands")
    if standing[-1].pk != sale.period_id:
        return  # taken back unpaid after a later renewal: its days stay, or the paid periods would no longer touch
    sale.period.undone_on = on
    sale.period.save(update_fields=["undone_on"])
    standing.pop()
    subscription.anchor_day, subscription.renews_on = plan.anchor_after, plan.renews_on_after
    subscription.automatic_renewal, subscription.ended_on = plan.automatic_after, plan.ended_on
    subscription.lapses_on = _lapses_on(subscription, standing)
    if subscription.turns_on == sale.period.start:
        subscription.turns_on = None
    if standing:
        subscription.term = max((each for each in standing if each.start <= on), key=_start, default=standing[0]).term
    subscription.version += 1
    subscription.save()


def _start(period: Period) -> date:
    return period.start


def _lapses_on(subscription: Subscription, standing: Sequence[Period]) -> date:
    """The end of what is paid, or the earlier due day of the renewal that is now the last, where that is still open."""
    last = standing[-1] if standing else None
    if last is None or last.kind != Period.Kind.RENEWAL:
        return subscription.renews_on
    unpaid = InvoiceBalance.objects.filter(
        organisation_id=subscription.organisation_id, open_minor__gt=0, invoice__in=_invoices_of(last)
    ).first()
    return subscription.renews_on if unpaid is None else min(subscription.renews_on, max(last.start, unpaid.due_on))


def _invoices_of(period: Period) -> Sequence[int]:
    sales = Sale.objects.filter(organisation_id=period.organisation_id, period=period, undone_on=None)
    return list(sales.filter(invoice__payment_method="invoice").values_list("invoice_id", flat=True))


def _keep_plan(subscription: Subscription, sale: Sale, plan: ReturnPlan, on: date, by_id: int | None) -> None:
    """What was planned stays planned (rules 4): as a difference of seats, and, of a renewal that is undone, its term."""
    pending = PlannedChange.objects.filter(
        organisation_id=subscription.organisation_id, subscription=subscription, outcome=PlannedChange.Outcome.PENDING
    )
    if plan.ended_on is not None:
        pending.update(outcome=PlannedChange.Outcome.WITHDRAWN, ended_on=on)
        return
    if subscription.turns_on is not None:
        return  # what was planned is in the period that has been renewed
    told = {"organisation_id": subscription.organisation_id, "subscription": subscription, "made_on": on, "made_by_id": by_id}
    difference = subscription.seats_at_renewal - subscription.seats_now
    seats = pending.filter(field=PlannedChange.Field.SEATS).first()
    if difference != (seats.seats if seats else 0):
        outcome = PlannedChange.Outcome.REPLACED if difference else PlannedChange.Outcome.WITHDRAWN
        pending.filter(field=PlannedChange.Field.SEATS).update(outcome=outcome, ended_on=on)
        if difference:
            PlannedChange.objects.create(**told, field=PlannedChange.Field.SEATS, seats=difference)
    undone = sale.period if plan.removes_period and sale.kind == Sale.Kind.RENEWAL else None
    if undone is not None and undone.term != subscription.term:
        PlannedChange.objects.create(**told, field=PlannedChange.Field.TERM, term=undone.term)
