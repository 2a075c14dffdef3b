"""What runs each night: customer by customer, day after day.

A context registers its part with `@nightly`. In production a night begins after midnight in the billing zone, and days that
were missed are made up for; in a sandbox a night belongs to each day that the clock passes. One day ends before the next one
begins, and the days of one customer never change their order, whatever is killed in between.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max

from .actor import Actor
from .clock import business_day, now
from .failpoints import failpoint
from .jobs import NIGHT, enqueue, every, job, within
from .models import House, NightOfCustomer, NightRun, Roster
from .pause import paused_because
from .walls import wall_opened

Body = Callable[..., None]
Due = Callable[[Sequence[int], date], Iterable[int]]
AT_ONCE = 500  # customers that are looked at in one transaction


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a night: see `nightly`."""

    order: int
    name: str
    body: Body
    due: Due | None
    own_transactions: bool


PARTS: dict[str, Part] = {}


class NightWaits(RuntimeError):
    """The house is paused: the night's job is tried again."""


def nightly(name: str, *, order: int, due: Due | None = None, own_transactions: bool = False) -> Callable[[Body], Body]:
    """Make a part of each night of a function `(actor, *, day)`, run for one customer inside its wall, lower `order` first.

    It may run more than once for a day, and late, so it must do its work once. `due(ids, day)` says which of these customers
    have something to do, with their walls open for reading; without it all have. With `own_transactions` it opens its own.
    """

    def decorate(body: Body) -> Body:
        PARTS[name] = Part(order, name, body, due, own_transactions)
        return body

    return decorate


def begin(first: date, to: date) -> bool:
    """Have the nights up to and with `to` run, from the one after the last, or from `first` where there was none.

    Returns whether nights are waiting or under way: none are as long as there is no customer. Inside a transaction.
    """
    if not Roster.objects.exists():
        return False
    last = NightRun.objects.aggregate(day=Max("day"))["day"]
    day, asked_at = (last + timedelta(days=1) if last else first), now()
    days = [day + timedelta(days=ahead) for ahead in range((to - day).days + 1)]
    NightRun.objects.bulk_create([NightRun(day=each, asked_at=asked_at) for each in days], ignore_conflicts=True)
    if days:
        enqueue("kernel.night")
    return going_to() is not None


def going_to() -> date | None:
    """The last day whose night is waiting or under way."""
    found: date | None = NightRun.objects.filter(finished_at=None).aggregate(day=Max("day"))["day"]
    return found


@every("*/5 * * * *", "tonight")
def tonight() -> None:
    """Begin the night of today, and of days that were missed; in a sandbox with a clock of its own the clock begins them."""
    own_clock = settings.SANDBOX and House.objects.filter(business_day__isnull=False).exists()
    if not own_clock and not paused_because():
        today = business_day()
        begin(today, today)


@job("kernel.night", own_transactions=True)
def night(actor: Actor) -> None:
    """Put the work of the earliest unfinished night into the queue, a part of the customers at a time."""
    if reason := paused_because():
        raise NightWaits(f"the night waits: {reason}")
    while _plan_on():
        failpoint("night.planned")


