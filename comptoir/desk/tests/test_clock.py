"""The sandbox's clock in the browser: forward, day by day, found again where one left it; production has none."""

import os
import subprocess
import sys
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from comptoir.kernel import nightly
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.models import Event, House, NightRun
from comptoir.kernel.walls import wall_opened
from tests.cast import TODAY, Cast, at_desk, raise_curtain, signed_in, staff_member, words_of
from tests.sources import CHECKOUT

pytestmark = pytest.mark.django_db
CLOCK = "/sandbox/clock/"


@pytest.fixture
def cast(monkeypatch: pytest.MonkeyPatch) -> Cast:
    monkeypatch.setattr(nightly, "PARTS", {})
    return raise_curtain()


def run_nights() -> None:
    """What the workers do with the nights that wait; nobody has anything to do."""
    nightly.night(Actor.job("kernel.night", None))


def test_whoever_is_signed_in_moves_it_and_the_days_follow(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    assert "It is 21 November 2026, for everybody in this sandbox." in words_of(camille.get(CLOCK))
    answer = camille.post(CLOCK, {"to": "2026-12-01", "request_key": "k"}, follow=True)
    said = words_of(answer)
    assert "It is 21 November 2026, on the way to 1 December 2026." in said
    assert "Nights 0 of 11" in said
    run_nights()
    # she left the page and comes back: it is finished
    said = words_of(camille.get(CLOCK))
    assert "It is 1 December 2026, for everybody in this sandbox." in said
    assert business_day() == date(2026, 12, 1)
    with wall_opened(house=True):
        told = Event.objects.get(kind="clock.moved")
    assert (told.chain, told.actor, told.detail["to"]) == ("h", f"person:{cast.camille.person_id}", "2026-12-01")


def test_the_progress_is_asked_for_again_only_while_nights_run(cast: Cast) -> None:
    camille = signed_in(cast.camille)
    camille.post(CLOCK, {"to": "2026-11-22"})
    fragment = camille.get(CLOCK, headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 1s"' in fragment
    assert "<html" not in fragment
    run_nights()
    fragment = camille.get(CLOCK, headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in fragment


@pytest.mark.parametrize(
    ("to", "said"), [("2026-11-20", "forward only"), ("2136-01-01", "ten years"), ("soon", "Give a day such as")]
)
def test_what_can_not_be_is_said_and_nothing_moves(cast: Cast, to: str, said: str) -> None:
    answer = signed_in(cast.camille).post(CLOCK, {"to": to})
    assert answer.status_code == 422
    assert said in words_of(answer)
    assert not NightRun.objects.exists()
    assert House.objects.get().business_day == TODAY


def test_two_tabs_have_one_effect(cast: Cast) -> None:
    camille, oskar = signed_in(cast.camille), signed_in(cast.oskar)
    for client in (camille, oskar):
        assert client.post(CLOCK, {"to": "2026-11-24", "request_key": "k"}).status_code == 302
    assert [run.day for run in NightRun.objects.order_by("day")] == [TODAY + timedelta(days=ahead) for ahead in range(4)]


def test_a_stranger_signs_in_first_and_staff_may_too(cast: Cast) -> None:
    assert Client().get(CLOCK).headers["Location"].startswith("/sign-in/")
    said = words_of(at_desk(staff_member("Fiona", "Lenoir", "finance")).get(CLOCK))
    assert "The sandbox’s clock" in said
    assert "Customers" in said, "the navigation of the desk"


def test_the_strip_of_the_sandbox_leads_there(cast: Cast) -> None:
    assert f'<a href="{CLOCK}">business day 21 November 2026</a>' in signed_in(cast.camille).get("/c/5200001/").content.decode()


def test_production_has_no_such_address() -> None:
    code = (
        "import django; django.setup(); from django.urls import reverse, NoReverseMatch, resolve, Resolver404\n"
        "try:\n    reverse('sandbox_clock')\nexcept NoReverseMatch:\n    pass\nelse:\n    raise SystemExit('it has a name')\n"
        "try:\n    resolve('/sandbox/clock/')\nexcept Resolver404:\n    pass\nelse:\n    raise SystemExit('it has an address')\n"
        "resolve('/desk/')"
    )
    environment: dict[str, Any] = {**os.environ, "COMPTOIR_MODE": "production", "DJANGO_SETTINGS_MODULE": "comptoir.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
