"""What providers tell by themselves, and the nightly look at all that is not known yet.

A note is only a reason to ask: what it says is asked for anew, so notes may come late, twice, in any order, or never.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date

from django.db import transaction

from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.jobs import enqueue, job, within
from comptoir.kernel.nightly import nightly

from ..actions.disputes import note_dispute
from ..adapters import hearing, sandbox_books
from ..models import Attempt, Dispute, MethodSetup, Payment, ProviderEvent, Refund
from ..ports import NoAnswer, Note, TakenBack
from ..rules.payments import AT_ONCE, REFUND_UNDER_WAY, UNDER_WAY
from .asking import NotKnownYet, hold_back_while_paused, outside, provider_of
from .charging import charge, refund
from .methods import set_up


@job("billing.heard", own_transactions=True)
def heard(actor: Actor, *, event: int) -> None:
    """Find out whose a provider's note is, and have that customer's job look. Raises NotKnownYet without an answer."""
    hold_back_while_paused()
    row = ProviderEvent.objects.get(pk=event)
    if row.handled_at is not None:
        return
    try:
        about = outside(lambda: provider_of(row.provider).about(Note(row.event_ref, row.kind, row.about)))
    except NoAnswer as reason:
        raise NotKnownYet(f"note {row.event_ref}: {reason}") from None
    with transaction.atomic():
        if about is not None:
            told = {"what": about.kind, "reference": about.reference}
            enqueue("billing.follow", organisation_id=about.customer_id, **told)
        hearing.handled(row)


@job("billing.follow", own_transactions=True)
def follow(actor: Actor, *, what: str, reference: str) -> None:
    """Ask for the state of one thing of a customer's: a charge, a refund, a setup, or the disputes of a charge."""
    with transaction.atomic():
        within(actor)
        rows = {"charge": Attempt.objects, "dispute": Attempt.objects, "refund": Refund.objects, "setup": MethodSetup.objects}
        mine = rows[what].filter(organisation_id=actor.customer_id, reference=reference)
        found = mine.values_list("pk", flat=True).first()
    if found is None:
        return
    with suppress(NotKnownYet):  # who began it asks again
        match what:
            case "charge":
                charge(actor, attempts=str(found))
            case "refund":
                refund(actor, refund=found)
            case "setup":
                set_up(actor, setup=found)
            case "dispute":
                look_at_disputes(actor, attempt=found)


def look_at_disputes(actor: Actor, *, attempt: int) -> None:
    """Note the disputes of one charge. Raises NotKnownYet without an answer."""
    hold_back_while_paused()
    with transaction.atomic():
        within(actor)
        row = Attempt.objects.select_related("method").get(organisation_id=actor.customer_id, pk=attempt)
        payment = Payment.objects.filter(organisation_id=actor.customer_id, attempt=row).first()
    if payment is None:
        raise NotKnownYet(f"charge {row.reference} is disputed, and we don't know yet that it was paid")
    try:
        told = outside(lambda: provider_of(row.method.provider).disputes_of(row.provider_ref))
    except NoAnswer as reason:
        raise NotKnownYet(f"disputes of {row.reference}: {reason}") from None
    for dispute in told:
        with transaction.atomic():
            within(actor)
            if _is_news(payment, dispute):
                note_dispute(actor, payment, dispute=_told(dispute), on=business_day())


def _told(dispute: TakenBack) -> dict[str, str]:
    return {
        "provider_ref": dispute.provider_ref,
        "amount": str(dispute.amount),
        "reason": dispute.reason,
        "state": dispute.state,
    }


def _is_news(payment: Payment, dispute: TakenBack) -> bool:
    known = Dispute.objects.filter(organisation_id=payment.organisation_id, provider_ref=dispute.provider_ref).first()
    return known is None or (known.state == "open" and dispute.state != "open")


@job("billing.sandbox_notes", own_transactions=True)
def sandbox_notes(actor: Actor) -> None:
    """The sandbox's provider sends its notes to our webhook, as one outside would. Raises what the sending raises."""
    hold_back_while_paused()
    sandbox_books.deliver(sandbox_books.post_to_us)


def _unfinished(ids: Sequence[int], day: date) -> Iterable[int]:
    """Those of these customers whose charges, refunds or visits are not known yet, or whose disputes are open."""
    looked_at = ((Attempt, UNDER_WAY), (Refund, REFUND_UNDER_WAY), (MethodSetup, {"asked", "open"}), (Dispute, {"open"}))
    for model, states in looked_at:
        rows = model.objects.filter(organisation_id__in=ids, state__in=states)
        yield from rows.values_list("organisation_id", flat=True).distinct()


@nightly("billing.look_again", order=5, due=_unfinished)
def look_again(actor: Actor, *, day: date) -> None:
    """Have all that is not known yet looked at: whatever note or job was lost, it is found."""
    mine, whose = {"organisation_id": actor.customer_id}, {"organisation_id": actor.customer_id}
    attempts = list(Attempt.objects.filter(**mine, state__in=UNDER_WAY).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(attempts), AT_ONCE):
        enqueue("billing.charge", **whose, attempts=",".join(map(str, attempts[start : start + AT_ONCE])))
    for pk in Refund.objects.filter(**mine, state__in=REFUND_UNDER_WAY).order_by("pk").values_list("pk", flat=True):
        enqueue("billing.refund", **whose, refund=pk)
    for pk in MethodSetup.objects.filter(**mine, state__in=["asked", "open"]).order_by("pk").values_list("pk", flat=True):
        enqueue("billing.set_up", **whose, setup=pk)
    disputed = Dispute.objects.filter(**mine, state="open", payment__attempt__isnull=False)
    for reference in disputed.order_by("pk").values_list("payment__attempt__reference", flat=True).distinct():
        enqueue("billing.follow", **whose, what="dispute", reference=str(reference))
