"""Verbs about money, renewals, accounts and the house, killed and broken off as all others are."""

from collections.abc import Iterator
from signal import SIGKILL
from typing import Any

import psycopg
import pytest
from django.db import connection

from comptoir.kernel.action import VERBS
from comptoir.kernel.failpoints import FailpointRaised
from tests.forking import forked
from tests.owner import OwnDatabase, logged_in, own_database
from tests.test_verbs_survive import DONE, DOOR, KEY, everything, rolled_back
from tests.tried import Stage, called
from tests.verbs import CALLS
from tests.verbs_of_money import MORE, NOT_CALLED_HERE, set_up_more

pytestmark = pytest.mark.deep  # takes minutes


@pytest.fixture(scope="module")
def own(django_db_blocker: Any) -> Iterator[OwnDatabase]:
    """A database for all of them: what is broken off leaves nothing, what is done is rolled back."""
    with django_db_blocker.unblock(), own_database("verbs_of_money") as made, logged_in(made.app_url):
        yield made


@pytest.fixture(scope="module")
def stage(own: OwnDatabase) -> Stage:
    return set_up_more()


@pytest.fixture(scope="module")
def owner(own: OwnDatabase, stage: Stage) -> Iterator[Any]:
    """The owner's eyes on what is committed, past all walls."""
    with psycopg.connect(own.owner_url, autocommit=True) as connected:
        yield connected


@pytest.fixture(scope="module")
def before(owner: Any) -> str:
    return everything(owner)


def done(stage: Stage, name: str) -> None:
    """Call it, and commit."""
    with called(stage, name, MORE[name], f"{KEY} for {name}") as call:
        call()


def test_no_verb_is_left_out(stage: Stage) -> None:
    of_tests = {name for name, verb in VERBS.items() if ".tests." in verb.run.__module__}
    assert set(VERBS) - of_tests == set(CALLS) | set(MORE) | NOT_CALLED_HERE
    assert not set(MORE) & (set(CALLS) | NOT_CALLED_HERE)


@pytest.mark.parametrize("name", MORE)
def test_broken_off_it_leaves_nothing_and_sent_twice_it_is_done_once(
    name: str, stage: Stage, owner: Any, before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as armed:
        armed.setenv("COMPTOIR_FAILPOINT", f"{DONE}:raise")
        with pytest.raises(FailpointRaised):
            done(stage, name)
    assert everything(owner) == before
    with rolled_back(), called(stage, name, MORE[name], KEY) as call:
        untouched, first = everything(connection), call()
        after, twin = everything(connection), call()
        assert after != untouched
        assert (twin, everything(connection)) == (first, after)


@pytest.mark.parametrize("point", DOOR)
@pytest.mark.parametrize("name", MORE)
def test_killed_anywhere_at_the_door_a_verb_leaves_nothing(
    name: str, point: str, stage: Stage, own: OwnDatabase, owner: Any, before: str
) -> None:
    killed = forked(lambda: done(stage, name), own.app_url, COMPTOIR_FAILPOINT=f"{point}:kill")
    assert killed.returncode == -SIGKILL, killed.stderr
    assert everything(owner) == before
