"""Killed where something comes from outside: a payment method, a provider's note, its books, a line of the bank's."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from comptoir.billing.actions.bank import import_statement
from comptoir.billing.actions.methods import ask_for_method
from comptoir.billing.adapters import sandbox_books
from comptoir.billing.models import (
    Finding,
    MethodSetup,
    PaymentMethod,
    ProviderEvent,
    Reconciliation,
    SandboxCharge,
    SandboxSetup,
    StatementLine,
)
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.house import the_house
from comptoir.kernel.jobs import enqueue
from comptoir.kernel.tests.stage import inside, work
from comptoir.kernel.walls import wall_opened
from conftest import FreshDatabase
from tests.cast import TODAY, Cast
from tests.forking import forked

from .paying import GOOD, billed, deliver, give, looking, open_of, pay, run_jobs, states, switched, taken_in
from .test_jobs_bank import statement
from .test_jobs_survive import Owner, cast, owner, until_done

__all__ = ["cast", "owner"]
After = Callable[[], None]


def _method(cast: Cast) -> After:
    """Somebody gives a card on the provider's page, while our job dies that had asked for the page."""
    with inside(cast.camille) as actor:
        ask_for_method(replace(actor, stepped_up_at=now()), cast.nord, kind="card", on=TODAY)

    def after() -> None:
        with looking(cast):
            assert list(MethodSetup.objects.values_list("state", flat=True)) == ["done"]
            assert PaymentMethod.objects.count() == SandboxSetup.objects.count() == 1

    return after


def _books(cast: Cast) -> After:
    """A charge that nobody asked for stands in the provider's books."""
    pay(cast.camille, billed(cast.camille, cast.subscription), give(cast))
    run_jobs()
    row = SandboxCharge.objects.get()
    row.pk, row.ref, row.key, row.metadata = None, "ch_x", "x", {}
    row.save()
    enqueue("billing.compare_books", provider="sandbox", day=TODAY.isoformat())

    def after() -> None:
        assert list(Finding.objects.values_list("kind", flat=True)) == ["unknown"]
        assert Reconciliation.objects.filter(day=TODAY).count() == 1

    return after


def _statement(cast: Cast) -> After:
    """A transfer names its invoice."""
    bill = billed(cast.camille, cast.subscription)
    with wall_opened(house=True):
        content = statement(f"2026-11-21,{bill.total},EUR,{bill.number}")
        import_statement(Actor.operator(), the_house(), name="a.csv", content=content, on=TODAY)

    def after() -> None:
        assert (taken_in(cast), open_of(cast, bill)) == ([bill.total_minor], 0)
        assert StatementLine.objects.get().state == "matched"

    return after


@pytest.mark.parametrize(
    ("point", "begin"), [("method.called", _method), ("books.read", _books), ("statement.matched", _statement)]
)
def test_a_worker_killed_there_does_it_once_afterwards(
    point: str, begin: Callable[[Cast], After], cast: Cast, owner: Owner, fresh_database: FreshDatabase
) -> None:
    after = begin(cast)
    for _ in range(3):  # what the first job begins may come after the worker has looked for the last time
        killed = work(fresh_database.app_url, COMPTOIR_FAILPOINT=f"{point}:kill")
        if killed.returncode:
            break
    assert killed.returncode == -9, killed.stderr
    for setup in SandboxSetup.objects.filter(method=None):
        sandbox_books.give_method(setup, GOOD, None)
    until_done(fresh_database, owner)
    after()


def test_a_web_process_killed_while_it_hears_a_note_is_told_again(cast: Cast, fresh_database: FreshDatabase) -> None:
    switched(tells_nothing=0, loses_answers=1)
    pay(cast.camille, billed(cast.camille, cast.subscription), give(cast))
    run_jobs()
    assert states(cast) == ["unknown"]
    killed = forked(deliver, fresh_database.app_url, COMPTOIR_FAILPOINT="provider.heard:kill")
    assert killed.returncode == -9, killed.stderr
    assert ProviderEvent.objects.count() == 0, "what was not kept was not answered"
    assert set(deliver()) == {200}
    run_jobs()
    assert (ProviderEvent.objects.count(), states(cast)) == (1, ["succeeded"])
