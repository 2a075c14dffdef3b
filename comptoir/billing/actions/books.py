"""What came of comparing a provider's books with ours."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.models import House
from comptoir.kernel.recording import record
from comptoir.permissions import Can

from ..models import Finding, Reconciliation


@action(Can.COMPARE_BOOKS)
def note_comparison(
    actor: Actor, house: House, *, provider: str, day: date, charges: int, differences: Sequence[Mapping[str, Any]], on: date
) -> House:
    """Note that a day of a provider's was compared, and what differs. Compared again, the same finding stays one."""
    found = [Finding(provider=provider, day=day, found_at=now(), **told) for told in differences]
    Finding.objects.bulk_create(found, ignore_conflicts=True)
    told = {"run_at": now(), "charges": charges, "findings": len(found)}
    Reconciliation.objects.update_or_create(provider=provider, day=day, defaults=told)
    record(Events.BOOKS_COMPARED, house, on=on, provider=provider, day=day, charges=charges, findings=len(found))
    return house


@action(Can.COMPARE_BOOKS)
def settle_finding(actor: Actor, house: House, *, finding: int, answer: str, on: date) -> House:
    """Say what was done about a finding. Raises Refused `finding_settled` where somebody has."""
    row = Finding.objects.select_for_update().get(pk=finding)
    if row.settled_at is not None:
        raise Refused("finding_settled")
    row.settled_at, row.answer = now(), answer
    row.save(update_fields=["settled_at", "answer"])
    record(Events.FINDING_SETTLED, house, on=on, provider=row.provider, finding=row.pk, found=row.kind)
    return house
