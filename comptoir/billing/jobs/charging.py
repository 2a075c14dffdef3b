"""Charges and refunds. Each job claims in one transaction, asks the provider outside of any, and notes the answer in another.

Asked again, after a crash or without an answer, they look first what became of it. A time-out is unknown, never failed.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day, now
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.jobs import job, within
from comptoir.organisations.models import Organisation

from ..actions import charging, refunds
from ..models import Attempt, Refund
from ..ports import UNKNOWN, Charge, GiveBack, NoAnswer, Outcome, Provider
from ..rules.payments import HOURS_TO_CONFIRM, UNDER_WAY
from .asking import NotKnownYet, hold_back, outside, provider_of


@job("billing.charge", own_transactions=True)
def charge(actor: Actor, *, attempts: str) -> None:
    """Ask the provider about attempts of one customer (their ids, with commas) and note what it says.

    Raises NotKnownYet as long as one of them has no answer or waits for its holder, and HeldBack.
    """
    ids, today = [int(pk) for pk in attempts.split(",")], business_day()
    with transaction.atomic():
        within(actor)
        hold_back()
        organisation = Organisation.objects.get(pk=actor.customer_id)
        rows = list(_under_way(actor, ids))
        fresh = [row.pk for row in rows if row.state == Attempt.State.CREATED]
        if fresh:
            charging.send_attempts(actor, organisation, attempts=fresh, on=today)
        charges = {row.pk: _charge(row, organisation, today) for row in rows}
    failpoint("charge.claimed")
    by_provider = defaultdict(list)
    for row in rows:
        by_provider[row.method.provider].append(row)
    outcomes: dict[int, Outcome] = {}
    for name, theirs in by_provider.items():
        outcomes |= _ask(provider_of(name), theirs, charges, today)
    failpoint("charge.called")
    _note(actor, organisation, outcomes, today)
    failpoint("charge.committed")
    with transaction.atomic():
        within(actor)
        waiting = [row.state for row in _under_way(actor, ids) if row.state != Attempt.State.PENDING]
    if waiting:
        raise NotKnownYet(f"{len(waiting)} of {len(ids)} charges are not known yet: {sorted(set(waiting))}")


def _under_way(actor: Actor, ids: Sequence[int]) -> Sequence[Attempt]:
    rows = Attempt.objects.filter(organisation_id=actor.customer_id, pk__in=ids, state__in=UNDER_WAY)
    return list(rows.select_related("method", "invoice").order_by("pk"))


def _charge(row: Attempt, organisation: Organisation, today: date) -> Charge:
    about = "" if row.invoice is None else f" · {row.invoice.number}"
    return Charge(
        reference=row.reference,
        amount=row.amount,
        kind=row.method.kind,
        customer_ref=row.method.customer_ref,
        token_ref=row.method.token_ref,
        customer_id=organisation.pk,
        description=f"{settings.VENDOR_NAME} · {organisation.number}{about}",
        return_url=f"{settings.BASE_URL}/c/{organisation.number}/payments/{row.pk}/?back=1",
        by_hand=row.by_hand,
        day=today,
        provider_ref=row.provider_ref,
        hours_ago=_hours_since(row.sent_at),
    )


def _hours_since(then: datetime | None) -> int:
    return 0 if then is None else int((now() - then).total_seconds() // 3600)


def _ask(provider: Provider, rows: Sequence[Attempt], charges: Mapping[int, Charge], today: date) -> dict[int, Outcome]:
    """Charge what is new; of what was asked before see what became of it, and charge what never arrived."""
    before = [row.pk for row in rows if row.state != Attempt.State.CREATED]
    found = _answers(provider.look_up, before, charges)
    absent = [pk for pk, outcome in found.items() if outcome.state == "absent"]
    found |= _answers(provider.charge, [*(row.pk for row in rows if row.state == Attempt.State.CREATED), *absent], charges)
    for row in rows:
        late = charges[row.pk].hours_ago >= HOURS_TO_CONFIRM or (today - row.made_on).days > 1
        if found[row.pk].state == "needs_action" and late:
            wanted = replace(charges[row.pk], provider_ref=found[row.pk].provider_ref)
            found |= _answers(lambda one: [provider.cancel(each) for each in one], [row.pk], {row.pk: wanted})
    return found


def _answers(
    call: Callable[[Sequence[Charge]], Sequence[Outcome]], ids: Sequence[int], charges: Mapping[int, Charge]
) -> dict[int, Outcome]:
    if not ids:
        return {}
    try:
        told = outside(lambda: call([charges[pk] for pk in ids]))
    except NoAnswer:
        told = [UNKNOWN] * len(ids)
    return dict(zip(ids, told, strict=True))


def _note(actor: Actor, organisation: Organisation, outcomes: Mapping[int, Outcome], today: date) -> None:
    if not outcomes:
        return
    with transaction.atomic():
        within(actor)
        now_state = dict(Attempt.objects.filter(pk__in=outcomes).values_list("pk", "state"))
        told = {str(pk): asdict(outcome) for pk, outcome in outcomes.items() if outcome.state not in {now_state[pk], "absent"}}
        told = {pk: each for pk, each in told.items() if (each["state"], now_state[int(pk)]) != ("unknown", "unknown")}
        if told:
            charging.note_outcomes(actor, organisation, outcomes=told, on=today)


@job("billing.refund", own_transactions=True)
def refund(actor: Actor, *, refund: int) -> None:
    """Give one refund back through the provider, once. Raises NotKnownYet as long as it has no answer, and HeldBack."""
    today = business_day()
    with transaction.atomic():
        within(actor)
        hold_back()
        row = Refund.objects.select_related("payment__attempt__method").get(organisation_id=actor.customer_id, pk=refund)
        paid_by = row.payment.attempt
        if paid_by is None or row.state in {"failed", "by_hand", "paid_out"}:
            return
        fresh = row.state == Refund.State.CREATED
        if fresh:
            refunds.send_refund(actor, row, on=today)
        wanted = _give_back(row, paid_by, today)
    failpoint("refund.claimed")
    outcome = _give(provider_of(paid_by.method.provider), wanted, fresh=fresh)
    failpoint("refund.called")
    with transaction.atomic():
        within(actor)
        row.refresh_from_db(fields=["state"])
        if outcome.state not in {row.state, "absent"} and (row.state, outcome.state) != ("succeeded", "pending"):
            refunds.note_refund(actor, row, outcome=asdict(outcome), on=today)
    if outcome.state == "unknown":
        raise NotKnownYet(f"refund {row.reference} is not known yet")


def _give_back(row: Refund, paid_by: Attempt, today: date) -> GiveBack:
    return GiveBack(
        reference=row.reference,
        charge_ref=paid_by.provider_ref,
        amount=row.amount,
        customer_id=row.organisation_id,
        day=today,
        provider_ref=row.provider_ref,
        hours_ago=_hours_since(row.sent_at),
    )


def _give(provider: Provider, wanted: GiveBack, *, fresh: bool) -> Outcome:
    try:
        if not fresh:
            before = outside(lambda: provider.look_up_refund(wanted))
            if before.state != "absent":
                return before
        return outside(lambda: provider.give_back(wanted))
    except NoAnswer:
        return UNKNOWN
