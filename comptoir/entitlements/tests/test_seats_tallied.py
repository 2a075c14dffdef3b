"""What the database keeps of a customer's subscriptions and people is what there is, whatever is done and on whatever day."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from threading import Thread
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, given, settings

from comptoir.entitlements.models import Assignment
from comptoir.entitlements.queries import checks as _checks  # noqa: F401 - registers what is checked
from comptoir.entitlements.queries.rank import over_in, standing_in
from comptoir.kernel.actor import Actor
from comptoir.kernel.verifying import CHECKS, verify
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription, Tally
from comptoir.subscriptions.ports import Ports
from comptoir.subscriptions.queries import checks as _kept  # noqa: F401 - registers what is checked
from comptoir.subscriptions.queries.figures import SOON, Figures, figures
from comptoir.subscriptions.queries.states import works
from comptoir.subscriptions.queries.tallied import looked_at, tallied
from comptoir.subscriptions.tests.test_plans import actor_of
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, raise_curtain, seat, subscribe
from tests.depth import times
from tests.owner import logged_in

from .test_seats_never_more import STEPS, Play

# ahead of the day: past a month's grace, its suspension, what counts as soon
DAYS = [timedelta(days) for days in (0, 16, 46, 75)]


class Watched(Play):
    """The same steps; after each, what is kept is compared with what there is, on many days."""

    def look(self, kind: str, before: list[set[int]]) -> list[set[int]]:
        for ahead in DAYS:
            kept_is_true(self.cast, self.actor, self.day + ahead)
        violated = [name for name in ("tally_of_subscriptions", "occupancy_of_subscriptions") if _found(name)]
        assert violated == [], kind
        return [set() for _ in self.bought]


def kept_is_true(cast: Cast, actor: Actor, day: date) -> None:
    rows, soon = Subscription.objects.filter(organisation=cast.nord), day + timedelta(SOON)
    kept = tallied(cast.nord.pk, day, soon)
    assert kept == looked_at(rows, day, soon), day
    sits = Assignment.objects.filter(works(day, "subscription__"), organisation=cast.nord, ended_on=None)
    assert (kept.people, kept.in_line) == (sits.filter(waiting=False).count(), sits.filter(waiting=True).count()), day
    stand = sum(map(len, standing_in(sits, day).values()))
    assert Ports.seated.beyond(actor, day) == stand == sum(over.people - over.seats for over in over_in(sits, day)), day


def _found(name: str) -> list[Any]:
    found = CHECKS[name].found
    assert isinstance(found, str)
    with connection.cursor() as cursor:
        cursor.execute(found)
        return cursor.fetchall()


@pytest.fixture
def cast(db: None) -> Cast:
    cast = raise_curtain()
    actor_of(cast.camille)  # opens the wall of Atelier Nord
    return cast


@settings(
    max_examples=times(3, 100),
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_what_is_kept_is_what_there_is_whatever_is_done(cast: Cast, steps: list) -> None:  # type: ignore[type-arg]
    with transaction.atomic():
        play = Watched(cast)
        for days, (kind, *told) in steps:
            play.day += timedelta(days)
            play.step(kind, *told)
            play.look(kind, [])
        transaction.set_rollback(True)


WAYS = ((), ("enable_seqscan",), ("enable_seqscan", "enable_bitmapscan"))
MOVES: dict[str, Callable[[Subscription], dict[str, Any]]] = {
    "it ends": lambda _row: {"ended_on": TODAY},
    "its term is another": lambda _row: {"term": "month"},
    "it was not paid": lambda row: {"lapses_on": row.renews_on - timedelta(40)},
    "it has fewer seats than people": lambda _row: {"seats_now": 1, "seats_at_renewal": 1},
    "it renews with fewer": lambda _row: {"seats_at_renewal": 1},
    "it renews by hand": lambda _row: {"automatic_renewal": False},
}


@pytest.mark.parametrize("what", MOVES)
def test_who_sits_moves_with_their_subscription_and_back(cast: Cast, what: str) -> None:
    for holder in (cast.emil, cast.sofia):
        seat(cast.subscription, holder)
    before = Subscription.objects.filter(pk=cast.subscription.pk)
    values = before.values().get()
    for changes in (MOVES[what](cast.subscription), values):
        before.update(**{name: value for name, value in changes.items() if name != "id"})
        for ahead in (-30, 0, 20, 60):
            kept_is_true(cast, actor_of(cast.camille), cast.subscription.renews_on + timedelta(ahead))
        assert _found("tally_of_subscriptions") == _found("occupancy_of_subscriptions") == []


def test_what_is_late_by_our_doing_works_and_is_counted(cast: Cast) -> None:
    """No night has come to it: past its grace it still works (rules 6), and is told with who sits there."""
    seat(cast.subscription, cast.emil)
    late = cast.subscription.renews_on + timedelta(20)
    assert tallied(cast.nord.pk, late, late).grace >= 1
    kept_is_true(cast, actor_of(cast.camille), late)


def test_who_sees_some_contracts_has_the_figures_of_these_alone(cast: Cast) -> None:
    seat(cast.subscription, cast.emil)
    for member in (cast.camille, cast.pierre, cast.sofia):
        actor = actor_of(member)
        told = figures(actor, TODAY)
        contracts = actor.contracts(Can.SEE_PRODUCTS)
        rows = Subscription.objects.filter(organisation=cast.nord)
        seen = rows if contracts is None else rows.filter(contract_id__in=contracts)
        assert told.subscriptions == seen.filter(works(TODAY)).count()
        assert told.seats == (seen.filter(works(TODAY)).aggregate(n=Sum("seats_now"))["n"] or 0)


def _read(cast: Cast, database: FreshDatabase) -> tuple[Figures, int]:
    """The figures, worked out anew, and how many rows the database has to look at.

    It knows what is in its tables; of a few hundred rows a planner may rather read all, which says nothing of hundreds of
    thousands: the best of its ways counts, per statement.
    """
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute("ANALYZE")
    with transaction.atomic():
        actor = actor_of(cast.camille)
        with CaptureQueriesContext(connection) as queries:
            told = figures(actor, TODAY)
        return told, sum(min(_looked(query["sql"], off) for off in WAYS) for query in queries.captured_queries)


def _looked(statement: str, off: tuple[str, ...]) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        for way in off:
            cursor.execute(f"SET LOCAL {way} = off")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
        (plan,) = cursor.fetchone()
        for way in off:
            cursor.execute(f"SET LOCAL {way} = on")
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return _rows(plan[0]["Plan"])


def _rows(plan: dict[str, Any]) -> int:
    scanned = int((plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"])
    return (scanned if "Scan" in plan["Node Type"] else 0) + sum(map(_rows, plan.get("Plans", ())))


def test_figures_after_a_change_cost_no_more_with_many_times_the_subscriptions(fresh_database: FreshDatabase) -> None:
    with transaction.atomic():
        cast = raise_curtain()
    few, looked = _read(cast, fresh_database)
    with transaction.atomic():
        actor_of(cast.camille)
        alike = Subscription.objects.filter(pk=cast.subscription.pk).values().get()
        Subscription.objects.bulk_create(
            Subscription(**{**alike, "id": None, "number": f"57000{n:04}", "starts_on": TODAY}) for n in range(500)
        )
    many, looked_again = _read(cast, fresh_database)
    assert many.subscriptions == few.subscriptions + 500
    assert looked_again <= looked + 10


def test_rows_that_are_alike_become_one_and_the_sum_stays(cast: Cast) -> None:
    flip = "UPDATE subscriptions_subscription SET seats_now = seats_now + 1 WHERE id = %s"
    with connection.cursor() as cursor:
        cursor.executemany(flip, [[cast.subscription.pk]] * 600)
    kept = Tally.objects.filter(organisation=cast.nord)
    assert kept.count() < 300
    assert (
        kept.aggregate(n=Sum("seats"))["n"]
        == Subscription.objects.filter(organisation=cast.nord).aggregate(n=Sum("seats_now"))["n"]
    )
    assert _found("tally_of_subscriptions") == []


def test_what_comes_in_bulk_is_folded_too(cast: Cast) -> None:
    before = Tally.objects.count()
    alike = Subscription.objects.filter(pk=cast.subscription.pk).values().get()
    for part in range(8):
        numbers = {f"58{part}{n:03}": TODAY + timedelta(n) for n in range(70)}
        made = Subscription.objects.bulk_create(
            Subscription(**{**alike, "id": None, "number": number, "renews_on": day}) for number, day in numbers.items()
        )
        sits = {"organisation": cast.nord, "membership": cast.emil, "given_on": TODAY}
        Assignment.objects.bulk_create(Assignment(subscription=row, **sits) for row in made)
    assert Tally.objects.count() - before < 8 * 70  # of 1,120 rows that were added, about 70 kinds
    assert _found("tally_of_subscriptions") == _found("occupancy_of_subscriptions") == []


def test_the_figures_of_one_customer_are_not_those_of_another(cast: Cast) -> None:
    ours = tallied(cast.nord.pk, TODAY, TODAY)
    subscribe(cast.contract, cast.sculpt, "570000001", seats=7, start=TODAY)
    assert tallied(cast.nord.pk, TODAY, TODAY).seats == ours.seats + 7
    assert not Tally.objects.exclude(organisation=cast.nord).exists()  # those of others are behind the wall


LOCK = " FOR NO KEY UPDATE"
MOVE = "UPDATE subscriptions_subscription SET renews_on = renews_on + 30, lapses_on = lapses_on + 30 WHERE id = %s"
GIVE = (
    "INSERT INTO entitlements_assignment (organisation_id, subscription_id, membership_id, given_on, waiting, kept, direct) "
    "VALUES (%s, %s, %s, %s, false, false, true)"
)
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pg_blocking_pids(pid) <> '{}'"


def given_while_it_moves(cast: Cast, database: FreshDatabase) -> list[str]:
    """A seat is given while a renewal that has not committed moves its subscription: which checks find something afterwards."""
    with (
        psycopg.connect(database.owner_url, autocommit=True) as owner,
        psycopg.connect(database.app_url) as renewal,
        psycopg.connect(database.app_url) as seat,
    ):
        for each in (renewal, seat):
            opened = (f"{{{cast.nord.pk}}}", str(cast.nord.pk))
            each.execute("SELECT set_config('app.read', %s, true), set_config('app.write', %s, true)", opened)
        renewal.execute(MOVE, [cast.subscription.pk])
        told = [cast.nord.pk, cast.subscription.pk, cast.emil.pk, TODAY]
        giving = Thread(target=lambda: seat.execute(GIVE, told))
        giving.start()
        while giving.is_alive() and owner.execute(WAITS).fetchone() == (0,):
            giving.join(0.01)
        renewal.commit()
        giving.join()
        seat.commit()
    with logged_in(database.owner_url):
        return [verdict.name for verdict in verify() if verdict.violations and "tally" in verdict.name]


@pytest.fixture
def committed(fresh_database: FreshDatabase) -> Cast:
    with transaction.atomic():
        return raise_curtain()


def test_who_is_given_a_seat_while_it_moves_goes_with_it(committed: Cast, fresh_database: FreshDatabase) -> None:
    assert given_while_it_moves(committed, fresh_database) == []


def test_without_the_lock_they_would_stay_behind(committed: Cast, fresh_database: FreshDatabase) -> None:
    with psycopg.connect(fresh_database.owner_url, autocommit=True) as owner:
        found = owner.execute("SELECT pg_get_functiondef('subscriptions_people_moved'::regproc)").fetchone()
        assert found is not None
        assert LOCK in found[0]
        owner.execute(found[0].replace(LOCK, "").encode())
    assert given_while_it_moves(committed, fresh_database) == ["tally_of_subscriptions"]
