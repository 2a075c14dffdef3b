"""Every verb about people, seats, licences, releases and products that sign in, broken off, and sent twice.

What the door does is shown for one verb in the kernel's tests. Here each is seen to keep to it: it leaves no trace in any table
when it ends with all its work done but for the commit, does nothing more when the same request comes again, and after all of
them `comptoir verify` finds nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from signal import SIGKILL
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, transaction

from comptoir.kernel.action import VERBS
from comptoir.kernel.errors import HouseRule, Refused
from comptoir.kernel.failpoints import POINTS, FailpointRaised
from comptoir.kernel.verifying import verify
from tests.forking import forked
from tests.owner import OwnDatabase, logged_in, own_database
from tests.tried import Stage, called, set_up
from tests.verbs import CALLS, CONTEXTS

KEY = "the same request"
TWICE = "organisations.read_people_list"
DONE = "door.recorded"  # all of it is done, nothing is committed
DOOR = [point for point in POINTS if point.startswith("door.")]
# killed each time; the others by `make deep`, at every point of the door
KILLED = (
    "directory.register_application",
    "downloads.assign_update",
    "entitlements.change_bundle",
    "entitlements.choose_benefits",
    "entitlements.make_key",
    "entitlements.revoke_file",
    "organisations.hand_over",
    "subscriptions.set_sharing",
)


@pytest.fixture(scope="module")
def own(django_db_blocker: Any) -> Iterator[OwnDatabase]:
    """A database for all of them: what is broken off leaves nothing, what is done is rolled back."""
    with django_db_blocker.unblock(), own_database("verbs") as made, logged_in(made.app_url):
        yield made


@pytest.fixture(scope="module")
def stage(own: OwnDatabase) -> Stage:
    return set_up()


@pytest.fixture(scope="module")
def owner(own: OwnDatabase, stage: Stage) -> Iterator[Any]:
    """The owner's eyes on what is committed, past all walls."""
    with psycopg.connect(own.owner_url, autocommit=True) as connected:
        yield connected


@pytest.fixture(scope="module")
def before(owner: Any) -> str:
    return everything(owner)


def everything(seen: Any) -> str:
    """Every table that can be seen: how many rows, and a figure that changes with any of them."""
    with seen.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        counted = "SELECT '{0}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {0} t"
        cursor.execute(" UNION ALL ".join(counted.format(name) for (name,) in cursor.fetchall()))
        return repr(sorted(cursor.fetchall()))


@contextmanager
def rolled_back() -> Iterator[None]:
    """A transaction of which nothing stays."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def done(stage: Stage, name: str) -> None:
    """Call it, and commit."""
    with called(stage, name, CALLS[name], f"{KEY} for {name}") as call:
        call()


def test_no_verb_of_these_contexts_is_left_out(stage: Stage) -> None:
    assert {name for name in VERBS if name.partition(".")[0] in CONTEXTS} - set(CALLS) == set()
    assert set(KILLED) <= set(CALLS)
    assert len(CALLS) > 90


@pytest.mark.parametrize("name", CALLS)
def test_broken_off_it_leaves_nothing_and_sent_twice_it_is_done_once(
    name: str, stage: Stage, owner: Any, before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as armed:
        armed.setenv("COMPTOIR_FAILPOINT", f"{DONE}:raise")
        with pytest.raises(FailpointRaised):
            done(stage, name)
    assert everything(owner) == before
    with rolled_back(), called(stage, name, CALLS[name], KEY) as call:
        untouched, first = everything(connection), call()
        after, twin = everything(connection), call()
        assert after != untouched
        assert (twin, everything(connection)) == (first, after)


@pytest.mark.parametrize("name", KILLED)
def test_killed_a_verb_leaves_nothing(name: str, stage: Stage, own: OwnDatabase, owner: Any, before: str) -> None:
    killed = forked(lambda: done(stage, name), own.app_url, COMPTOIR_FAILPOINT=f"{DONE}:kill")
    assert killed.returncode == -SIGKILL, killed.stderr
    assert everything(owner) == before


@pytest.mark.deep  # takes minutes
@pytest.mark.parametrize("point", DOOR)
@pytest.mark.parametrize("name", CALLS)
def test_killed_anywhere_at_the_door_a_verb_leaves_nothing(
    name: str, point: str, stage: Stage, own: OwnDatabase, owner: Any, before: str
) -> None:
    killed = forked(lambda: done(stage, name), own.app_url, COMPTOIR_FAILPOINT=f"{point}:kill")
    assert killed.returncode == -SIGKILL, killed.stderr
    assert everything(owner) == before


def test_without_the_key_the_same_request_is_done_twice(stage: Stage, owner: Any, before: str) -> None:
    with rolled_back(), called(stage, TWICE, CALLS[TWICE], "") as call:
        assert call() != call()
    assert everything(owner) == before


def test_a_row_that_is_left_behind_is_noticed(own: OwnDatabase, stage: Stage, owner: Any, before: str) -> None:
    with psycopg.connect(own.owner_url) as other:
        other.execute("UPDATE identity_person SET language = 'fr' WHERE language = 'en'")
        assert everything(other) != before
        other.rollback()
    assert everything(owner) == before


def test_after_all_verbs_one_after_the_other_nothing_is_wrong(own: OwnDatabase, stage: Stage) -> None:
    with logged_in(own.owner_url), rolled_back():
        known, refused = _wrong(), []
        for name in reversed(CALLS):
            try:
                with transaction.atomic():
                    done(stage, name)
            except (Refused, HouseRule, ObjectDoesNotExist):  # a verb before has taken away what it is about
                refused.append(name)
        assert len(refused) < len(CALLS) / 3, refused
        assert {check: found for check, found in _wrong().items() if found > known.get(check, 0)} == {}


def _wrong() -> dict[str, int]:
    return {verdict.name: verdict.violations for verdict in verify() if verdict.violations}
