"""What somebody was given at the moment in which they left, seen by neither side, ends all the same."""

from datetime import date

import pytest
from django.db import models

from comptoir.entitlements.jobs import end_left_now, end_what_is_left, left_due
from comptoir.entitlements.models import Assignment, Device, Lease, LicenceKey, UseRight
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import add_days
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership
from tests import activated, lent
from tests.cast import TODAY, Cast, raise_curtain, seat

HELD: list[tuple[type[models.Model], str]] = [
    (Assignment, "ended_on"),
    (Lease, "ended_at"),
    (Device, "ended_at"),
    (LicenceKey, "ended_at"),
]


@pytest.fixture
def cast(db: None) -> Cast:
    """Emil left while Sofia gave him a seat, a key and home use: neither transaction saw the other."""
    made = raise_curtain()
    seat(made.subscription, made.emil)
    with wall_opened(read=[made.nord.pk], write=made.nord.pk):
        activated.one_row_each(made, TODAY)
        lent.one_row_each(made, TODAY)
        left(made, TODAY)
    return made


def left(cast: Cast, day: date) -> None:
    Membership.objects.filter(pk=cast.emil.pk).update(joined_on=add_days(day, -9), left_on=day)


def held(cast: Cast) -> int:
    """How much Emil holds."""
    with wall_opened(read=[cast.nord.pk]):
        living = sum(model._default_manager.filter(membership=cast.emil, **{end: None}).count() for model, end in HELD)
        return living + UseRight.objects.filter(membership=cast.emil, closed=False, ends_on__gt=TODAY).count()


def test_it_ends_a_moment_later(cast: Cast) -> None:
    assert held(cast) == 4
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        end_left_now(Actor.job("end_left", cast.nord.pk))
        assert LicenceKey.objects.filter(membership=None, ended_at=None).exists()  # a machine's goes on
    assert held(cast) == 0


def test_what_was_committed_after_that_is_seen_in_the_night(cast: Cast) -> None:
    both, night = [cast.nord.pk, cast.est.pk], add_days(TODAY, 1)
    with wall_opened(read=both, write=cast.nord.pk):
        assert left_due(both, night) == {cast.nord.pk}
        end_what_is_left(Actor.job("left", cast.nord.pk), day=night)
        assert left_due(both, night) == set()
    assert held(cast) == 0
