"""The activity log: append-only, chained per customer, in one order however many write at once."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from comptoir.events import Kind
from comptoir.identity import queries as identity
from comptoir.identity.actions import confirm_language
from comptoir.kernel import recording
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import HouseRule
from comptoir.kernel.gate import themselves
from comptoir.kernel.models import Chain, Event
from comptoir.kernel.recording import follow, followers, hash_of, record
from comptoir.kernel.walls import open_wall
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription
from conftest import FreshDatabase
from tests.cast import Cast, raise_curtain, subscribe

from .stage import at_once, grow, inside, kinds_of_events, looking, meeting, seats_of

MANY = 16
TWICE = Kind("test.twice", "{actor} did two things")


@pytest.fixture
def cast(db: None) -> Cast:
    return raise_curtain()


@pytest.fixture
def committed(fresh_database: FreshDatabase) -> Cast:
    """The cast in a database where commits are real."""
    return raise_curtain()


@action(Can.ADD_SEATS)
def do_two_things(actor: Actor, subscription: Subscription) -> Subscription:
    record(TWICE, subscription, which=1, on=date(2026, 11, 21))
    record(TWICE, subscription, which=2, price=None, day=date(2026, 11, 21))
    return subscription


def chain(organisation_id: int) -> list[Event]:
    with looking(organisation_id):
        return list(Event.objects.filter(chain=f"c:{organisation_id}").order_by("seq"))


def assert_linked(events: list[Event]) -> None:
    before = ""
    for seq, event in enumerate(events, 1):
        assert (event.seq, event.previous) == (seq, before)
        assert event.hash == hash_of(event), "a line that is read back has the hash that it was written with"
        before = event.hash


def test_every_line_holds_the_hash_of_the_line_before_it(cast: Cast) -> None:
    with inside(cast.camille) as actor:
        do_two_things(actor, cast.subscription)
        grow(actor, cast.subscription, by=1)
    events = chain(cast.nord.pk)
    assert [event.detail.get("which") for event in events] == [1, 2, None]
    assert_linked(events)
    with looking(cast.nord.pk):
        head = Chain.objects.get(chain=f"c:{cast.nord.pk}")
    assert (head.seq, head.hash) == (3, events[-1].hash)


def test_a_line_says_who_did_what_to_which_on_which_day(cast: Cast) -> None:
    with inside(cast.camille) as actor:
        do_two_things(actor, cast.subscription)
    first, second = chain(cast.nord.pk)
    assert first.actor == f"person:{cast.camille.person_id}"
    assert first.by_membership_id == cast.camille.pk
    assert (first.subject, first.subject_number) == (f"subscriptions.subscription:{cast.subscription.pk}", "560000001")
    assert first.contract_id == cast.contract.pk
    assert first.on == date(2026, 11, 21)
    assert second.detail == {"which": 2, "price": None, "day": "2026-11-21"}
    assert "Camille" not in str(first.__dict__), "the log can't be erased, so it holds no name"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("chain", "c:0"),
        ("seq", 7),
        ("kind", "test.other"),
        ("on", date(2020, 2, 29)),
        ("actor", "person:0"),
        ("by_membership_id", 0),
        ("contract_id", None),
        ("subject", "subscriptions.subscription:0"),
        ("subject_number", "560000009"),
        ("detail", {"add": 100}),
        ("previous", "0" * 64),
    ],
)
def test_a_line_that_was_changed_no_longer_has_its_hash(field: str, value: object, cast: Cast) -> None:
    with inside(cast.camille) as actor:
        grow(actor, cast.subscription, by=1)
    (event,) = chain(cast.nord.pk)
    setattr(event, field, value)
    assert event.hash != hash_of(event)


def test_a_line_that_was_moved_in_time_no_longer_has_its_hash(cast: Cast) -> None:
    with inside(cast.camille) as actor:
        grow(actor, cast.subscription, by=1)
    (event,) = chain(cast.nord.pk)
    event.at += timedelta(microseconds=1)
    assert event.hash != hash_of(event)


@pytest.mark.parametrize("sql", ["UPDATE kernel_event SET kind = 'other'", "DELETE FROM kernel_event", "TRUNCATE kernel_event"])
def test_the_log_is_only_added_to(sql: str, cast: Cast) -> None:
    with inside(cast.camille) as actor:
        grow(actor, cast.subscription, by=1)
    with inside(cast.camille), connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute(sql)
    assert kinds_of_events(cast.nord.pk) == ["test.grown"]


def test_sixteen_writers_at_once_make_one_chain(committed: Cast) -> None:
    def write(index: int) -> None:
        with inside(committed.camille, key=str(index)) as actor:
            grow(actor, committed.subscription, by=1)

    assert at_once(MANY, write) == [None] * MANY
    events = chain(committed.nord.pk)
    assert len(events) == MANY
    assert_linked(events)
    assert seats_of(committed.subscription) == 4 + MANY


def test_without_the_lock_on_its_head_a_chain_would_fork(committed: Cast, monkeypatch: Any) -> None:
    other = subscribe(committed.contract, committed.sculpt, "560000003", seats=1, start=date(2026, 4, 10))
    locked, meet = recording._locked_head, meeting(2)

    def unlocked(event: Event) -> Chain:
        head = locked.__globals__["Chain"].objects.filter(chain=event.chain).first()
        meet()
        return head or locked(event)

    with inside(committed.camille) as actor:
        grow(actor, committed.subscription, by=1)
    monkeypatch.setattr(recording, "_locked_head", unlocked)

    def write(index: int) -> None:
        with inside(committed.camille) as actor:
            grow(actor, [committed.subscription, other][index], by=1)

    answers = at_once(2, write)
    assert sorted(type(answer).__name__ for answer in answers) == ["IntegrityError", "NoneType"]
    assert "event_chain_has_no_fork" in str(next(answer for answer in answers if isinstance(answer, IntegrityError)))
    assert_linked(chain(committed.nord.pk))


def test_each_customer_and_each_person_has_a_chain_of_their_own(cast: Cast) -> None:
    with inside(cast.camille) as actor:
        grow(actor, cast.subscription, by=1)
        confirm_language(themselves(cast.camille.person_id), identity.myself(cast.camille.person_id), language="fr")
    with inside(cast.oskar) as actor:
        grow(actor, cast.foreign_subscription, by=1)
        assert [event.chain for event in Event.objects.all()] == [f"c:{cast.est.pk}"]
    with transaction.atomic():
        open_wall(person=cast.camille.person_id)
        assert [event.chain for event in Event.objects.all()] == [f"p:{cast.camille.person_id}"]


def test_nothing_is_recorded_outside_an_action(cast: Cast) -> None:
    with inside(cast.camille), pytest.raises(HouseRule, match="recorded by actions"):
        record(TWICE, cast.subscription)


def test_what_follows_starts_in_the_same_transaction_and_falls_with_it(cast: Cast, monkeypatch: Any) -> None:
    seen: list[int] = []
    monkeypatch.setitem(followers, TWICE.name, [])
    follow(TWICE, lambda event: seen.append(event.pk))
    with inside(cast.camille) as actor:
        do_two_things(actor, cast.subscription)
    assert seen == [event.pk for event in chain(cast.nord.pk)]

    def broken(event: Event) -> None:
        raise ZeroDivisionError

    follow(TWICE, broken)
    with inside(cast.camille) as actor, pytest.raises(ZeroDivisionError):
        do_two_things(actor, cast.subscription)
    assert len(chain(cast.nord.pk)) == 2
