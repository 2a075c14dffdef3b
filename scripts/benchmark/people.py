"""People added from a list: 5,000 rows, looked at and then taken in by one call each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .load import Load, Served
from .report import Figure

ROWS = 5_000


def people_imported(visitor: Any, port: int, load: Callable[[Load, str], Served]) -> list[Figure]:
    """How long the look at a list takes, and how long it takes to add all of it; the invitations follow in a worker."""
    people = [
        {"email": f"new.colleague.{n}@import.example", "first_name": "New", "last_name": f"Colleague {n}"} for n in range(ROWS)
    ]
    address = f"/api/v1/customers/{visitor.customer}/people/lists"
    figures = []
    for dry, name in ((True, f"a list of {ROWS:,} people looked at"), (False, f"a list of {ROWS:,} people added")):
        call = visitor.post(address, port, {"people": people, "invite": True, "dry_run": dry}, key=f"people-{dry}")
        done = load(Load(port, 1, 1, [call], once=True), name)
        note = "nobody is added yet" if dry else "each row checked; persons and memberships in one transaction"
        figures.append(Figure(name, done.p50_ms / 1000, "s", at_most=10, note=note))
    return figures
