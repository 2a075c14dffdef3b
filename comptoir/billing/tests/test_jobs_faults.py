"""Any order of clicks, notes, answers and faults: in the end both books say the same, and nothing was charged twice."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import psycopg
import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from comptoir.billing.adapters import sandbox_books
from comptoir.billing.models import Attempt, Invoice, Payment, PaymentMethod, Refund, SandboxCharge, SandboxRefund
from comptoir.billing.queries import checks  # noqa: F401 - registers them
from comptoir.kernel.clock import business_day
from comptoir.kernel.errors import Refused
from comptoir.kernel.jobs import enqueue
from comptoir.kernel.models import House
from comptoir.kernel.verifying import CHECKS
from conftest import FreshDatabase
from tests.cast import Cast, raise_curtain
from tests.depth import times

from .paying import (
    BAD_DEBIT,
    CHALLENGE,
    DEBIT,
    GOOD,
    POOR,
    billed,
    credit,
    deliver,
    give,
    looking,
    open_of,
    pay,
    run_jobs,
    switched,
)

MONEY_CHECKS = (
    "balance_recomputed",
    "nothing_owed_back",
    "success_is_one_payment",
    "one_live_attempt",
    "payment_is_used_up",
    "refunds_within_payments",
    "payment_in_the_log",
)
FAULTS = ("down", "loses_answers", "answers_late", "tells_twice", "tells_nothing", "declines", "challenges")
STEPS = some.one_of(
    some.tuples(some.just("pay"), some.integers(0, 4)),
    some.tuples(some.just("fault"), some.sampled_from(FAULTS)),
    some.tuples(some.sampled_from(["work", "notes", "confirm", "refuse", "day", "stop", "go", "credit", "redo"]), some.just(0)),
)


@pytest.fixture
def owner(fresh_database: FreshDatabase) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    with psycopg.connect(fresh_database.owner_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def cast(fresh_database: FreshDatabase) -> Cast:
    return raise_curtain()


class World:
    """One invoice, five methods, and what may happen to them."""

    def __init__(self, cast: Cast, methods: list[PaymentMethod], key: str) -> None:
        self.cast, self.methods, self.credited = cast, methods, False
        self.bill = billed(cast.camille, cast.subscription, key=key)

    def do(self, what: str, which: int | str) -> None:
        match what:
            case "pay":
                with suppress(Refused):  # one is under way, or nothing is left to pay
                    pay(self.cast.camille, self.bill, self.methods[int(which)])
            case "fault":
                switched(**{str(which): 1})
            case "work" | "redo":
                run_jobs()
            case "notes":
                deliver()
            case "confirm" | "refuse":
                for charge in SandboxCharge.objects.filter(state="needs_action"):
                    sandbox_books.confirm(charge.ref, yes=what == "confirm")
            case "day":
                House.objects.update(business_day=business_day() + timedelta(days=1))
            case "stop" | "go":
                House.objects.update(charging_stopped_because="a look" if what == "stop" else "")
            case "credit" if not self.credited:
                credit(self.cast, self.bill)
                self.credited = True

    def calm(self) -> None:
        """No fault is left, days go by, and all that waits is done."""
        switched(**dict.fromkeys(FAULTS, 0))
        self.do("go", 0)
        for _ in range(4):
            self.do("day", 0)
            run_jobs()
            with looking(self.cast):
                waiting = list(Attempt.objects.filter(ended_on=None).values_list("pk", flat=True))
            for pk in waiting:  # what the nightly look does
                enqueue_charge(self.cast, pk)
            run_jobs()


def enqueue_charge(cast: Cast, pk: int) -> None:
    enqueue("billing.charge", organisation_id=cast.nord.pk, attempts=str(pk))


def test_whatever_happens_both_books_say_the_same_in_the_end(cast: Cast, owner: "psycopg.Connection[tuple[object, ...]]") -> None:
    kinds = ((GOOD, "card"), (CHALLENGE, "card"), (POOR, "card"), (DEBIT, "sepa"), (BAD_DEBIT, "sepa"))
    methods = [give(cast, number, kind) for number, kind in kinds]
    count = iter(range(10_000))

    @settings(max_examples=times(30, 300), deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(some.lists(STEPS, min_size=3, max_size=14))
    def story(steps: list[tuple[str, int | str]]) -> None:
        world = World(cast, methods, f"story {next(count)}")
        for what, which in steps:
            world.do(what, which)
        world.calm()
        same_books(world)
        for name in MONEY_CHECKS:
            assert owner.execute(f"SELECT * FROM ({CHECKS[name].found}) f".encode()).fetchall() == [], name

    story()


def same_books(world: World) -> None:
    """What the provider charged and gave back for this invoice is what we say came in and went back: never twice."""
    with looking(world.cast):
        mine = Attempt.objects.filter(invoice=world.bill)
        states, references = dict(mine.values_list("reference", "state")), list(mine.values_list("reference", flat=True))
        came_in = Payment.objects.filter(attempt__in=mine).aggregate(sum=Sum("amount_minor"))["sum"] or 0
        back = Refund.objects.filter(payment__attempt__in=mine)
        assert set(back.values_list("state", flat=True)) <= {"succeeded"}
        went_back = back.aggregate(sum=Sum("amount_minor"))["sum"] or 0
        assert Invoice.objects.filter(pk=world.bill.pk).exists()
    theirs = {row.key: row for row in SandboxCharge.objects.filter(key__in=references)}
    assert {key: row.state for key, row in theirs.items()} == {key: state for key, state in states.items() if key in theirs}
    assert all(state == "declined" for key, state in states.items() if key not in theirs)
    charged = sum(row.amount_minor for row in theirs.values() if row.state == "succeeded")
    given = SandboxRefund.objects.filter(charge__key__in=references).aggregate(sum=Sum("amount_minor"))["sum"] or 0
    assert (charged, given) == (came_in, went_back)
    assert charged in {0, world.bill.total_minor}
    assert open_of(world.cast, world.bill) == (0 if world.credited or charged else world.bill.total_minor)
