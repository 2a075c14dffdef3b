"""A second pair of eyes: verbs of staff over the limit, for anybody else as ever."""

from dataclasses import replace

import pytest
from django.conf import settings
from django.db import models

from comptoir.kernel.action import VERBS, action
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import HouseRule, Refused
from comptoir.kernel.models import SecondLook
from comptoir.kernel.money import Money
from comptoir.kernel.recording import record
from comptoir.kernel.second_look import approve, ask_colleague, decline_look, limit_in, second_pair
from comptoir.kernel.tests.stage import GROWN, inside, seats_of
from comptoir.kernel.walls import wall_opened
from comptoir.permissions import Can, Role
from comptoir.subscriptions.models import Subscription
from tests.cast import TODAY, Cast, raise_curtain

pytestmark = pytest.mark.django_db
LIMIT = settings.SECOND_PAIR_FROM * 100


@action(Can.LOOK_TWICE)
def spend(actor: Actor, subscription: Subscription, *, minor: int) -> Subscription:
    """A verb of the desk that costs something, and counts."""
    second_pair(actor, subscription, verb="kernel.spend", amount=Money(minor, "EUR"))
    subscription.seats_now += 1
    subscription.save(update_fields=["seats_now"])
    record(GROWN, subscription, add=1)
    return subscription


@action(Can.ADD_SEATS)
def spend_own(actor: Actor, subscription: Subscription, *, minor: int) -> Subscription:
    """The same, for a customer's own people."""
    second_pair(actor, subscription, verb="kernel.spend_own", amount=Money(minor, "EUR"))
    subscription.seats_now += 1
    subscription.save(update_fields=["seats_now"])
    record(GROWN, subscription, add=1)
    return subscription


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def staff(cast: Cast, person_id: int) -> Actor:
    return Actor.staff(person_id, [Role.FINANCE], cast.nord.pk)


def at(cast: Cast) -> object:
    return wall_opened(read=[cast.nord.pk], write=cast.nord.pk)


def ask(cast: Cast, who: int, minor: int) -> SecondLook:
    amount = f"{Money(minor, 'EUR')} EUR"
    return ask_colleague(
        staff(cast, who), cast.subscription, verb="kernel.spend", arguments={"minor": minor}, amount=amount, on=TODAY
    )


@pytest.mark.parametrize("minor", [LIMIT - 1, 1 - LIMIT, 0])
def test_below_the_limit_one_is_enough(cast: Cast, minor: int) -> None:
    with at(cast):  # type: ignore[attr-defined]
        spend(staff(cast, 1), cast.subscription, minor=minor)
    assert seats_of(cast.subscription) == 5


@pytest.mark.parametrize("minor", [LIMIT, -LIMIT, LIMIT * 9])
def test_from_the_limit_on_one_is_refused_and_nothing_changes(cast: Cast, minor: int) -> None:
    with at(cast), pytest.raises(Refused, match="second_pair_needed"):  # type: ignore[attr-defined]
        spend(staff(cast, 1), cast.subscription, minor=minor)
    assert seats_of(cast.subscription) == 4


def test_a_colleague_runs_what_was_asked_for_and_closes_it_in_one_transaction(cast: Cast) -> None:
    with at(cast):  # type: ignore[attr-defined]
        look = ask(cast, 1, LIMIT)
        assert (look.amount, look.target_number, look.state) == (Money(LIMIT, "EUR"), "560000001", "open")
        approve(staff(cast, 2), look)
        look.refresh_from_db()
        assert (look.state, look.decided_by_id) == ("approved", 2)
        with pytest.raises(Refused, match="request_already_decided"):
            approve(staff(cast, 3), look)
    assert seats_of(cast.subscription) == 5


def test_nobody_approves_what_they_asked_for_themselves(cast: Cast) -> None:
    with at(cast):  # type: ignore[attr-defined]
        look = ask(cast, 1, LIMIT)
        with pytest.raises(Refused, match="second_look_by_another"):
            approve(staff(cast, 1), look)
        look.refresh_from_db()
        assert look.state == "open"
    assert seats_of(cast.subscription) == 4


def test_a_look_is_for_the_very_verb_and_target(cast: Cast) -> None:
    with at(cast):  # type: ignore[attr-defined]
        look = ask(cast, 1, LIMIT)
        other = Subscription.objects.get(pk=cast.subscription.pk)
        other.pk = None
        other.number = "560000099"
        other.save()
        with pytest.raises(HouseRule, match="is about"):
            spend(replace(staff(cast, 2), looked_at=look.pk), other, minor=LIMIT)


def test_it_is_asked_once_at_a_time_and_declined_by_anybody_of_finance(cast: Cast) -> None:
    with at(cast):  # type: ignore[attr-defined]
        look = ask(cast, 1, LIMIT)
        with pytest.raises(Refused, match="second_look_asked_already"):
            ask(cast, 2, LIMIT)
        decline_look(staff(cast, 1), look)
        with pytest.raises(Refused, match="request_already_decided"):
            decline_look(staff(cast, 2), look)
        ask(cast, 2, LIMIT)
    assert seats_of(cast.subscription) == 4


def test_a_customers_own_people_need_no_colleague_of_ours(cast: Cast) -> None:
    with inside(cast.camille) as actor:
        spend_own(actor, cast.subscription, minor=LIMIT * 9)
    assert seats_of(cast.subscription) == 5


def test_the_limit_is_one_of_units_in_each_currency() -> None:
    assert limit_in("EUR") == Money(LIMIT, "EUR")
    assert limit_in("JPY") == Money(settings.SECOND_PAIR_FROM, "JPY")
    assert limit_in("KWD") == Money(settings.SECOND_PAIR_FROM * 1000, "KWD")


def test_two_verbs_of_one_name_are_a_bug() -> None:
    def decline(actor: Actor, row: models.Model) -> models.Model:
        return row

    decline.__module__ = "comptoir.kernel.somewhere_else"
    before = VERBS["kernel.decline"]
    with pytest.raises(HouseRule, match=r"two verbs are called kernel\.decline"):
        action(Can.ASK)(decline)
    assert VERBS["kernel.decline"] is before
