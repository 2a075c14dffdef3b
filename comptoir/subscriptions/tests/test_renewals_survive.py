"""The nightly run under fire: killed at every fail point, run by several workers at once, and again. The provider's own books
are the oracle: 0 missed, 0 invoiced twice, 0 charged twice, 0 gaps in the numbers. Each guard has its control, where it is off.
"""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from subprocess import CompletedProcess
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection, connections

from comptoir.billing.tests.paying import give
from comptoir.kernel.actor import Actor
from comptoir.kernel.failpoints import POINTS
from comptoir.kernel.models import House
from comptoir.kernel.verifying import verify
from comptoir.subscriptions.actions import renewals as actions
from comptoir.subscriptions.jobs import renewals
from comptoir.subscriptions.models import RenewalRun
from comptoir.subscriptions.queries import renewals as queries
from conftest import FreshDatabase
from tests.cast import Cast, make_contract, raise_curtain, subscribe
from tests.forking import forked
from tests.owner import logged_in

from .nights import run_queue

END = date(2027, 4, 10)
CONTRACTS, EACH = 7, 4  # 28 subscriptions, and the cast's own
INVOICES = 15  # two for each of the seven contracts, by card and on invoice, and one for the cast's
OF_THE_RUN = [name for name in POINTS if name.split(".")[0] in {"door", "invoice", "renewals", "charge", "provider"}]
NEVER_REACHED = {"door.claimed", "provider.heard"}  # a job carries no request key, and no note of the provider's


@pytest.fixture
def cast(fresh_database: FreshDatabase) -> Cast:
    """Seven contracts with four subscriptions each, half of them by card, all due on one day; batches are small."""
    made = raise_curtain()
    card = give(made)
    for n in range(CONTRACTS):
        contract = make_contract(made.nord, f"11000010{n}")
        for m in range(EACH):
            paid = {"payment_method": "card", "paid_with": card} if m % 2 else {}
            subscribe(contract, made.sculpt, f"57000{n:02d}{m:02d}", seats=m + 1, start=date(2026, 4, 10), **paid)
    House.objects.update(business_day=END)
    return made


FACTS = {
    "renewed": "SELECT count(*) FROM subscriptions_subscription WHERE renews_on = '2028-04-10'",
    "due": "SELECT count(*) FROM subscriptions_subscription WHERE renews_on = '2027-04-10'",
    "periods": "SELECT count(*) FROM subscriptions_period WHERE kind = 'renewal'",
    "sales": "SELECT count(*) FROM subscriptions_sale WHERE kind = 'renewal'",
    "invoices": "SELECT count(*) FROM billing_invoice",
    "gaps": "SELECT coalesce(max(right(number, 6)::int), 0) - count(*) FROM billing_invoice",
    "charged": "SELECT count(*) FROM billing_sandboxcharge WHERE state = 'succeeded'",
    "charged_twice": "SELECT count(*) - count(DISTINCT metadata->>'reference') FROM billing_sandboxcharge",
    "paid": "SELECT count(*) FROM billing_payment",
    "told": "SELECT count(*) FROM kernel_event WHERE kind = 'subscription.renewed'",
    "runs": "SELECT count(*) FROM kernel_event WHERE kind = 'renewals.run'",
    "counted": "SELECT sum(renewed) FROM subscriptions_renewalrun",
}
# the run is of one customer: the other one's subscription is due too, and not touched
WHOLE = {
    "renewed": 29,
    "due": 1,
    "periods": 29,
    "sales": 29,
    "invoices": INVOICES,
    "gaps": 0,
    "charged": CONTRACTS,
    "charged_twice": 0,
    "paid": CONTRACTS,
    "told": 29,
    "runs": 1,
    "counted": 29,
}


def facts(database: FreshDatabase) -> dict[str, int]:
    """What stands in the tables, asked as the owner."""
    with psycopg.connect(database.owner_url) as owner:
        return {name: owner.execute(question.encode()).fetchone()[0] for name, question in FACTS.items()}  # type: ignore[index]


def wrong(database: FreshDatabase) -> list[tuple[str, tuple[str, ...]]]:
    """What `comptoir verify` finds."""
    with logged_in(database.owner_url):
        return [(verdict.name, verdict.examples) for verdict in verify() if verdict.violations]


def night(cast: Cast, database: FreshDatabase, failpoint: str = "") -> CompletedProcess[str]:
    """The customer's night in a process of its own."""

    def run() -> None:
        queries.BATCH = 4  # so that there are several
        renewals.renew(Actor.job("night", cast.nord.pk), day=END)
        run_queue("billing", "subscriptions")

    return forked(run, database.app_url, COMPTOIR_FAILPOINT=failpoint)


