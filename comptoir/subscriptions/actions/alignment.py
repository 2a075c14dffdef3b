"""Align payment dates: one renewal date for several subscriptions, all or nothing (P1, P10; rules 5)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.ports import not_allowed
from comptoir.kernel.recording import record
from comptoir.organisations.queries import refuse_over_limit
from comptoir.permissions import Can

from ..models import AlignmentWish, Order, Subscription, WishedAlignment
from ..queries.alignment import AlignmentPreview, Member, matched, members, preview_alignment
from ..queries.availability import refusal_of
from ..rules import PlanChange, Verb, moved
from .effects import locked
from .ledger import begin_period
from .orders import Item, Placing, order
from .plans import change_plan_of


@action(Can.ALIGN)
def align(
    actor: Actor,
    subscription: Subscription,
    *,
    also: Sequence[str],
    to: date | str | None = None,
    on: date,
    quote: str | None = None,
) -> Order:
    """Extend these subscriptions to one date, `also` the numbers of the others; `to` None: the latest of their dates.

    One order, one invoice for each contract. Raises Refused: what the preview refuses, `not_allowed` for a contract that is
    not theirs, `over_spending_limit`, `quote_moved`.
    """
    rows = _locked(actor, subscription, also, on)
    day = date.fromisoformat(to) if isinstance(to, str) else to
    preview = preview_alignment(members(actor, rows, on), on, day)
    if quote is not None and (what := moved(quote, preview.quote)):
        raise Refused("quote_moved", params={"moved": [str(item) for item in what]})
    contracts = {row.contract_id for row in rows}
    refuse_over_limit(actor, Can.ALIGN, contracts.pop() if len(contracts) == 1 else None, preview.totals.net)
    placed = order(actor, _placing(preview))
    _end_wishes([row.pk for row in rows], AlignmentWish.Outcome.DONE)
    return placed


@action(Can.ALIGN)
def wish_alignment(actor: Actor, subscription: Subscription, *, also: Sequence[str], term: str, on: date) -> AlignmentWish:
    """Plan `term` for those that have another, and keep the wish to align them all until they match (rules 5).

    Raises Refused: every reason of rules 8 why a term can't be planned, and whatever else but the term keeps one out.
    """
    rows = _locked(actor, subscription, also, on)
    found = members(actor, rows, on)
    _refuse_but_for_terms(found, term)
    for member in found:
        if member.candidate.planned_term != term and member.candidate.term != term:
            change_plan_of(actor, member.subscription, PlanChange(term=Term(term)), on=on)
    _end_wishes([row.pk for row in rows], AlignmentWish.Outcome.WITHDRAWN)
    wish = AlignmentWish.objects.create(organisation=subscription.organisation, made_by_id=actor.member_id, made_on=on)
    WishedAlignment.objects.bulk_create(
        WishedAlignment(organisation=subscription.organisation, wish=wish, subscription=row) for row in rows
    )
    record(Events.ALIGNMENT_WISHED, subscription, on=on, wish=wish.pk, subscriptions=len(rows))
    return wish


@action(Can.ALIGN)
def withdraw_wish(actor: Actor, wish: AlignmentWish, *, on: date) -> AlignmentWish:
    """Give the wish up; planned terms stay planned. Raises Refused `nothing_planned` if it is not waiting any more."""
    if wish.outcome not in {AlignmentWish.Outcome.WAITING, AlignmentWish.Outcome.READY}:
        raise Refused("nothing_planned")
    wish.outcome = AlignmentWish.Outcome.WITHDRAWN
    wish.save(update_fields=["outcome"])
    record(Events.ALIGNMENT_WISH_ENDED, wish, on=on, wish=wish.pk)
    return wish


@action(Can.RUN_RENEWALS)
def wish_is_ready(actor: Actor, wish: AlignmentWish, *, on: date) -> AlignmentWish:
    """Note that the subscriptions of a wish match now: the manager hears of it, and finds the preview to confirm."""
    wish.outcome = AlignmentWish.Outcome.READY
    wish.save(update_fields=["outcome"])
    record(Events.ALIGNMENT_READY, wish, on=on, wish=wish.pk)
    return wish


@step
def _locked(actor: Actor, subscription: Subscription, also: Sequence[str], on: date) -> list[Subscription]:
    """All of them, locked in one order, each of a contract that the actor may; what was renewed early has begun."""
    others = Subscription.objects.filter(organisation_id=actor.customer_id, number__in=list(also))
    ids = dict(others.values_list("number", "pk"))
    for number in also:
        if number not in ids:
            raise Refused("subscription_unknown", params={"number": number}, field="subscriptions", status=422)
    rows = list(locked(sorted({subscription.pk, *ids.values()})).values())
    for row in rows:
        if not actor.may(Can.ALIGN, row.contract_id):
            raise not_allowed(actor, Can.ALIGN, row.contract_id)
        begin_period(row, on)
    return rows


@step
def _refuse_but_for_terms(found: Sequence[Member], term: str) -> None:
    """Raise Refused for whatever keeps one of them out that a planned term does not mend, or if nothing does."""
    like = matched(found).likeness
    if like is None or len(found) < 2 or all(member.candidate.term == term for member in found):
        raise Refused("nothing_to_align")
    for each in matched(found, replace(like, term=Term(term))).unmatched:
        mended = {"term_differs"} | ({"term_change_pending"} if each.candidate.planned_term == term else set())
        left = tuple(step for step in each.steps if step.code not in mended)
        if left:
            refusal = refusal_of(left)
            raise Refused(refusal.code, params={**refusal.params, "names": [each.candidate.name]}, status=refusal.status)


@step
def _end_wishes(subscriptions: Sequence[int], outcome: AlignmentWish.Outcome) -> None:
    """End the wishes that these fulfil, or, for a new wish, those that it takes the place of."""
    waiting = AlignmentWish.objects.filter(outcome__in=[AlignmentWish.Outcome.WAITING, AlignmentWish.Outcome.READY])
    theirs = waiting.filter(members__subscription__in=subscriptions)
    if outcome == AlignmentWish.Outcome.DONE:
        others = WishedAlignment.objects.exclude(subscription__in=subscriptions).values("wish")
        theirs = theirs.exclude(pk__in=others)
    AlignmentWish.objects.filter(pk__in=list(theirs.values_list("pk", flat=True))).update(outcome=outcome)


def _placing(preview: AlignmentPreview) -> Placing:
    rows = {member.subscription.number: member.subscription for member in preview.members}
    contracts = {row.contract_id for row in rows.values()}
    return Placing(
        organisation=preview.members[0].subscription.organisation,
        verb=Verb.ALIGN,
        items=[
            Item(
                each.line,
                product_id=rows[each.candidate.key].product_id,
                subscription_id=rows[each.candidate.key].pk,
                contract_id=rows[each.candidate.key].contract_id,
                anchor_day=preview.plan.common.anchor_day,
            )
            for each in preview.plan.extensions
        ],
        treatment=preview.treatment,
        quote=preview.quote,
        on=preview.on,
        contract_id=contracts.pop() if len(contracts) == 1 else None,
        paid_with=preview.paid_with,
    )
