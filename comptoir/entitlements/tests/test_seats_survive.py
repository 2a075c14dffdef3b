"""Giving seats under fire: 40 people for 10 seats, twins, a kill. Nobody sits on a seat that there is not (rules 9)."""

import threading
from collections.abc import Callable

import psycopg
import pytest
from django.db import IntegrityError, transaction

from comptoir.entitlements.actions import seats
from comptoir.entitlements.models import Assignment
from comptoir.entitlements.queries import rank
from comptoir.entitlements.rules import Beyond
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.failpoints import FailpointRaised
from comptoir.kernel.ports import Ports
from comptoir.kernel.walls import open_wall, wall_opened
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.seats import subscription_of
from comptoir.subscriptions.tests.test_add_seats_survives import in_threads
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, member, raise_curtain, subscribe
from tests.depth import times

ROUNDS = times(1, 30)
PEOPLE, SEATS = 40, 10
FEWER = 14  # people where the number does not matter


@pytest.fixture
def cast(fresh_database: FreshDatabase) -> Cast:
    with transaction.atomic():
        made = raise_curtain()
        for n in range(PEOPLE):
            member(made.nord, f"Nina{n:02}", "Novak")
        for n in range(max(2, ROUNDS)):
            subscribe(made.contract, made.sculpt, f"5600005{n:02}", seats=SEATS, start=TODAY.replace(day=1))
        return made


def sofia(cast: Cast, key: str | None = None) -> Actor:
    """The software coordinator, with the wall open in the running transaction."""
    with wall_opened(person=cast.sofia.person_id):
        visit = Ports.grants.visit(cast.sofia.person_id, cast.nord.number)
    assert visit is not None
    open_wall(read=[cast.nord.pk], write=cast.nord.pk, person=cast.sofia.person_id)
    return visit.actor.with_key(key)


def given(database: FreshDatabase, number: str, question: str = "NOT a.waiting") -> list[int]:
    """The members with a seat, asked as the owner."""
    with psycopg.connect(database.owner_url) as owner:
        rows = owner.execute(
            "SELECT a.membership_id FROM entitlements_assignment a JOIN subscriptions_subscription s ON s.id = a.subscription_id "
            f"WHERE s.number = %s AND a.ended_on IS NULL AND {question}".encode(),
            [number],
        ).fetchall()
    return [row[0] for row in rows]


def people(database: FreshDatabase) -> list[int]:
    with psycopg.connect(database.owner_url) as owner:
        return [row[0] for row in owner.execute(b"SELECT id FROM organisations_membership WHERE name LIKE 'Nina%'").fetchall()]


def assign_one(cast: Cast, number: str, member_id: int, *, beyond: Beyond = Beyond.REFUSE, key: str | None = None) -> None:
    with transaction.atomic():
        actor = sofia(cast, key)
        seats.assign(actor, subscription_of(actor, number), members=[member_id], beyond=beyond, on=TODAY)


def test_40_threads_for_10_seats_give_10_in_every_round(cast: Cast, fresh_database: FreshDatabase) -> None:
    everybody = people(fresh_database)
    for n in range(ROUNDS):
        number = f"5600005{n:02}"
        answers = in_threads(PEOPLE, lambda at, number=number: assign_one(cast, number, everybody[at]))  # type: ignore[misc]
        refused = [answer for answer in answers if isinstance(answer, Refused) and answer.code == "no_seat_left"]
        assert (len(given(fresh_database, number)), len(refused), answers.count(None)) == (SEATS, PEOPLE - SEATS, SEATS)


def test_who_comes_too_late_waits_nobody_is_lost_and_nobody_sits_twice(cast: Cast, fresh_database: FreshDatabase) -> None:
    everybody, number = people(fresh_database)[:FEWER], "560000500"
    answers = in_threads(FEWER, lambda at: assign_one(cast, number, everybody[at], beyond=Beyond.WAIT))
    assert answers == [None] * FEWER
    seated, line = given(fresh_database, number), given(fresh_database, number, "a.waiting")
    assert (len(seated), len(line)) == (SEATS, FEWER - SEATS)
    assert {*seated, *line} == set(everybody)
    one, number = everybody[0], "560000501"
    answers = in_threads(FEWER, lambda at: assign_one(cast, number, one, key="one click" if at % 2 else None))
    assert given(fresh_database, number) == [one]
    assert all(answer is None or (isinstance(answer, Refused) and answer.code == "seated_already") for answer in answers)


def count_then_insert(cast: Cast, number: str, member_id: int, meet: Callable[[], object]) -> None:
    """The unguarded form: look, then write."""
    with transaction.atomic():
        actor = sofia(cast)
        row = Subscription.objects.get(number=number)
        rows = rank.living().filter(subscription=row, waiting=False)
        if rows.count() < row.seats_now:
            meet()
            Assignment.objects.create(
                organisation_id=actor.customer_id, subscription=row, membership_id=member_id, given_on=TODAY
            )


def test_without_the_guard_more_sit_than_there_are_seats_and_the_database_alone_holds_it(
    cast: Cast, fresh_database: FreshDatabase
) -> None:
    everybody, trigger = people(fresh_database)[:FEWER], "TRIGGER people_within_seats_given"
    answers = in_threads(FEWER, lambda at: count_then_insert(cast, "560000500", everybody[at], lambda: None))
    assert len(given(fresh_database, "560000500")) == SEATS
    assert {type(answer) for answer in answers if answer is not None} <= {IntegrityError}
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute(f"ALTER TABLE entitlements_assignment DISABLE {trigger}".encode())
    meet = threading.Barrier(FEWER)
    in_threads(FEWER, lambda at: count_then_insert(cast, "560000501", everybody[at], meet.wait))
    assert len(given(fresh_database, "560000501")) == FEWER


def swap(cast: Cast, number: str, giver: int, taker: int) -> None:
    with transaction.atomic():
        actor = sofia(cast)
        seats.swap(actor, subscription_of(actor, number), giver=giver, taker=taker, on=TODAY)


def test_a_verb_that_dies_halfway_gives_nobody_a_seat(
    cast: Cast, fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    [one, two, *_others] = people(fresh_database)
    assign_one(cast, "560000500", one)
    monkeypatch.setenv("COMPTOIR_FAILPOINT", "seats.given:raise")
    with pytest.raises(FailpointRaised):
        swap(cast, "560000500", one, two)
    assert given(fresh_database, "560000500") == [one]