@pytest.mark.parametrize("point", [name for name in OF_THE_RUN if name not in NEVER_REACHED])
def test_a_run_killed_anywhere_goes_on_where_it_stopped(point: str, cast: Cast, fresh_database: FreshDatabase) -> None:
    connection.close()
    killed = night(cast, fresh_database, f"{point}:kill")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    between = facts(fresh_database)
    assert (between["gaps"], between["charged_twice"]) == (0, 0)
    assert between["renewed"] == between["periods"] == between["sales"] == between["told"], "all of a batch, or nothing"
    again = night(cast, fresh_database)
    assert again.returncode == 0, again.stderr
    assert facts(fresh_database) == WHOLE
    assert wrong(fresh_database) == []


def together(count: int, work: Callable[[], object]) -> list[object]:
    """Run `work` that many times at once, each with a connection of its own."""
    gate = threading.Barrier(count)

    def one(_n: int) -> object:
        try:
            gate.wait()
            return work()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def run(cast: Cast) -> None:
    renewals.renew(Actor.job("night", cast.nord.pk), day=END)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "BATCH", 4)


def test_four_workers_at_once_do_it_once(cast: Cast, fresh_database: FreshDatabase, small_batches: None) -> None:
    assert together(4, lambda: run(cast)) == [None] * 4
    run_queue("billing", "subscriptions")
    assert facts(fresh_database) == WHOLE
    assert wrong(fresh_database) == []


def test_without_the_lock_of_the_run_two_workers_close_it_twice(
    cast: Cast, fresh_database: FreshDatabase, small_batches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test above: each sees a run that is not closed, and closes it."""

    def unlocked(actor: Actor, day: date) -> RenewalRun:
        found = RenewalRun.objects.get(organisation_id=actor.customer_id, day=day)
        time.sleep(0.05)
        return found

    monkeypatch.setattr(renewals, "locked_run", unlocked)
    together(4, lambda: run(cast))
    assert facts(fresh_database)["runs"] > 1


@contextmanager
def without(database: FreshDatabase, statement: str) -> Iterator[Any]:
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute(statement.encode())
        yield owner


def renewed_again(cast: Cast, database: FreshDatabase) -> list[object]:
    """The run forgets what it has done: as if the rows' renewal dates were never moved. All is paid meanwhile."""
    run(cast)
    run_queue("billing", "subscriptions")
    statement = "UPDATE subscriptions_subscription SET renews_on = '2027-04-10', lapses_on = '2027-04-10'"
    with without(database, statement):
        return together(1, lambda: run(cast))


@pytest.fixture
def without_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound of twice in a day is off: it would hold the charges back before any row is written."""
    monkeypatch.setattr(queries, "bounds", lambda *_told: ())


def test_a_period_is_never_sold_twice_even_by_a_run_that_forgets(
    cast: Cast, fresh_database: FreshDatabase, without_bounds: None
) -> None:
    assert [type(answer) for answer in renewed_again(cast, fresh_database)] == [IntegrityError]
    assert facts(fresh_database)["periods"] == 29
    assert facts(fresh_database)["invoices"] == INVOICES


def test_without_the_exclusion_a_run_that_forgets_sells_periods_twice(
    cast: Cast, fresh_database: FreshDatabase, without_bounds: None
) -> None:
    """The control of the test above."""
    with without(fresh_database, "ALTER TABLE subscriptions_period DROP CONSTRAINT periods_never_overlap"):
        pass
    assert renewed_again(cast, fresh_database) == [None]
    assert facts(fresh_database)["periods"] == 58
    assert "periods_touch" in [name for name, _examples in wrong(fresh_database)]


def test_without_the_exclusion_the_bound_of_twice_in_a_day_holds_back(cast: Cast, fresh_database: FreshDatabase) -> None:
    with without(fresh_database, "ALTER TABLE subscriptions_period DROP CONSTRAINT periods_never_overlap") as owner:
        assert renewed_again(cast, fresh_database) == [None]
        assert facts(fresh_database)["periods"] == 29
        assert owner.execute("SELECT count(*) FROM subscriptions_parked").fetchone()[0] == 29


def test_a_lost_answer_charges_once(cast: Cast, fresh_database: FreshDatabase) -> None:
    from comptoir.billing.tests.paying import switched

    switched(loses_answers=2)
    run(cast)
    for _ in range(4):
        run_queue("billing", "subscriptions")
    found = facts(fresh_database)
    assert (found["charged"], found["charged_twice"], found["paid"]) == (CONTRACTS, 0, CONTRACTS)


def test_every_step_of_the_run_is_one_action() -> None:
    assert {actions.renew_due.verb, actions.finish_run.verb} == {"subscriptions.renew_due", "subscriptions.finish_run"}  # type: ignore[attr-defined]