def _plan_on() -> bool:
    """Plan the next customers of the earliest unfinished night; False when there is nothing to plan just now."""
    with transaction.atomic():
        run = NightRun.objects.select_for_update(no_key=True).filter(finished_at=None).order_by("day").first()
        if run is None or run.planned:
            return False
        if run.started_at is None:
            run.started_at = now()
            if settings.SANDBOX:  # the sandbox's day follows its nights
                House.objects.filter(business_day__lt=run.day).update(business_day=run.day)
        ids = list(Roster.objects.filter(pk__gt=run.planned_to).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        for pk in _due(ids, run.day):
            enqueue("kernel.night_of_customer", organisation_id=pk, day=run.day.isoformat())
            run.customers += 1
        run.planned_to, run.planned = (ids[-1] if ids else run.planned_to), len(ids) < AT_ONCE
        run.save()
        return not run.planned or _finished(run)


def _due(ids: Sequence[int], day: date) -> list[int]:
    if not ids or not PARTS:
        return []
    if any(part.due is None for part in PARTS.values()):
        return list(ids)
    found: set[int] = set()
    with wall_opened(read=ids):
        for part in PARTS.values():
            found.update(part.due(ids, day) if part.due else ())
    return sorted(found)


def _finished(run: NightRun) -> bool:
    """Whether that was the last of the night, which is then over. The row is locked."""
    if run.finished_at is not None or not run.planned or run.done + run.failed < run.customers:
        return False
    run.finished_at = now()
    run.save(update_fields=["finished_at"])
    return True


@job("kernel.night_of_customer", own_transactions=True, priority=NIGHT)
def night_of_customer(actor: Actor, *, day: str) -> None:
    """One customer's night, after those of its nights that failed. Raises what a part raises: it is tried again."""
    this = date.fromisoformat(day)
    days = _days_to_do(actor, this)
    for each in days:
        try:
            for part in sorted(PARTS.values(), key=lambda part: (part.order, part.name)):
                _run(part, actor, each)
        except Exception:
            _note(actor, this, failed=True)
            raise
        failpoint("night.customer")
    if days:
        _note(actor, this, failed=False)


def _days_to_do(actor: Actor, this: date) -> list[date]:
    with transaction.atomic():
        within(actor)
        kept = NightOfCustomer.objects.filter(organisation_id=actor.customer_id).first()
    if kept is None:
        return [this]
    late = [each for each in kept.failed_days if each < this]
    if this not in kept.failed_days and kept.done_to is not None and this <= kept.done_to:
        return []  # it was done, and the worker died before the queue knew
    return [*sorted(late), this]


def _run(part: Part, actor: Actor, day: date) -> None:
    if part.own_transactions:
        part.body(actor, day=day)
        return
    with transaction.atomic():
        within(actor)
        part.body(actor, day=day)


def _note(actor: Actor, this: date, *, failed: bool) -> None:
    """Count the customer's day once, and end the night if it was the last."""
    with transaction.atomic():
        within(actor)
        NightOfCustomer.objects.bulk_create([NightOfCustomer(organisation_id=actor.customer_id)], ignore_conflicts=True)
        kept = NightOfCustomer.objects.select_for_update(no_key=True).get(organisation_id=actor.customer_id)
        new = this not in kept.failed_days and (kept.done_to is None or kept.done_to < this)
        if failed:
            if new:
                kept.failed_days, kept.done_to = [*kept.failed_days, this], this
                NightRun.objects.filter(day=this).update(failed=F("failed") + 1)
        else:
            again = [each for each in kept.failed_days if each <= this]
            NightRun.objects.filter(day__in=again).update(failed=F("failed") - 1, done=F("done") + 1)
            NightRun.objects.filter(day=this, pk__in=[this] if new else []).update(done=F("done") + 1)
            kept.failed_days = [each for each in kept.failed_days if each > this]
            kept.done_to = max(this, kept.done_to or this)
        kept.save()
        if _finished(NightRun.objects.select_for_update(no_key=True).get(day=this)):
            enqueue("kernel.night")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the nights are that were asked for together: days, and customers of the running day."""

    day: date | None  # the one under way
    to: date
    days: int
    days_done: int
    customers: int
    customers_done: int
    seconds_left: int | None  # None as long as nothing tells


def progress() -> Progress | None:
    """How far the nights are that wait or run now; None when all are finished."""
    waiting = NightRun.objects.filter(finished_at=None)
    first = waiting.order_by("day").first()
    to = going_to()
    if first is None or to is None:
        return None
    all_of_them = NightRun.objects.filter(asked_at__gte=first.asked_at)
    days = all_of_them.count()
    done = all_of_them.filter(finished_at__isnull=False).count()
    began = all_of_them.filter(started_at__isnull=False).order_by("day").values_list("started_at", flat=True).first()
    part_of_day = (first.done + first.failed) / first.customers if first.planned and first.customers else 0
    left = None
    if began is not None and done + part_of_day > 0:
        left = round((now() - began).total_seconds() / (done + part_of_day) * (days - done - part_of_day))
    running = first.day if first.started_at else None
    return Progress(running, to, days, done, first.customers, first.done + first.failed, left)
