"""What comes from outside before its customer is known: a provider's notes, the bank's lines. Actions do what follows."""

from collections.abc import Mapping

from django.db import transaction

from comptoir.kernel.clock import now
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.jobs import enqueue

from ..models import ProviderEvent, StatementLine
from ..ports import Provider


def hear(provider: Provider, body: bytes, headers: Mapping[str, str]) -> bool:
    """Keep a note and have it looked at; False for one that was kept before. Raises NotSigned."""
    note = provider.read_note(body, headers)
    told = {"kind": note.kind, "about": note.provider_ref}
    with transaction.atomic():
        row, new = ProviderEvent.objects.get_or_create(provider=provider.name, event_ref=note.event_ref, defaults=told)
        if new:
            enqueue("billing.heard", event=row.pk)
        failpoint("provider.heard")
    return new


def handled(event: ProviderEvent) -> None:
    """Note that a note has been looked at."""
    ProviderEvent.objects.filter(pk=event.pk).update(handled_at=now())


def keep_why(line: StatementLine, why: str) -> None:
    """Keep why a line of a statement was not matched, as a code, for the desk."""
    StatementLine.objects.filter(pk=line.pk, state=StatementLine.State.UNMATCHED).update(why=why)
