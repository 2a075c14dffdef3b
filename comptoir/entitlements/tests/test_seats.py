"""Giving seats, taking them back, swapping them, and the waiting list (rules 9)."""

from datetime import date

import pytest

from comptoir.entitlements.actions import seats
from comptoir.entitlements.models import Assignment
from comptoir.entitlements.queries.giving import preview_giving
from comptoir.entitlements.rules import Beyond, Verdict
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.models import Event
from comptoir.kernel.walls import open_wall
from comptoir.organisations.models import Membership
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.tests.test_plans import actor_of, of
from tests.cast import TODAY, Cast, member, raise_curtain, seat

pytestmark = pytest.mark.django_db
LATER = date(2026, 12, 1)


@pytest.fixture
def cast() -> Cast:
    """Four seats: Pierre and Rita have one, nobody else."""
    made = raise_curtain()
    seat(made.subscription, made.pierre, given_on=date(2026, 5, 1))
    seat(made.subscription, made.rita, given_on=date(2026, 5, 2))
    return made


def line_of(cast: Cast) -> list[str]:
    rows = Assignment.objects.filter(subscription=cast.subscription, ended_on=None, waiting=True)
    return list(rows.order_by("given_on", "pk").values_list("membership__name", flat=True))


def seated(cast: Cast) -> set[str]:
    rows = Assignment.objects.filter(subscription=cast.subscription, ended_on=None, waiting=False)
    return set(rows.values_list("membership__name", flat=True))


def give(who: Membership, *people: Membership, beyond: Beyond = Beyond.REFUSE, on: date = TODAY, key: str = "") -> None:
    actor = actor_of(who).with_key(key)
    seats.assign(actor, of(actor), members=[each.pk for each in people], beyond=beyond, on=on)


def refused(code: str) -> "pytest.RaisesContext[Refused]":
    return pytest.raises(Refused, match=f"^{code}")


def test_a_coordinator_gives_a_seat_and_it_is_told_once(cast: Cast) -> None:
    for _ in range(2):
        give(cast.sofia, cast.emil, key="one click")
    assert seated(cast) == {"Pierre Payet", "Rita Nielsen", "Emil Larsen"}
    event = Event.objects.get(kind="seats.given")
    assert (event.detail["count"], event.detail["members"]) == (1, str(cast.emil.pk))


def test_nobody_gets_a_second_seat_of_one_subscription(cast: Cast) -> None:
    with refused("seated_already"):
        give(cast.sofia, cast.rita)
    assert Event.objects.filter(kind="seats.given").count() == 0


def test_all_or_nothing_says_how_many_seats_are_missing(cast: Cast) -> None:
    with refused("seats_short") as refusal:
        give(cast.sofia, cast.emil, cast.sofia, cast.camille)
    assert refusal.value.params == {"seats": 4, "free": 2, "shortfall": 1}
    assert seated(cast) == {"Pierre Payet", "Rita Nielsen"}


def test_as_many_as_there_are_in_the_order_given(cast: Cast) -> None:
    give(cast.sofia, cast.emil, cast.rita, cast.sofia, cast.camille, beyond=Beyond.FIT)
    assert seated(cast) == {"Pierre Payet", "Rita Nielsen", "Emil Larsen", "Sofia Costa"}
    assert line_of(cast) == []


def test_the_others_wait_and_the_first_in_the_line_gets_what_is_taken_back(cast: Cast) -> None:
    give(cast.sofia, cast.emil, cast.sofia, cast.camille, beyond=Beyond.WAIT)
    give(cast.sofia, cast.anton, beyond=Beyond.WAIT, on=LATER)
    assert line_of(cast) == ["Camille Morel", "Anton Weber"]
    actor = actor_of(cast.sofia)
    seats.take_back(actor, of(actor), members=[cast.pierre.pk], on=LATER)
    assert line_of(cast) == ["Anton Weber"]
    assert "Camille Morel" in seated(cast)
    assert "Pierre Payet" not in seated(cast)
    moved = Event.objects.get(kind="seats.moved_up")
    assert moved.detail["members"] == str(cast.camille.pk)
    # her place in the line ended on the day her seat began: any day of the past can be told
    before, after = Assignment.objects.filter(membership=cast.camille).order_by("pk")
    assert (before.waiting, before.ended_on, after.waiting, after.given_on) == (True, LATER, False, LATER)


def test_a_full_subscription_refuses_with_what_to_do(cast: Cast) -> None:
    give(cast.sofia, cast.emil, cast.sofia)
    with refused("no_seat_left") as refusal:
        give(cast.sofia, cast.camille)
    assert refusal.value.params["shortfall"] == 1
    assert line_of(cast) == []


