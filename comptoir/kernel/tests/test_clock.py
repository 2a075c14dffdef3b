"""`comptoir clock`: shown to everybody, moved forward by the operator, in a sandbox."""

import json
from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from comptoir.kernel.clock import business_day
from comptoir.kernel.models import Event, House
from tests.owner import own_database


@pytest.fixture
def house(django_db_blocker: Any) -> Iterator[None]:
    """A house on 2026-11-21."""
    with django_db_blocker.unblock(), own_database("clock"):
        House.objects.update(business_day=date(2026, 11, 21))
        yield


def clock(*arguments: str) -> str:
    out = StringIO()
    call_command("clock", *arguments, stdout=out)
    return out.getvalue()


def test_the_day_is_shown_and_nothing_moves(house: None) -> None:
    assert clock("show") == "2026-11-21 (the sandbox's clock)\n"
    assert json.loads(clock("show", "--json")) == {"business_day": "2026-11-21", "sandbox_clock": True}
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "after"),
    [
        ([], "2026-11-22"),
        (["--days", "10"], "2026-12-01"),
        (["--to", "2027-04-10"], "2027-04-10"),
        (["--to", "2026-11-21"], None),
    ],
)
def test_it_goes_forward_and_the_log_says_so(house: None, arguments: list[str], after: str | None) -> None:
    clock("advance", *arguments)
    assert business_day().isoformat() == (after or "2026-11-21")
    told = Event.objects.get(kind="clock.moved")
    assert (told.chain, told.detail["before"], told.detail["to"]) == ("h", "2026-11-21", after or "2026-11-21")


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["advance", "--to", "2026-11-20"], 1, "forward only"),
        (["advance", "--to", "2136-11-20"], 1, "ten years"),
        (["advance", "--days", "0"], 2, "from 1 to 3660"),
        (["advance", "--days", "999999999999"], 2, "from 1 to 3660"),
        (["advance", "--to", "soon"], 1, "is not a day"),
        (["show", "--days", "3"], 2, "advance"),
        (["back"], 1, "invalid choice"),
    ],
)
def test_what_can_not_be_is_said_and_nothing_moves(house: None, arguments: list[str], status: int, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence) as refusal:
        clock(*arguments)
    assert refusal.value.returncode == status
    assert business_day() == date(2026, 11, 21)
    assert not Event.objects.exists()


def test_in_production_it_follows_the_calendar_and_can_not_be_moved(house: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SANDBOX", False)
    assert json.loads(clock("show", "--json"))["sandbox_clock"] is False
    with pytest.raises(CommandError, match="sandbox only"):
        clock("advance", "--to", "2126-01-01")
    assert House.objects.get().business_day == date(2026, 11, 21)
