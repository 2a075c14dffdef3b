"""The nightly reconciliation finds whatever the provider's books and ours don't agree about, and nothing else."""

from datetime import timedelta

import pytest
from django.db import connection

from comptoir.billing.jobs import books
from comptoir.billing.models import Finding, Reconciliation, SandboxCharge
from comptoir.kernel.actor import Actor
from comptoir.kernel.models import House
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, raise_curtain

from .paying import billed, charged, give, pay, run_jobs, states, switched


@pytest.fixture
def cast(fresh_database: FreshDatabase) -> Cast:
    """Two charges on one day, both well."""
    cast = raise_curtain()
    bills = [billed(cast.camille, cast.subscription, key=key) for key in ("1", "2")]
    card = give(cast)
    for bill in bills:
        pay(cast.camille, bill, card)
    assert run_jobs() == []
    return cast


def compare() -> None:
    books.compare_books(Actor.job("billing.compare_books", None), provider="sandbox", day=TODAY.isoformat())


def found() -> list[tuple[str, int | None, int | None]]:
    return sorted(Finding.objects.values_list("kind", "ours_minor", "theirs_minor"), key=str)


def test_books_that_agree_give_no_finding(cast: Cast) -> None:
    compare()
    assert found() == []
    assert Reconciliation.objects.values_list("day", "charges", "findings").get() == (TODAY, 2, 0)


def test_a_charge_that_the_provider_lost_is_found_once(cast: Cast) -> None:
    gone = SandboxCharge.objects.latest("pk")
    SandboxCharge.objects.filter(pk=gone.pk).delete()
    compare()
    compare()
    assert found() == [("lost", gone.amount_minor, None)]


def test_a_charge_that_nobody_asked_for_is_found(cast: Cast) -> None:
    row = SandboxCharge.objects.latest("pk")
    row.pk, row.ref, row.key, row.metadata, row.amount_minor = None, "ch_x", "x", {}, 555
    row.save()
    compare()
    assert found() == [("unknown", None, 555)]
    assert Finding.objects.get().provider_ref == "ch_x"


@pytest.mark.parametrize("changed", [{"amount_minor": 1}, {"currency": "USD"}, {"state": "declined"}])
def test_a_charge_that_was_altered_is_found(cast: Cast, changed: dict[str, object]) -> None:
    SandboxCharge.objects.filter(pk=SandboxCharge.objects.latest("pk").pk).update(**changed)
    compare()
    assert [kind for kind, _ours, _theirs in found()] == ["altered"]
    assert Finding.objects.get().customer == cast.nord.number


def test_a_charge_whose_answer_and_notes_were_lost_is_made_good(cast: Cast) -> None:
    invoice = billed(cast.camille, cast.subscription, key="3")
    switched(loses_answers=1, tells_nothing=-1)
    pay(cast.camille, invoice, give(cast))
    run_jobs()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")  # and its job too
    assert states(cast)[-1] == "unknown"
    compare()
    assert found() == []
    run_jobs()
    assert states(cast)[-1] == "succeeded"
    assert len(charged()) == 3


def test_each_day_is_compared_once_also_days_that_were_missed(cast: Cast) -> None:
    House.objects.update(business_day=TODAY + timedelta(days=3))
    books.books_of_yesterday()
    run_jobs()
    days = list(Reconciliation.objects.order_by("day").values_list("day", flat=True))
    assert days == [TODAY + timedelta(days=ahead) for ahead in range(-4, 3)]
    books.books_of_yesterday()
    assert run_jobs() == []
    assert Reconciliation.objects.count() == 7


def test_no_day_is_compared_while_the_provider_is_down(cast: Cast) -> None:
    switched(down=-1)
    House.objects.update(business_day=TODAY + timedelta(days=1))
    books.books_of_yesterday()
    assert set(run_jobs()) == {"billing.compare_books"}
    assert Reconciliation.objects.count() == 0
    switched(down=0)
    run_jobs()
    assert Reconciliation.objects.count() == 7
