"""What a group is given: all or nothing, newcomers, leavers, the end of the group (rules 9)."""

from collections.abc import Collection
from datetime import date

import pytest

from comptoir.entitlements.actions import groups, seats
from comptoir.entitlements.models import Assignment, GroupSeat
from comptoir.entitlements.rules import Beyond
from comptoir.kernel.errors import Refused
from comptoir.organisations.actions import groups as people
from comptoir.organisations.models import Group, Membership
from comptoir.permissions import Role
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.tests.test_plans import actor_of, of
from tests.cast import TODAY, Cast, member, raise_curtain, seat, subscribe

pytestmark = pytest.mark.django_db
LATER = date(2026, 12, 1)


@pytest.fixture
def cast() -> Cast:
    """Four seats, of which Pierre has one in his own right."""
    made = raise_curtain()
    seat(made.subscription, made.pierre, given_on=date(2026, 5, 1))
    return made


def group(cast: Cast, name: str, *members: Membership) -> Group:
    actor = actor_of(cast.camille)
    made = people.make_group(actor, cast.nord, name=name, on=TODAY)
    return people.join_group(actor, made, members=[each.pk for each in members], on=TODAY) if members else made


def give(cast: Cast, to: Group, *numbers: str, beyond: Beyond = Beyond.REFUSE) -> None:
    actor = actor_of(cast.sofia)
    rows = Subscription.objects.filter(number__in=numbers or ["560000001"])
    groups.give_to_group(actor, to, subscriptions=[row.pk for row in rows], beyond=beyond, on=TODAY)


def names(*, waiting: bool = False) -> list[str]:
    rows = Assignment.objects.filter(subscription__number="560000001", ended_on=None, waiting=waiting)
    return sorted(rows.values_list("membership__name", flat=True))


def refused(code: str) -> "pytest.RaisesContext[Refused]":
    return pytest.raises(Refused, match=f"^{code}")


def test_a_group_is_given_a_subscription_and_who_had_it_counts_once(cast: Cast) -> None:
    give(cast, group(cast, "Drawing", cast.pierre, cast.emil, cast.rita))
    assert names() == ["Emil Larsen", "Pierre Payet", "Rita Nielsen"]
    assert Assignment.objects.get(membership=cast.pierre).direct
    assert not Assignment.objects.get(membership=cast.emil).direct


def test_a_group_too_large_is_refused_with_the_shortfall_and_nobody_gets_anything(cast: Cast) -> None:
    large = group(cast, "Drawing", cast.pierre, cast.emil, cast.rita, cast.sofia, cast.camille)
    with refused("seats_short") as refusal:
        give(cast, large)
    assert refusal.value.params["shortfall"] == 1
    assert names() == ["Pierre Payet"]
    assert not GroupSeat.objects.exists()
    give(cast, large, beyond=Beyond.WAIT)
    assert len(names()) == 4
    assert len(names(waiting=True)) == 1


def test_two_subscriptions_are_given_together_or_not_at_all(cast: Cast) -> None:
    subscribe(cast.contract, cast.sculpt, "560000060", seats=1, start=date(2026, 11, 1))
    with refused("seats_short"):
        give(cast, group(cast, "Drawing", cast.emil, cast.rita), "560000001", "560000060")
    assert names() == ["Pierre Payet"]


def test_a_newcomer_gets_a_seat_and_one_to_a_full_group_waits(cast: Cast) -> None:
    drawing = group(cast, "Drawing", cast.emil, cast.rita)
    give(cast, drawing)
    actor = actor_of(cast.camille)
    people.join_group(actor, drawing, members=[cast.sofia.pk, cast.camille.pk], on=LATER)
    assert len(names()) == 4
    assert len(names(waiting=True)) == 1
    seats.take_back(actor, of(actor), members=[cast.pierre.pk], on=LATER)
    assert names(waiting=True) == []


def test_a_leaver_loses_it_unless_it_is_theirs_otherwise(cast: Cast) -> None:
    drawing = group(cast, "Drawing", cast.pierre, cast.emil, cast.rita)
    give(cast, drawing)
    give(cast, group(cast, "Renders", cast.rita))
    people.leave_group(actor_of(cast.camille), drawing, members=[cast.pierre.pk, cast.emil.pk, cast.rita.pk], on=LATER)
    assert names() == ["Pierre Payet", "Rita Nielsen"]
    assert Assignment.objects.get(membership=cast.emil).ended_on == LATER


def test_taken_from_the_group_or_with_its_end_everything_goes_that_came_by_it(cast: Cast) -> None:
    drawing, renders = group(cast, "Drawing", cast.emil, cast.pierre), group(cast, "Renders", cast.rita)
    give(cast, drawing)
    give(cast, renders)
    actor = actor_of(cast.sofia)
    groups.take_from_group(actor, drawing, subscription=cast.subscription.pk, on=LATER)
    assert names() == ["Pierre Payet", "Rita Nielsen"]
    people.end_group(actor_of(cast.camille), renders, on=LATER)
    assert names() == ["Pierre Payet"]
    assert not GroupSeat.objects.filter(ended_on=None).exists()
    with refused("given_not"):
        groups.take_from_group(actor_of(cast.sofia), drawing, subscription=cast.subscription.pk, on=LATER)


def test_a_seat_that_comes_by_a_group_is_taken_from_the_group(cast: Cast) -> None:
    give(cast, group(cast, "Drawing", cast.pierre, cast.emil))
    actor = actor_of(cast.sofia)
    with refused("seat_by_group") as refusal:
        seats.take_back(actor, of(actor), members=[cast.emil.pk], on=LATER)
    assert refusal.value.params["names"] == ["Drawing"]
    seats.take_back(actor, of(actor), members=[cast.pierre.pk], on=LATER)
    assert "Pierre Payet" in names()
    assert not Assignment.objects.get(membership=cast.pierre).direct


def test_who_looks_after_a_group_gives_seats_to_its_people_and_to_nobody_else(cast: Cast) -> None:
    drawing = group(cast, "Drawing", cast.emil)
    grete = member(cast.nord, "Grete", "Gruber")
    actor_of(cast.camille)
    grete.roles.create(organisation=cast.nord, role=Role.ACCESS_MANAGER, group=drawing, given_on=TODAY)
    reach(grete, [cast.emil.pk])
    with refused("not_allowed"):
        reach(grete, [cast.emil.pk, cast.rita.pk])
    with refused("not_allowed"):
        reach(grete, [grete.pk])
    assert names() == ["Emil Larsen", "Pierre Payet"]


def reach(who: Membership, members: Collection[int]) -> None:
    actor = actor_of(who)
    seats.assign(actor, of(actor), members=list(members), on=TODAY, beyond=Beyond.FIT)


def test_who_leaves_the_company_leaves_seats_and_lines(cast: Cast) -> None:
    drawing = group(cast, "Drawing", cast.emil, cast.rita)
    give(cast, drawing)
    actor = actor_of(cast.camille)
    told = groups.Leaving().ends(actor, [cast.emil.pk, cast.pierre.pk], TODAY)
    assert [(each.kind, each.what) for each in told] == [("seat", "Sculpt LT")] * 2
