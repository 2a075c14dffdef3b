"""A renewal with fewer seats than people: who keeps theirs, who is told (rules 4, 9)."""

from datetime import date

import pytest

from comptoir.entitlements.jobs import due, let_go_over_seats
from comptoir.entitlements.models import Assignment
from comptoir.kernel.actor import Actor
from comptoir.kernel.jobs import JOBS
from comptoir.kernel.models import Event, Message
from comptoir.kernel.walls import open_wall
from comptoir.subscriptions.actions import plans
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.tests.test_plans import actor_of, of
from tests.cast import TODAY, Cast, raise_curtain, seat

pytestmark = pytest.mark.django_db
RENEWAL = date(2027, 4, 10)


@pytest.fixture
def cast() -> Cast:
    """Three people have a seat; the last two used theirs most recently, Pierre never did."""
    made = raise_curtain()
    seat(made.subscription, made.pierre, given_on=date(2026, 5, 1))
    seat(made.subscription, made.sofia, given_on=date(2026, 5, 2), last_used_on=date(2026, 11, 1))
    seat(made.subscription, made.rita, given_on=date(2026, 5, 3), last_used_on=date(2026, 11, 2))
    return made


def renewed_with(seats: int) -> None:
    Subscription.objects.filter(number="560000001").update(seats_now=seats, seats_at_renewal=seats)


def night(cast: Cast) -> None:
    open_wall(read=[cast.nord.pk], write=cast.nord.pk)
    let_go_over_seats(Actor.job("kernel.night_of_customer", cast.nord.pk), day=RENEWAL)


def seated() -> set[str]:
    return set(Assignment.objects.filter(ended_on=None, waiting=False).values_list("membership__name", flat=True))


def test_before_the_renewal_nobody_loses_anything(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    plans.plan_seats(camille, of(camille), seats=2, on=TODAY)
    assert due([cast.nord.pk], date(2027, 4, 9)) == set()
    assert due([cast.nord.pk], RENEWAL) == {cast.nord.pk}
    night(cast)
    assert len(seated()) == 3


def test_if_nobody_chose_those_who_used_theirs_last_stay_and_the_others_are_told_once(cast: Cast) -> None:
    actor_of(cast.camille)
    renewed_with(2)
    for _ in range(2):
        night(cast)
    assert seated() == {"Sofia Costa", "Rita Nielsen"}
    event = Event.objects.get(kind="seats.people_let_go")
    body, _own = JOBS["entitlements.tell_let_go"]
    told = {"subscription_id": cast.subscription.pk, "members": event.detail["members"], "day": "2027-04-10"}
    for _ in range(2):
        body(Actor.job("entitlements.tell_let_go", cast.nord.pk), **told)
    message = Message.objects.get()
    assert message.to == "pierre.payet@example.com"
    assert "Who can give you a seat: Sofia Costa, Camille Morel." in message.text


def test_whoever_was_chosen_stays_and_the_choice_is_then_forgotten(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    plans.plan_seats(camille, of(camille), seats=1, keep=[cast.pierre.pk], on=TODAY)
    renewed_with(1)
    night(cast)
    assert seated() == {"Pierre Payet"}
    assert not Assignment.objects.filter(kept=True).exists()


def test_a_seat_for_everybody_lets_nobody_go(cast: Cast) -> None:
    actor_of(cast.camille)
    night(cast)
    assert len(seated()) == 3
    assert not Event.objects.exists()
