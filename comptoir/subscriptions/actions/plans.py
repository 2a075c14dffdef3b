"""Plan the next renewal: seats, term, automatic or not; take a plan back (rules 4). Nothing is charged before."""

from collections.abc import Sequence
from datetime import date

from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.ports import not_allowed
from comptoir.kernel.recording import record
from comptoir.permissions import Can

from ..models import PlannedChange, SeatEntry, Subscription
from ..ports import Ports
from ..queries.availability import reasons_of, refusal_of, refuse_unless_available
from ..queries.plans import PlannedRenewal, preview_planned
from ..rules import PlanChange, PlanField, PlanState, Verb, moved
from ..rules.planning import change_of
from .effects import locked
from .ledger import begin_period, count_seats


@action(Can.PLAN_RENEWAL)
def plan_seats(
    actor: Actor, subscription: Subscription, *, seats: int, keep: Sequence[int] | None = None, on: date, quote: str | None = None
) -> Subscription:
    """Plan how many seats the next renewal has; as many as today withdraws the plan. `keep`: who keeps a seat, memberships.

    Raises Refused: every reason of rules 8, `plan_unchanged`, `seats_out_of_range`, `keep_count`, `not_seated`,
    `quote_moved`.
    """
    return change_plan_of(actor, subscription, PlanChange(seats=seats), keep=keep, on=on, quote=quote)


@action(Can.PLAN_RENEWAL)
def plan_term(actor: Actor, subscription: Subscription, *, term: str, on: date, quote: str | None = None) -> Subscription:
    """Plan the term of the next period; today's withdraws the plan (P3). Raises Refused as `plan_seats`, but for people."""
    return change_plan_of(actor, subscription, PlanChange(term=Term(term)), on=on, quote=quote)


@action(Can.PLAN_RENEWAL)
def automatic_on(actor: Actor, subscription: Subscription, *, on: date, quote: str | None = None) -> Subscription:
    """Let it renew by itself. Raises Refused with the reasons of rules 8, `plan_unchanged`, `quote_moved`."""
    return change_plan_of(actor, subscription, PlanChange(automatic=True), on=on, quote=quote)


@action(Can.PLAN_RENEWAL)
def automatic_off(actor: Actor, subscription: Subscription, *, on: date, quote: str | None = None) -> Subscription:
    """Let it end at its renewal date unless somebody renews it. Never refused for country, plan or product."""
    return change_plan_of(actor, subscription, PlanChange(automatic=False), on=on, quote=quote)


@action(Can.PLAN_RENEWAL)
def withdraw_plan(actor: Actor, subscription: Subscription, *, field: str, on: date, quote: str | None = None) -> Subscription:
    """Take one pending change back, `seats` or `term`; the others stay. Raises Refused `nothing_planned`, `payment_running`."""
    return change_plan_of(actor, subscription, PlanChange(withdraw=frozenset({PlanField(field)})), on=on, quote=quote)


@action(Can.PLAN_RENEWAL)
def change_plan(
    actor: Actor,
    subscription: Subscription,
    *,
    seats: int | None = None,
    term: str | None = None,
    automatic: bool | None = None,
    withdraw: Sequence[str] = (),
    keep: Sequence[int] | None = None,
    on: date,
    quote: str | None = None,
) -> Subscription:
    """Several changes of the plan at once, all or nothing. Raises Refused as each of them."""
    return change_plan_of(actor, subscription, change_of(seats, term, automatic, withdraw), keep=keep, on=on, quote=quote)


@action(Can.PLAN_RENEWAL)
def plan_many(
    actor: Actor,
    subscription: Subscription,
    *,
    also: Sequence[int],
    seats: int | None = None,
    term: str | None = None,
    automatic: bool | None = None,
    on: date,
) -> Subscription:
    """The same change for several subscriptions, `also` the ids of the others: all or nothing, under one request key.

    Raises Refused as `change_plan` for the first that can't be, `not_allowed` for one of a contract that is not theirs.
    """
    change = change_of(seats, term, automatic, ())
    for each in locked([subscription.pk, *also]).values():
        refuse_unless_manages(actor, each)
        change_plan_of(actor, each, change, on=on)
    return subscription


@step
def refuse_unless_manages(actor: Actor, subscription: Subscription) -> None:
    """For the subscriptions of an action beside its target, whose contract the door has not looked at. Raises `not_allowed`."""
    if not actor.may(Can.PLAN_RENEWAL, subscription.contract_id):
        raise not_allowed(actor, Can.PLAN_RENEWAL, subscription.contract_id)