def test_a_swap_passes_the_line_by(cast: Cast) -> None:
    give(cast.sofia, cast.emil, cast.sofia, cast.anton, cast.camille, beyond=Beyond.WAIT)
    actor = actor_of(cast.sofia)
    seats.swap(actor, of(actor), giver=cast.pierre.pk, taker=cast.camille.pk, on=TODAY)
    assert seated(cast) == {"Rita Nielsen", "Emil Larsen", "Sofia Costa", "Camille Morel"}
    assert line_of(cast) == ["Anton Weber"]
    with refused("holds_no_seat"):
        seats.swap(actor, of(actor), giver=cast.pierre.pk, taker=cast.anton.pk, on=TODAY)
    with refused("seated_already"):
        seats.swap(actor, of(actor), giver=cast.rita.pk, taker=cast.emil.pk, on=TODAY)


def test_whoever_waits_leaves_the_line_by_themselves_and_nobody_else_can(cast: Cast) -> None:
    give(cast.sofia, cast.emil, cast.sofia, cast.camille, beyond=Beyond.WAIT)
    camille, emil = actor_of(cast.camille), actor_of(cast.emil)
    with refused("not_in_line"):
        seats.leave_line(emil, of(emil), on=TODAY)
    camille = actor_of(cast.camille)
    seats.leave_line(camille, of(camille), on=TODAY)
    assert line_of(cast) == []
    assert len(seated(cast)) == 4


def test_who_left_and_who_belongs_elsewhere_is_given_nothing(cast: Cast) -> None:
    for stranger in (cast.gaston, cast.oskar):
        with refused("member_unknown"):
            give(cast.sofia, stranger)
    assert len(seated(cast)) == 2


def test_roles_reach_as_far_as_the_table_says(cast: Cast) -> None:
    for who in (cast.emil, cast.pierre, cast.rita, cast.anton):
        with refused("not_allowed"):
            give(who, cast.emil)
    assert len(seated(cast)) == 2


def test_a_preview_says_it_person_by_person_and_holds(cast: Cast) -> None:
    actor = actor_of(cast.sofia)
    wanted = [cast.rita.pk, cast.emil.pk, cast.gaston.pk, cast.sofia.pk, cast.camille.pk]
    found = preview_giving(actor, of(actor), wanted, Beyond.WAIT, TODAY)
    assert list(found.verdicts.values()) == [
        Verdict.SEATED,
        Verdict.GIVEN,
        Verdict.UNKNOWN,
        Verdict.GIVEN,
        Verdict.WAITS,
    ]
    give(cast.sofia, cast.anton)
    with refused("quote_moved"):
        seats.assign(actor, of(actor), members=wanted, beyond=Beyond.WAIT, quote=found.quote, on=TODAY)
    assert len(seated(cast)) == 3


def test_more_seats_are_given_to_those_who_wait(cast: Cast) -> None:
    give(cast.sofia, cast.emil, cast.sofia, cast.camille, beyond=Beyond.WAIT)
    Subscription.objects.filter(pk=cast.subscription.pk).update(seats_now=6, seats_at_renewal=6)
    open_wall(read=[cast.nord.pk], write=cast.nord.pk)
    seats.move_up(Actor.job("entitlements.move_up", cast.nord.pk), cast.subscription, on=LATER)
    assert "Camille Morel" in seated(cast)
    assert line_of(cast) == []


def test_fewer_seats_of_a_plan_count_from_the_renewal_though_no_job_ran(cast: Cast) -> None:
    give(cast.sofia, cast.emil)
    renewal = date(2027, 4, 10)
    Subscription.objects.filter(pk=cast.subscription.pk).update(seats_at_renewal=3)
    with refused("no_seat_left"):
        give(cast.sofia, cast.camille, on=renewal)
    give(cast.sofia, cast.camille, on=date(2027, 4, 9))
    assert len(seated(cast)) == 4


def test_what_has_ended_takes_nobody(cast: Cast) -> None:
    actor_of(cast.sofia)
    Subscription.objects.filter(pk=cast.subscription.pk).update(ended_on=TODAY)
    with refused("cancelled"):
        give(cast.sofia, cast.emil)


def test_many_people_are_one_action(cast: Cast) -> None:
    many = [member(cast.nord, f"Nina{n}", "Novak") for n in range(30)]
    actor_of(cast.sofia)
    Subscription.objects.filter(pk=cast.subscription.pk).update(seats_now=20, seats_at_renewal=20)
    give(cast.sofia, *many, beyond=Beyond.WAIT)
    assert len(seated(cast)) == 20
    assert len(line_of(cast)) == 12
    assert Event.objects.filter(kind="seats.given").count() == 1
