"""Places where a test can make the program fail: all listed, all in the code, and at each the transaction leaves nothing."""

import json
import re
import signal
import subprocess
import sys
import time
from io import StringIO

import pytest
from django.core.management import call_command

from comptoir.kernel.failpoints import POINTS, FailpointRaised, failpoint, problem_with
from comptoir.kernel.models import Event
from tests.cast import Cast, raise_curtain
from tests.sources import product_files

from .stage import grow, inside, keys_of, kinds_of_events, looking, seats_of

DOOR = ["door.claimed", "door.locked", "door.acted", "door.recorded"]


@pytest.fixture
def cast(db: None) -> Cast:
    return raise_curtain()


def test_the_list_is_what_is_in_the_code() -> None:
    in_code = {name for path in product_files() for name in re.findall(r'failpoint\("([a-z_.]+)"\)', path.read_text())}
    assert in_code == set(POINTS)


def test_a_point_that_is_not_armed_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMPTOIR_FAILPOINT", raising=False)
    failpoint("door.acted")
    monkeypatch.setenv("COMPTOIR_FAILPOINT", "door.locked:raise")
    failpoint("door.acted")


def test_a_name_that_is_not_listed_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPTOIR_FAILPOINT", "door.acted:raise")
    with pytest.raises(KeyError):
        failpoint("door.unheard_of")


def test_a_point_raises_stalls_or_kills(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPTOIR_FAILPOINT", "door.acted:raise")
    with pytest.raises(FailpointRaised, match="its events are not written"):
        failpoint("door.acted")
    monkeypatch.setenv("COMPTOIR_FAILPOINT", "door.acted:sleep0.05")
    began = time.monotonic()
    failpoint("door.acted")
    assert time.monotonic() - began >= 0.05
    code = "from comptoir.kernel.failpoints import failpoint; failpoint('door.acted')"
    monkeypatch.setenv("COMPTOIR_FAILPOINT", "door.acted:kill")
    killed = subprocess.run([sys.executable, "-c", code], check=False)
    assert killed.returncode == -signal.SIGKILL


@pytest.mark.parametrize("point", DOOR)
def test_a_verb_that_fails_at_any_point_of_the_door_leaves_nothing(
    point: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPTOIR_FAILPOINT", f"{point}:raise")
    with inside(cast.camille, key="k") as actor, pytest.raises(FailpointRaised):
        grow(actor, cast.subscription, by=1)
    assert seats_of(cast.subscription) == 4
    assert kinds_of_events(cast.nord.pk) == keys_of(cast.nord.pk) == []
    monkeypatch.delenv("COMPTOIR_FAILPOINT")
    with inside(cast.camille, key="k") as actor:
        grow(actor, cast.subscription, by=1)
    assert seats_of(cast.subscription) == 5
    with looking(cast.nord.pk):
        assert Event.objects.count() == 1


@pytest.mark.parametrize("armed", ["door.acted:kill", "door.acted:raise", "door.acted:sleep5", "door.acted:sleep0.5"])
def test_what_arms_a_point_is_accepted(armed: str) -> None:
    assert problem_with(armed) is None


@pytest.mark.parametrize("armed", ["door.acted", "door.acted:", "door.acted:explode", "door.acted:sleep", "door:kill", ":kill"])
def test_what_arms_nothing_is_told_in_a_sentence(armed: str) -> None:
    told = problem_with(armed)
    assert told is not None
    assert told.startswith("COMPTOIR_FAILPOINT")


def test_the_command_lists_every_point_with_what_has_happened() -> None:
    out = StringIO()
    call_command("failpoints", json=True, stdout=out)
    assert {point["name"]: point["meaning"] for point in json.loads(out.getvalue())} == POINTS
    out = StringIO()
    call_command("failpoints", stdout=out)
    assert [line.split()[0] for line in out.getvalue().splitlines()] == list(POINTS)
