"""Events: buffered while an action runs, written at its end in chain order."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date

from django.db import connection, models

from comptoir.events import Kind

from .actor import Actor
from .bulk import insert_new
from .clock import business_day, now
from .errors import HouseRule
from .models import Chain, Event


@dataclass
class Running:
    """The action that runs now: who acts, and what it has recorded."""

    actor: Actor
    events: list[Event] = field(default_factory=list)


running: ContextVar[Running | None] = ContextVar("running", default=None)
followers: dict[str, list[Callable[[Event], None]]] = {}


def follow(kind: Kind, start: Callable[[Event], None]) -> None:
    """After each event of this kind call `start` in the same transaction; it may only enqueue. Used by `wiring.py` alone."""
    followers.setdefault(kind.name, []).append(start)


def label(row: models.Model) -> str:
    """How a row is named in logs and stored requests: `subscriptions.subscription:12`."""
    return f"{row._meta.label_lower}:{row.pk}"


def record(
    kind: Kind,
    subject: models.Model,
    *,
    organisation_id: int | None = None,
    contract_id: int | None = None,
    on: date | None = None,
    **detail: object,
) -> None:
    """Note that something happened. Inside an action only; `detail` holds values that JSON can (dates and money become text)."""
    current = running.get()
    if current is None:
        raise HouseRule(f"{kind.name}: events are recorded by actions")
    organisation = organisation_id or getattr(subject, "organisation_id", None)
    person = None if organisation else getattr(subject, "person_id", None)
    current.events.append(
        Event(
            chain=chain_of(organisation, person),
            organisation_id=organisation,
            person_id=person,
            contract_id=contract_id or getattr(subject, "contract_id", None),
            kind=kind.name,
            on=on or business_day(),
            actor=current.actor.log_name,
            by_membership_id=current.actor.membership_id,
            subject=label(subject),
            subject_number=str(getattr(subject, "number", "")),
            detail={key: value if isinstance(value, int | float | bool | None) else str(value) for key, value in detail.items()},
        )
    )


def chain_of(organisation_id: int | None, person_id: int | None) -> str:
    """The name of the chain that a change of this customer or person belongs to."""
    if organisation_id is not None:
        return f"c:{organisation_id}"
    return f"p:{person_id}" if person_id is not None else "h"


def write_events(events: list[Event]) -> None:
    """Append the events to their chains, each under the lock of its chain, and start what follows from them."""
    at = now()
    chains = defaultdict(list)
    for event in events:
        chains[event.chain].append(event)
    for name, own in sorted(chains.items()):  # in one order everywhere, so that two actions never wait for each other
        head = _locked_head(own[0])
        for event in own:
            event.at = at
            event.seq = head.seq + 1
            event.previous = head.hash
            event.hash = hash_of(event)
            head.seq, head.hash = event.seq, event.hash
        insert_new(own, beside=("UPDATE kernel_chain SET seq = %s, hash = %s WHERE chain = %s", [head.seq, head.hash, name]))
    for event in events:
        for start in followers.get(event.kind, ()):
            start(event)


def _locked_head(event: Event) -> Chain:
    """The head of the event's chain, locked; made where this is its first event. As plain SQL: every verb comes through here."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT seq, hash FROM kernel_chain WHERE chain = %s FOR NO KEY UPDATE", [event.chain])
            if (found := cursor.fetchone()) is not None:
                return Chain(event.chain, event.organisation_id, event.person_id, *found)
            cursor.execute(
                "INSERT INTO kernel_chain (chain, organisation_id, person_id, seq, hash) VALUES (%s, %s, %s, 0, '') "
                "ON CONFLICT (chain) DO NOTHING",
                [event.chain, event.organisation_id, event.person_id],
            )


def hash_of(event: Event) -> str:
    """SHA-256 over the line and the hash of the line before it, as hex."""
    line: Mapping[str, object] = {
        "chain": event.chain,
        "seq": event.seq,
        "kind": event.kind,
        "at": event.at.isoformat(timespec="microseconds"),
        "on": event.on.isoformat(),
        "actor": event.actor,
        "by": event.by_membership_id,
        "contract": event.contract_id,
        "subject": event.subject,
        "number": event.subject_number,
        "detail": event.detail,
        "previous": event.previous,
    }
    return hashlib.sha256(json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()
