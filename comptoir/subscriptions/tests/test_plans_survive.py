"""Plans and alignments under fire: threads at once, a kill at every fail point. Nothing lost, nothing twice."""

import json
import signal
from datetime import date
from subprocess import CompletedProcess

import psycopg
import pytest
from django.db import connection, transaction

from comptoir.kernel.failpoints import POINTS
from comptoir.subscriptions.actions import alignment, plans
from comptoir.subscriptions.actions.seats import add_seats
from comptoir.subscriptions.queries.seats import subscription_of
from comptoir.subscriptions.tests.test_add_seats_survives import camille, in_threads
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, product, raise_curtain, subscribe
from tests.visitor import visited

OF_THE_VERB = [name for name in POINTS if name.split(".")[0] in {"door", "gate", "order", "invoice"}]
NUMBERS = ["560000001", "560000011", "560000012"]


@pytest.fixture
def cast(fresh_database: FreshDatabase) -> Cast:
    with transaction.atomic():
        made = raise_curtain()
        big = product("BIG", "Big", {"year": (190000, 180000)})
        small = product("SML", "Small", {"year": (45000, 42000)})
        subscribe(made.contract, big, "560000011", seats=2, start=date(2026, 9, 1))
        subscribe(made.second_contract, small, "560000012", seats=1, start=date(2026, 10, 15))
        return made


def plan(cast: Cast, seats: int, key: str | None = None) -> int:
    with transaction.atomic():
        actor = camille(cast, key)
        return plans.plan_seats(actor, subscription_of(actor, NUMBERS[0]), seats=seats, on=TODAY).pk


def add(cast: Cast, count: int) -> str:
    with transaction.atomic():
        actor = camille(cast)
        return add_seats(actor, subscription_of(actor, NUMBERS[0]), add=count, on=TODAY).number


def align(cast: Cast, first: str = NUMBERS[0], key: str | None = None) -> str:
    with transaction.atomic():
        actor = camille(cast, key)
        rows = sorted((subscription_of(actor, number) for number in NUMBERS), key=lambda row: row.pk)
        also = [row.number for row in rows[1:]]
        return alignment.align(actor, rows[0], also=also if first == NUMBERS[0] else also[::-1], on=TODAY).number


def facts(database: FreshDatabase) -> dict[str, object]:
    questions = {
        "now": "SELECT seats_now FROM subscriptions_subscription WHERE number = '560000001'",
        "then": "SELECT seats_at_renewal FROM subscriptions_subscription WHERE number = '560000001'",
        "pending": "SELECT array_agg(seats) FROM subscriptions_plannedchange WHERE outcome = 'pending'",
        "replaced": "SELECT count(*) FROM subscriptions_plannedchange WHERE outcome = 'replaced'",
        "orders": "SELECT count(*) FROM subscriptions_order WHERE verb = 'align' AND state = 'settled'",
        "unsettled": "SELECT count(*) FROM subscriptions_order WHERE state <> 'settled'",
        "periods": "SELECT count(*) FROM subscriptions_period WHERE kind = 'extension'",
        "ends": "SELECT count(DISTINCT renews_on) FROM subscriptions_subscription WHERE number <> '560000002'",
        "numbers": "SELECT array_agg(number ORDER BY number) FROM billing_invoice",
        "events": "SELECT count(*) FROM kernel_event WHERE kind = 'dates.aligned'",
    }
    with psycopg.connect(database.owner_url) as owner:
        return {name: owner.execute(question.encode()).fetchone()[0] for name, question in questions.items()}  # type: ignore[index]


def test_32_people_who_plan_and_add_at_once_lose_no_pending_change(cast: Cast, fresh_database: FreshDatabase) -> None:
    def act(n: int) -> object:
        return add(cast, 1) if n % 2 else plan(cast, 100 + 20 * n)  # further apart than all that is added

    answers = in_threads(32, act)
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    found = facts(fresh_database)
    assert found["now"] == 4 + 16
    assert found["replaced"] == 15
    assert found["pending"] == [found["then"] - found["now"]]  # type: ignore[operator]


def test_32_plans_of_different_fields_keep_one_of_each(cast: Cast, fresh_database: FreshDatabase) -> None:
    def act(n: int) -> object:
        with transaction.atomic():
            actor = camille(cast)
            row = subscription_of(actor, NUMBERS[0])
            if n % 2:
                return plans.plan_term(actor, row, term="3years", on=TODAY).pk
            return plans.plan_seats(actor, row, seats=10 + n, on=TODAY).pk

    answers = in_threads(32, act)
    codes = [getattr(answer, "code", answer) for answer in answers if isinstance(answer, Exception)]
    assert codes == ["plan_unchanged"] * 15  # the term is planned once; the others find it so
    with psycopg.connect(fresh_database.owner_url) as owner:
        rows = owner.execute("SELECT field FROM subscriptions_plannedchange WHERE outcome = 'pending' ORDER BY field").fetchall()
    assert rows == [("seats",), ("term",)]


def test_aligned_at_once_by_many_they_are_aligned_once(cast: Cast, fresh_database: FreshDatabase) -> None:
    def act(n: int) -> object:
        return add(cast, 1) if n % 4 == 3 else align(cast, NUMBERS[n % 2])

    answers = in_threads(16, act)
    codes = {getattr(answer, "code", answer) for answer in answers if isinstance(answer, Exception)}
    assert codes == {"nothing_to_align"}
    found = facts(fresh_database)
    assert (found["orders"], found["periods"], found["events"], found["ends"]) == (1, 2, 3, 1)
    assert found["now"] == 4 + 4


def visit(cast: Cast, database: FreshDatabase, failpoint: str = "") -> CompletedProcess[str]:
    """Confirm the alignment in a process of its own."""
    form = {"numbers": ",".join(NUMBERS), "request_key": "the same click"}
    return visited(cast.camille.person_id, f"/c/{cast.nord.number}/alignment/", form, database.app_url, failpoint)


@pytest.mark.parametrize("point", OF_THE_VERB)
def test_an_alignment_killed_anywhere_is_whole_or_not_at_all(point: str, cast: Cast, fresh_database: FreshDatabase) -> None:
    connection.close()
    killed = visit(cast, fresh_database, f"{point}:kill")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    between, done = facts(fresh_database), int(point == "gate.after_commit")
    assert (between["orders"], between["periods"], between["unsettled"]) == (done, 2 * done, 0)
    again = visit(cast, fresh_database)
    assert json.loads(again.stdout) == {"status": 302, "location": f"/c/{cast.nord.number}/orders/5200001-1/"}
    after = facts(fresh_database)
    assert (after["orders"], after["periods"], after["events"], after["ends"]) == (1, 2, 3, 1)
    assert after["numbers"] == ["F-2026-000001"]
