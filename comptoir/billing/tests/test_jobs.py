"""Charges: once each, whatever the provider does. Its own books say what was charged."""

import pytest

from comptoir.billing.jobs.asking import outside
from comptoir.billing.jobs.charging import charge
from comptoir.billing.models import Attempt, SandboxCall
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import HouseRule, Refused
from comptoir.kernel.models import Event, House
from comptoir.kernel.walls import wall_opened
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, raise_curtain

from .paying import (
    BAD_DEBIT,
    DEBIT,
    GOOD,
    POOR,
    billed,
    charged,
    give,
    looking,
    open_of,
    pay,
    run_jobs,
    states,
    switched,
    taken_in,
)


@pytest.fixture
def cast(fresh_database: FreshDatabase) -> Cast:
    return raise_curtain()


def kinds_of(cast: Cast) -> list[str]:
    with looking(cast):
        rows = Event.objects.filter(kind__startswith="payment.").order_by("seq")
        return list(rows.values_list("kind", flat=True))


def test_a_payment_by_card_pays_its_invoice_once(cast: Cast) -> None:
    invoice, card = billed(cast.camille, cast.subscription), give(cast)
    pay(cast.camille, invoice, card)
    assert (states(cast), charged()) == (["created"], []), "nothing is charged before the commit"
    assert run_jobs() == []
    assert (states(cast), charged(), taken_in(cast)) == (["succeeded"], [invoice.total_minor], [invoice.total_minor])
    assert open_of(cast, invoice) == 0
    assert kinds_of(cast) == ["payment.asked", "payment.sent", "payment.succeeded"]
    with pytest.raises(Refused, match="nothing_to_pay"):
        pay(cast.camille, invoice, card)


def test_a_click_that_comes_twice_pays_once_and_another_one_waits(cast: Cast) -> None:
    invoice, card = billed(cast.camille, cast.subscription), give(cast)
    assert pay(cast.camille, invoice, card, key="k").pk == pay(cast.camille, invoice, card, key="k").pk
    with pytest.raises(Refused, match="payment_running"):
        pay(cast.pierre, invoice, card)
    run_jobs()
    assert charged() == [invoice.total_minor]


def test_a_declined_card_pays_nothing_and_another_one_does(cast: Cast) -> None:
    invoice, poor, card = billed(cast.camille, cast.subscription), give(cast, POOR), give(cast, GOOD)
    pay(cast.camille, invoice, poor)
    run_jobs()
    assert (states(cast), charged(), taken_in(cast), open_of(cast, invoice)) == (["declined"], [], [], invoice.total_minor)
    with looking(cast):
        assert Attempt.objects.get().decline_code == "insufficient_funds"
    pay(cast.camille, invoice, card)
    run_jobs()
    assert (states(cast), charged(), open_of(cast, invoice)) == (["declined", "succeeded"], [invoice.total_minor], 0)
    with looking(cast):
        assert list(Attempt.objects.order_by("pk").values_list("nth", flat=True)) == [1, 2]


def test_an_answer_that_is_lost_is_unknown_and_never_charged_again(cast: Cast) -> None:
    invoice, card = billed(cast.camille, cast.subscription), give(cast)
    switched(loses_answers=1, tells_nothing=-1)
    pay(cast.camille, invoice, card)
    assert run_jobs() == ["billing.charge"]
    assert (states(cast), taken_in(cast), open_of(cast, invoice)) == (["unknown"], [], invoice.total_minor)
    assert charged() == [invoice.total_minor]
    with pytest.raises(Refused, match="payment_running"):
        pay(cast.camille, invoice, card)
    assert run_jobs() == []
    assert (states(cast), charged(), taken_in(cast)) == (["succeeded"], [invoice.total_minor], [invoice.total_minor])
    assert SandboxCall.objects.filter(verb="charge").count() == 1, "it was looked up, not asked for again"


def test_a_provider_that_is_down_is_asked_when_it_is_back(cast: Cast) -> None:
    invoice, card = billed(cast.camille, cast.subscription), give(cast)
    switched(down=-1, tells_nothing=-1)
    pay(cast.camille, invoice, card)
    assert run_jobs(again=3) == ["billing.charge"]
    assert (states(cast), charged()) == (["unknown"], [])
    switched(down=0)
    assert run_jobs() == []
    assert (states(cast), charged(), open_of(cast, invoice)) == (["succeeded"], [invoice.total_minor], 0)


def test_an_answer_that_comes_late_is_waited_for(cast: Cast) -> None:
    invoice, card = billed(cast.camille, cast.subscription), give(cast)
    switched(answers_late=1)
    pay(cast.camille, invoice, card)
    run_jobs()
    assert (states(cast), taken_in(cast)) == (["pending"], [])


def test_a_direct_debit_is_paid_or_refused_by_the_bank_after_days(cast: Cast) -> None:
    good, bad = give(cast, DEBIT, "sepa"), give(cast, BAD_DEBIT, "sepa")
    one, other = billed(cast.camille, cast.subscription, key="1"), billed(cast.camille, cast.subscription, key="2")
    attempts = [pay(cast.camille, one, good), pay(cast.camille, other, bad)]
    assert run_jobs() == []
    assert (states(cast), taken_in(cast)) == (["pending", "pending"], [])
    House.objects.update(business_day=TODAY.replace(day=23))
    charge(Actor.job("billing.charge", cast.nord.pk), attempts=",".join(str(attempt.pk) for attempt in attempts))
    assert (states(cast), taken_in(cast)) == (["succeeded", "declined"], [one.total_minor])
    assert (open_of(cast, one), open_of(cast, other)) == (0, other.total_minor)


def test_no_provider_is_called_inside_a_transaction(cast: Cast) -> None:
    with wall_opened(read=[cast.nord.pk]), pytest.raises(HouseRule, match="inside a transaction"):
        outside(lambda: 1)
    assert outside(lambda: 1) == 1


@pytest.mark.parametrize("why", ["paused_because", "charging_stopped_because"])
def test_while_charging_is_stopped_nothing_leaves_the_house_and_all_goes_on_afterwards(cast: Cast, why: str) -> None:
    invoice, card = billed(cast.camille, cast.subscription), give(cast)
    House.objects.update(**{why: "we look at something"})
    pay(cast.camille, invoice, card)
    assert run_jobs(again=2) == ["billing.charge"]
    assert (states(cast), SandboxCall.objects.count()) == (["created"], 0)
    House.objects.update(**{why: ""})
    run_jobs()
    assert (states(cast), charged()) == (["succeeded"], [invoice.total_minor])
