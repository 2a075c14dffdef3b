"""What came of comparing a provider's books with ours, and what is done about a difference."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.jobs import enqueue
from comptoir.kernel.models import House
from comptoir.kernel.money import Money
from comptoir.kernel.recording import record
from comptoir.kernel.second_look import second_pair
from comptoir.organisations.models import Organisation
from comptoir.permissions import Can

from ..models import Dispute, Finding, Payment, Reconciliation
from ..queries.findings import AGREES, GIVEN_BACK, REFUSED, TAKEN_OFF, remedy_of
from .disputes import take_off


@action(Can.COMPARE_BOOKS)
def note_comparison(
    actor: Actor, house: House, *, provider: str, day: date, charges: int, differences: Sequence[Mapping[str, Any]], on: date
) -> House:
    """Note that a day of a provider's was compared, and what differs.

    Compared again, the same finding stays one, and what was found before and agrees now is settled.
    """
    found = [Finding(provider=provider, day=day, found_at=now(), **told) for told in differences]
    Finding.objects.bulk_create(found, ignore_conflicts=True)
    _close_what_agrees(provider, day, found)
    told = {"run_at": now(), "charges": charges, "findings": len(found)}
    Reconciliation.objects.update_or_create(provider=provider, day=day, defaults=told)
    record(Events.BOOKS_COMPARED, house, on=on, provider=provider, day=day, charges=charges, findings=len(found))
    return house


def _close_what_agrees(provider: str, day: date, found: Sequence[Finding]) -> None:
    for row in found:  # what agreed for a while and differs again
        same = {"kind": row.kind, "reference": row.reference, "provider_ref": row.provider_ref}
        Finding.objects.filter(provider=provider, **same, answer=AGREES).update(settled_at=None, answer="")
    still = {(row.kind, row.reference, row.provider_ref) for row in found}
    for row in Finding.objects.select_for_update().filter(provider=provider, day=day, settled_at=None).order_by("pk"):
        if (row.kind, row.reference, row.provider_ref) not in still:
            _settle(row, AGREES)


@action(Can.COMPARE_BOOKS)
def settle_finding(actor: Actor, house: House, *, finding: int, answer: str, on: date) -> House:
    """Say what was done about a finding. Raises Refused `reason_missing`, and `finding_settled` where somebody has."""
    if not answer.strip():
        raise Refused("reason_missing", field="note", status=422)
    row = _open(finding)
    _settle(row, answer.strip())
    record(Events.FINDING_SETTLED, house, on=on, provider=row.provider, finding=row.pk, found=row.kind)
    return house


@action(Can.COMPARE_BOOKS)
def compare_again(actor: Actor, house: House, *, finding: int, on: date) -> House:
    """Have the day of a finding compared once more. Raises Refused `finding_settled`."""
    row = _open(finding)
    enqueue("billing.compare_books", provider=row.provider, day=row.day.isoformat())
    record(Events.COMPARISON_ASKED, house, on=on, provider=row.provider, day=row.day, finding=row.pk)
    return house


@action(Can.COMPARE_BOOKS, step_up=True)
def reopen_invoice(actor: Actor, payment: Payment, *, finding: int, on: date) -> Dispute:
    """Open again what a charge pays that its provider does not have. Raises Refused `finding_settled`, `nothing_to_take_off`."""
    row = _open(finding)
    minor = remedy_of(row).take_off
    if not minor or payment.reference != row.reference:
        raise Refused("nothing_to_take_off")
    taken = take_off(payment, minor=minor, reference=f"finding-{row.pk}", on=on)
    _settle(row, TAKEN_OFF)
    return taken


@action(Can.COMPARE_BOOKS, step_up=True)
def return_charge(actor: Actor, organisation: Organisation, *, finding: int, on: date) -> Organisation:
    """Have the provider give back what it charged this customer and we know nothing of, or more than we asked for; once.

    Raises Refused `finding_settled`, `nothing_to_give_back`, and `second_pair_needed` from the limit on.
    """
    row = _open(finding)
    amount = Money(remedy_of(row).give_back, row.currency)
    if not amount.minor or row.what != "charge" or row.customer != organisation.number:
        raise Refused("nothing_to_give_back")
    second_pair(actor, organisation, verb="billing.return_charge", amount=amount)
    _settle(row, GIVEN_BACK)
    enqueue("billing.return_charge", organisation_id=organisation.pk, finding=row.pk)
    record(Events.CHARGE_RETURNED, organisation, on=on, total=f"{amount} {amount.currency}", finding=row.pk)
    return organisation


@action(Can.CHARGE)
def note_return_failed(actor: Actor, organisation: Organisation, *, finding: int, on: date) -> Organisation:
    """The provider can't give it back: the finding is open again."""
    Finding.objects.filter(pk=finding, answer=GIVEN_BACK).update(settled_at=None, answer=REFUSED)
    record(Events.CHARGE_NOT_RETURNED, organisation, on=on, finding=finding)
    return organisation


def _open(finding: int) -> Finding:
    row = Finding.objects.select_for_update().get(pk=finding)
    if row.settled_at is not None:
        raise Refused("finding_settled")
    return row


def _settle(row: Finding, answer: str) -> None:
    row.settled_at, row.answer = now(), answer
    row.save(update_fields=["settled_at", "answer"])
