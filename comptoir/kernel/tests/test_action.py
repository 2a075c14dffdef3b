"""The door: allowed, once, one transaction, locked and re-read, recorded. Guards are also switched off, to see what they hold."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import models

from comptoir.identity import queries as identity
from comptoir.identity.actions import confirm_language
from comptoir.kernel import action as door
from comptoir.kernel.action import action, plain, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.errors import HouseRule, Refused
from comptoir.kernel.gate import themselves
from comptoir.kernel.recording import record
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, raise_curtain

from .stage import GROWN, at_once, grow, inside, keys_of, kinds_of_events, meeting, seats_of, stepped_up

MANY = 32


@pytest.fixture
def cast(db: None) -> Cast:
    return raise_curtain()


@pytest.fixture
def committed(fresh_database: FreshDatabase) -> Cast:
    """The cast in a database where commits are real."""
    return raise_curtain()


@step
def add_one(subscription: Subscription) -> None:
    subscription.seats_now += 1
    subscription.save(update_fields=["seats_now"])


@action(Can.ADD_SEATS)
def grow_silently(actor: Actor, subscription: Subscription) -> Subscription:
    add_one(subscription)
    return subscription


@action(Can.ADD_SEATS)
def grow_and_break(actor: Actor, subscription: Subscription) -> Subscription:
    add_one(subscription)
    record(GROWN, subscription)
    raise ZeroDivisionError


@action(Can.ADD_SEATS)
def grow_twice(actor: Actor, subscription: Subscription) -> Subscription:
    grow(actor, subscription, by=1)
    return grow(actor, subscription, by=1)


@action(Can.ADD_SEATS, step_up=True)
def grow_gravely(actor: Actor, subscription: Subscription) -> Subscription:
    add_one(subscription)
    record(GROWN, subscription)
    return subscription


# --- allowed -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["pierre", "sofia", "anton", "rita", "emil"])
def test_who_may_not_is_refused_and_nothing_changes(name: str, cast: Cast) -> None:
    with inside(getattr(cast, name), key="k") as actor, pytest.raises(Refused) as refusal:
        grow(actor, cast.subscription, by=1)
    assert (refusal.value.code, refusal.value.status) == ("not_allowed", 403)
    assert seats_of(cast.subscription) == 4
    assert kinds_of_events(cast.nord.pk) == keys_of(cast.nord.pk) == []


def test_a_manager_of_one_contract_may_there_and_only_there(cast: Cast) -> None:
    with inside(cast.camille):
        Subscription.objects.filter(pk=cast.subscription.pk).update(contract_id=cast.second_contract.pk)
        moved = Subscription.objects.get(pk=cast.subscription.pk)
    with inside(cast.anton) as actor:
        grow(actor, moved, by=1)
    assert seats_of(cast.subscription) == 5


def test_the_contract_is_looked_at_again_under_the_lock(cast: Cast) -> None:
    stale = Subscription(pk=cast.subscription.pk, organisation_id=cast.nord.pk, contract_id=cast.second_contract.pk)
    with inside(cast.anton) as actor, pytest.raises(Refused) as refusal:
        grow(actor, stale, by=1)
    assert refusal.value.code == "not_allowed"
    assert seats_of(cast.subscription) == 4


def test_what_another_customer_owns_does_not_exist(cast: Cast) -> None:
    with inside(cast.oskar) as actor, pytest.raises(ObjectDoesNotExist):
        grow(actor, cast.subscription, by=1)
    assert seats_of(cast.subscription) == 4


def test_a_person_about_themselves_reaches_no_customers_row(cast: Cast) -> None:
    with inside(cast.camille), pytest.raises(ObjectDoesNotExist):
        grow(themselves(cast.camille.person_id), cast.subscription, by=1)
    assert seats_of(cast.subscription) == 4


def test_a_member_changes_nobody_elses_person(cast: Cast) -> None:
    with inside(cast.camille) as actor:
        emil = identity.myself(cast.emil.person_id)
        for who in (actor, themselves(cast.camille.person_id)):
            with pytest.raises(ObjectDoesNotExist):
                confirm_language(who, emil, language="fr")
        assert identity.myself(cast.emil.person_id).language == "en"


def test_with_every_wall_down_the_other_customers_seats_grow(
    committed: Cast, fresh_database: FreshDatabase, monkeypatch: Any
) -> None:
    monkeypatch.setattr(door, "_allow", lambda *_, **__: None)
    with inside(committed.oskar) as actor, pytest.raises(ObjectDoesNotExist):
        grow(actor, committed.subscription, by=1)  # the second wall holds alone
    with psycopg.connect(fresh_database.owner_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE subscriptions_subscription DISABLE ROW LEVEL SECURITY")
    with inside(committed.oskar) as actor, pytest.raises(Exception, match=r"row-level security.*subscriptions_tally"):
        grow(actor, committed.subscription, by=1)  # the wall of what is kept of them holds
    with psycopg.connect(fresh_database.owner_url, autocommit=True) as owner:
        for table in ("subscriptions_tally", "subscriptions_occupancy"):
            owner.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY".encode())
    with inside(committed.oskar) as actor, pytest.raises(Exception, match=r"row-level security.*kernel_"):
        grow(actor, committed.subscription, by=1)  # the log's wall holds
    with psycopg.connect(fresh_database.owner_url, autocommit=True) as owner:
        for table in ("kernel_event", "kernel_chain"):
            owner.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY".encode())
    with inside(committed.oskar) as actor:
        grow(actor, committed.subscription, by=1)
    assert seats_of(committed.subscription) == 5


# --- step up -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ago", [None, timedelta(minutes=15, seconds=1)])
def test_a_grave_verb_wants_a_fresh_proof_of_who_one_is(ago: timedelta | None, cast: Cast) -> None:
    with inside(cast.camille) as actor, pytest.raises(Refused) as refusal:
        grow_gravely(stepped_up(actor, None if ago is None else now() - ago), cast.subscription)
    assert (refusal.value.code, refusal.value.status) == ("step_up_needed", 403)
    assert seats_of(cast.subscription) == 4


def test_with_a_fresh_proof_a_grave_verb_runs(cast: Cast) -> None:
    with inside(cast.camille) as actor:
        grow_gravely(stepped_up(actor, now() - timedelta(minutes=14)), cast.subscription)
    assert seats_of(cast.subscription) == 5


def test_without_the_guard_no_proof_is_asked_for(cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(door, "STEP_UP_FOR", timedelta(days=36_500))
    with inside(cast.camille) as actor:
        grow_gravely(stepped_up(actor, now() - timedelta(days=1)), cast.subscription)
    assert seats_of(cast.subscription) == 5


# --- once ----------------------------------------------------------------------------------------------------------------


def test_the_twin_of_a_request_gets_the_first_result(cast: Cast) -> None:
    with inside(cast.camille, key="k") as actor:
        first, twin = grow(actor, cast.subscription, by=1), grow(actor, cast.subscription, by=1)
    assert first.pk == twin.pk
    assert seats_of(cast.subscription) == 5
    assert kinds_of_events(cast.nord.pk) == ["test.grown"]


def test_a_key_cannot_serve_two_requests(cast: Cast) -> None:
    with inside(cast.camille, key="k") as actor:
        grow(actor, cast.subscription, by=1)
        with pytest.raises(Refused) as refusal:
            grow(actor, cast.subscription, by=2)
    assert (refusal.value.code, refusal.value.status) == ("request_key_reused", 422)
    assert seats_of(cast.subscription) == 5


def test_a_key_is_of_one_actor_in_one_customer(cast: Cast) -> None:
    with inside(cast.camille, key="k") as actor:
        grow(actor, cast.subscription, by=1)
    with inside(cast.oskar, key="k") as actor:
        grow(actor, cast.foreign_subscription, by=3)
    with inside(cast.camille) as actor:
        colleague = Actor(**{**_parts(actor), "id": cast.emil.person_id, "request_key": "k"})
        grow(colleague, cast.subscription, by=1)
    assert (seats_of(cast.subscription), seats_of(cast.foreign_subscription)) == (6, 10)


def test_a_refused_request_leaves_its_key_free(cast: Cast) -> None:
    with inside(cast.camille, key="k") as actor:
        with pytest.raises(ZeroDivisionError):
            grow_and_break(actor, cast.subscription)
        grow(actor, cast.subscription, by=1)
    assert seats_of(cast.subscription) == 5


def test_thirty_two_twins_at_once_have_one_effect_and_one_answer(committed: Cast) -> None:
    def send(_: int) -> int:
        with inside(committed.camille, key="k") as actor:
            return int(grow(actor, committed.subscription, by=1).pk)

    assert at_once(MANY, send) == [committed.subscription.pk] * MANY
    assert seats_of(committed.subscription) == 5
    assert kinds_of_events(committed.nord.pk) == ["test.grown"]


def test_without_the_claim_a_twin_acts_again(cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(door, "_claimed", lambda *_: True)
    with inside(cast.camille, key="k") as actor:
        grow(actor, cast.subscription, by=1)
        grow(actor, cast.subscription, by=1)
    assert seats_of(cast.subscription) == 6


# --- one transaction, locked, re-read --------------------------------------------------------------------------------------


def test_what_breaks_half_way_leaves_nothing(committed: Cast) -> None:
    with pytest.raises(ZeroDivisionError), inside(committed.camille, key="k") as actor:
        grow_and_break(actor, committed.subscription)
    assert seats_of(committed.subscription) == 4
    assert kinds_of_events(committed.nord.pk) == keys_of(committed.nord.pk) == []


def test_the_verb_sees_the_row_as_it_is_now(cast: Cast) -> None:
    stale = cast.subscription
    with inside(cast.camille) as actor:
        grow(actor, stale, by=1)
        assert stale.seats_now == 4
        assert grow(actor, stale, by=1).seats_now == 6


def test_two_at_once_come_one_after_the_other(committed: Cast) -> None:
    assert _grow_twice_at_once(committed) == 6


def test_without_the_lock_one_of_two_is_lost(committed: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(models.QuerySet, "select_for_update", lambda rows, **_: rows)
    monkeypatch.setattr(door, "_locking", door._locking.__wrapped__)  # the query that was made with the lock
    assert _grow_twice_at_once(committed) == 5


# --- recorded ------------------------------------------------------------------------------------------------------------


def test_what_is_not_recorded_is_not_done(cast: Cast) -> None:
    with inside(cast.camille) as actor, pytest.raises(HouseRule, match="recorded no event"):
        grow_silently(actor, cast.subscription)
    assert seats_of(cast.subscription) == 4


def test_an_action_inside_an_action_is_a_bug_and_changes_nothing(cast: Cast) -> None:
    with inside(cast.camille) as actor, pytest.raises(HouseRule, match="inside an action"):
        grow_twice(actor, cast.subscription)
    assert seats_of(cast.subscription) == 4
    assert kinds_of_events(cast.nord.pk) == []


def test_a_step_runs_inside_an_action_only(cast: Cast) -> None:
    with inside(cast.camille), pytest.raises(HouseRule, match="is a step"):
        add_one(cast.subscription)
    assert seats_of(cast.subscription) == 4


def test_a_verb_takes_its_arguments_by_name(cast: Cast) -> None:
    with inside(cast.camille) as actor, pytest.raises(HouseRule, match="by name"):
        grow(actor, cast.subscription, 1)  # type: ignore[misc]


def test_the_door_is_free_again_after_a_refusal(cast: Cast) -> None:
    with inside(cast.camille) as actor:
        with pytest.raises(HouseRule):
            grow_silently(actor, cast.subscription)
        grow(actor, cast.subscription, by=1)
    assert seats_of(cast.subscription) == 5


@pytest.mark.parametrize("value", [1.5, b"bytes", {1}, object()])
def test_what_cannot_be_stored_is_no_argument(value: object) -> None:
    with pytest.raises(HouseRule, match="can't be stored"):
        plain({"value": value})


def test_an_order_of_arguments_makes_no_different_request(cast: Cast) -> None:
    actor, subscription = Actor.operator(), cast.subscription
    told = [door._fingerprint(actor, "v", subscription, arguments) for arguments in ({"a": 1, "b": 2}, {"b": 2, "a": 1})]
    assert told[0] == told[1]
    assert told[0] != door._fingerprint(actor, "v", cast.subscription, {"a": 1, "b": 3})
    assert told[0] != door._fingerprint(actor, "v", cast.foreign_subscription, {"a": 1, "b": 2})
    # the same wish previewed again is the same request
    assert told[0] == door._fingerprint(actor, "v", cast.subscription, {"a": 1, "b": 2, "quote": "another"})
    assert told[0] == door._fingerprint(actor, "v", cast.subscription, {"a": 1, "b": 2, "on": TODAY})


def _grow_twice_at_once(cast: Cast) -> int:
    meet = meeting(2)

    def send(_: int) -> None:
        with inside(cast.camille) as actor:
            grow(actor, cast.subscription, by=1, then=meet)

    assert at_once(2, send) == [None, None]
    return seats_of(cast.subscription)


def _parts(actor: Actor) -> dict[str, Any]:
    return {name: getattr(actor, name) for name in Actor.__dataclass_fields__}
