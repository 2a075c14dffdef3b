"""What tests of nightly work share: the clock, the night of one customer, its queue, and what stands in the tables after it."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection, transaction

from comptoir.billing.jobs.asking import HeldBack, NotKnownYet
from comptoir.billing.models import Invoice
from comptoir.kernel.actor import Actor
from comptoir.kernel.jobs import JOBS, within
from comptoir.kernel.models import Event, House
from comptoir.kernel.verifying import CHECKS
from comptoir.kernel.walls import open_wall, wall_opened
from comptoir.organisations.models import Organisation
from comptoir.subscriptions.jobs import renewals
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries import checks as _checks  # noqa: F401 - registers what is checked

PATIENT = (NotKnownYet, HeldBack)


def run_night(customer: Organisation, day: date, *, today: date | None = None) -> None:
    """The renewals of that customer for that night, run on `today` (else on its day)."""
    House.objects.update(business_day=today or day)
    renewals.renew(Actor.job("night", customer.pk), day=day)
    if connection.in_atomic_block:
        open_wall(read=[customer.pk], write=customer.pk)


def run_queue(*contexts: str) -> None:
    """Run the jobs of these contexts that wait, until nothing new is; one that must wait stays."""
    seen: set[int] = set()
    while job := _next(seen, contexts):
        pk, name, organisation_id, arguments = job
        seen.add(pk)
        body, own_transactions = JOBS[name]
        actor = Actor.job(name, organisation_id)
        try:
            if own_transactions:
                body(actor, **arguments)
            else:
                with transaction.atomic():
                    within(actor)
                    body(actor, **arguments)
        except PATIENT:
            continue
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [pk])


def _next(seen: set[int], contexts: Sequence[str]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, args ->> 'name', (args ->> 'organisation_id')::bigint, (args -> 'arguments')::text "
            "FROM procrastinate_jobs WHERE task_name = 'comptoir.run' AND split_part(args ->> 'name', '.', 1) = ANY(%s) "
            "AND args ->> 'name' <> 'billing.sandbox_notes' AND NOT id = ANY(%s) ORDER BY id LIMIT 1",
            [list(contexts), list(seen)],
        )
        found = cursor.fetchone()
    return None if found is None else (*found[:3], json.loads(found[3]))


def now_of(subscription: Subscription) -> Subscription:
    """The row as it stands."""
    with wall_opened(read=[subscription.organisation_id], write=subscription.organisation_id):
        return Subscription.objects.get(pk=subscription.pk)


def invoiced() -> list[tuple[str, str, str, str]]:
    """Number, method, net and due day of each invoice in the order of their numbers."""
    rows = Invoice.objects.filter(kind="F").order_by("number")
    return [(str(row.number), row.payment_method, str(row.net), str(row.due_on)) for row in rows]


def told(customer: Organisation, kind: str) -> list[tuple[str, str]]:
    """The events of that kind: the day and the state that they tell."""
    with wall_opened(read=[customer.pk], write=customer.pk):
        rows = Event.objects.filter(kind=kind).order_by("seq")
        return [(row.on.isoformat(), str(row.detail.get("state", ""))) for row in rows]


def violations(today: date) -> list[tuple[str, str]]:
    """What the checks of billing and subscriptions find, asked inside the wall that is open."""
    found = []
    with connection.cursor() as cursor:
        for check in CHECKS.values():
            if isinstance(check.found, str):
                cursor.execute(check.found, {"day": today})
                found += [(check.name, row[0]) for row in cursor.fetchall()]
    return found