@step
def change_plan_of(
    actor: Actor,
    subscription: Subscription,
    change: PlanChange,
    *,
    keep: Sequence[int] | None = None,
    on: date,
    quote: str | None = None,
) -> Subscription:
    """Change the plan of a subscription whose lock is held: what every verb here does. Raises Refused as they do."""
    begin_period(subscription, on)
    _refuse(actor, subscription, change, on)
    preview = preview_planned(actor, subscription, change, on)
    if quote is not None and (what := moved(quote, preview.quote)):
        raise Refused("quote_moved", params={"moved": [str(item) for item in what]})
    chosen = _choose(subscription, preview, keep)
    before, after = preview.before, preview.plan.after
    if not _write(actor, subscription, before, after, on) and not chosen:
        raise Refused("nothing_planned" if change.withdraw else "plan_unchanged")
    _record(subscription, change, before, after, on)
    return subscription


def _refuse(actor: Actor, subscription: Subscription, change: PlanChange, on: date) -> None:
    """Each verb that the change stands for must be available; taking a plan back must only not cross a payment."""
    if change.seats is not None:
        refuse_unless_available(actor, subscription, Verb.PLAN_SEATS, on, planned_seats=change.seats)
    if change.term is not None:
        why = reasons_of(actor, subscription, Verb.PLAN_TERM, on)
        # turned on in the same breath, so it is no reason
        still = tuple(each for each in why if not (change.automatic and each.code == "automatic_renewal_off"))
        if still:
            raise refusal_of(still)
    if change.automatic is not None or PlanField.AUTOMATIC in change.withdraw:
        verb = Verb.AUTOMATIC_OFF if change.automatic is False else Verb.AUTOMATIC_ON
        refuse_unless_available(actor, subscription, verb, on)
    running = [reason for reason in reasons_of(actor, subscription, Verb.AUTOMATIC_OFF, on) if reason.code == "payment_running"]
    if change.withdraw and running:
        raise refusal_of(tuple(running))


def _choose(subscription: Subscription, preview: PlannedRenewal, keep: Sequence[int] | None) -> bool:
    """Note who keeps a seat. Chosen in full or not at all: then the most recently used stay, and pages warn until chosen."""
    seats = preview.plan.after.seats_at_renewal
    if seats >= len(preview.sitting):
        return Ports.keeping.keep(subscription.pk, ()) and keep is not None
    if keep is None:
        return False
    if len(set(keep)) != seats:
        raise Refused("keep_count", params={"seats": seats, "given": len(set(keep))}, field="keep", status=422)
    return Ports.keeping.keep(subscription.pk, keep)


def _write(actor: Actor, subscription: Subscription, before: PlanState, after: PlanState, on: date) -> bool:
    """Write what differs, and whether anything did."""
    changed = False
    if after.seats_at_renewal != before.seats_at_renewal:
        _replace(actor, subscription, PlannedChange.Field.SEATS, after.seats_at_renewal - after.seats_now, "", on)
        count_seats(subscription, kind=SeatEntry.Kind.PLAN, at_renewal=after.seats_at_renewal - before.seats_at_renewal, on=on)
        changed = True
    if after.planned_term != before.planned_term:
        _replace(actor, subscription, PlannedChange.Field.TERM, None, after.planned_term or "", on)
        changed = True
    if after.automatic != before.automatic:
        subscription.automatic_renewal = after.automatic
        changed = True
    if changed:
        subscription.version += 1
        subscription.save(update_fields=["automatic_renewal", "version"])
    return changed


def _replace(
    actor: Actor, subscription: Subscription, field: PlannedChange.Field, seats: int | None, term: str, on: date
) -> None:
    """End the pending change of a field, and begin the new one, if there is one."""
    own = {"organisation_id": subscription.organisation_id, "subscription": subscription, "field": field}
    new = bool(seats or term)
    outcome = PlannedChange.Outcome.REPLACED if new else PlannedChange.Outcome.WITHDRAWN
    PlannedChange.objects.filter(**own, outcome=PlannedChange.Outcome.PENDING).update(outcome=outcome, ended_on=on)
    if new:
        PlannedChange.objects.create(**own, seats=seats or None, term=term, made_on=on, made_by_id=actor.membership_id)


def _record(subscription: Subscription, change: PlanChange, before: PlanState, after: PlanState, on: date) -> None:
    if after.automatic != before.automatic:
        record(Events.AUTOMATIC_RENEWAL_ON if after.automatic else Events.AUTOMATIC_RENEWAL_OFF, subscription, on=on)
    same = (after.seats_at_renewal, after.planned_term) == (before.seats_at_renewal, before.planned_term)
    if same and after.automatic != before.automatic:
        return
    kind = Events.PLAN_WITHDRAWN if change.withdraw else Events.RENEWAL_PLANNED
    record(kind, subscription, on=on, seats=after.seats_at_renewal, term=after.next_term)
