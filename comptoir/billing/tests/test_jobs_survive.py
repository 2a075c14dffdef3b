"""Workers that die anywhere: afterwards every charge and refund was made once, by the provider's own books."""

import secrets
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from comptoir.billing.adapters.sandbox import Sandbox
from comptoir.billing.models import Refund, SandboxCharge, SandboxRefund
from comptoir.billing.ports import ABSENT
from comptoir.kernel.failpoints import POINTS
from comptoir.kernel.tests.stage import work
from conftest import FreshDatabase
from tests.cast import Cast, raise_curtain

from .paying import POOR, billed, charged, credit, give, looking, open_of, pay, run_jobs, states, switched, taken_in

CHARGING = [point for point in POINTS if point.startswith("charge.") or point in {"provider.charged", "job.started", "job.done"}]
REFUNDING = [point for point in POINTS if point.startswith("refund.")]
Owner = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def owner(fresh_database: FreshDatabase) -> Iterator[Owner]:
    with psycopg.connect(fresh_database.owner_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def cast(fresh_database: FreshDatabase) -> Cast:
    cast = raise_curtain()
    switched(tells_nothing=-1)  # what is not noted must be found without a note
    return cast


def given_back(owner: Owner) -> None:
    """What the house does with the jobs of a dead worker, without the minute that it waits."""
    owner.execute("UPDATE procrastinate_jobs SET status = 'todo', worker_id = NULL, scheduled_at = NULL WHERE status = 'doing'")


def until_done(database: FreshDatabase, owner: Owner) -> None:
    """Workers run until nothing is left; what waits for its next try does not wait."""
    for _ in range(5):
        given_back(owner)
        owner.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
        ended = work(database.app_url)
        assert ended.returncode == 0, ended.stderr
        left = owner.execute("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')").fetchone()
        if left == (0,):
            return
    raise AssertionError("the jobs don't come to an end")


@pytest.mark.parametrize("point", CHARGING)
def test_a_worker_killed_while_it_charges_leaves_every_charge_made_once(
    point: str, cast: Cast, owner: Owner, fresh_database: FreshDatabase
) -> None:
    bills = [billed(cast.camille, cast.subscription, key=key) for key in ("1", "2")]
    for bill, method in zip(bills, (give(cast), give(cast, POOR)), strict=True):
        pay(cast.camille, bill, method)
    killed = work(fresh_database.app_url, COMPTOIR_FAILPOINT=f"{point}:kill")
    assert killed.returncode == -9, killed.stderr
    until_done(fresh_database, owner)
    assert sorted(states(cast)) == ["declined", "succeeded"]
    assert charged() == taken_in(cast) == [bills[0].total_minor]
    assert SandboxCharge.objects.count() == 2
    assert (open_of(cast, bills[0]), open_of(cast, bills[1])) == (0, bills[1].total_minor)


@pytest.mark.parametrize("point", REFUNDING)
def test_a_worker_killed_while_it_gives_back_leaves_every_refund_made_once(
    point: str, cast: Cast, owner: Owner, fresh_database: FreshDatabase
) -> None:
    bill = billed(cast.camille, cast.subscription)
    pay(cast.camille, bill, give(cast))
    run_jobs()
    credit(cast, bill)
    killed = work(fresh_database.app_url, COMPTOIR_FAILPOINT=f"{point}:kill")
    assert killed.returncode == -9, killed.stderr
    until_done(fresh_database, owner)
    with looking(cast):
        assert list(Refund.objects.values_list("state", "amount_minor")) == [("succeeded", bill.total_minor)]
    assert list(SandboxRefund.objects.values_list("amount_minor", flat=True)) == [bill.total_minor]
    assert open_of(cast, bill) == 0


def test_without_its_key_a_charge_would_be_made_twice(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: where the key is not the same each time and nothing is looked up, the provider charges again."""
    asked = Sandbox.charge
    monkeypatch.setattr(Sandbox, "look_up", lambda _self, wanted: [ABSENT for _ in wanted])
    monkeypatch.setattr(
        Sandbox, "charge", lambda self, wanted: asked(self, [replace(each, reference=secrets.token_hex(8)) for each in wanted])
    )
    switched(loses_answers=1)
    bill = billed(cast.camille, cast.subscription)
    pay(cast.camille, bill, give(cast))
    assert run_jobs() == ["billing.charge"]
    run_jobs()
    assert charged() == [bill.total_minor] * 2
