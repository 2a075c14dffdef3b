"""Wishes to align: kept until their subscriptions match, then told, then confirmed (rules 5)."""

from datetime import date

import pytest

from comptoir.kernel.actor import Actor
from comptoir.kernel.jobs import JOBS
from comptoir.kernel.models import Event, Message
from comptoir.kernel.walls import open_wall
from comptoir.subscriptions.actions import alignment
from comptoir.subscriptions.jobs.wishes import due, look_at_wishes
from comptoir.subscriptions.models import AlignmentWish, PlannedChange, Subscription
from comptoir.subscriptions.queries.seats import subscription_of
from comptoir.subscriptions.tests.test_plans import actor_of
from tests.cast import TODAY, Cast, raise_curtain, signed_in, subscribe, words_of

pytestmark = pytest.mark.django_db
LATER = date(2026, 12, 20)


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture
def wish(cast: Cast) -> AlignmentWish:
    """Camille wishes to align the yearly subscription with a monthly one that is to become yearly on 5 December."""
    subscribe(cast.contract, cast.sculpt, "560000021", seats=1, start=date(2026, 11, 5), term="month")
    camille = actor_of(cast.camille)
    return alignment.wish_alignment(camille, subscription_of(camille, "560000001"), also=["560000021"], term="year", on=TODAY)


def the_term_has_changed() -> None:
    """As the renewal of 5 December leaves it."""
    rows = Subscription.objects.filter(number="560000021")
    rows.update(term="year", renews_on=date(2027, 12, 5), lapses_on=date(2027, 12, 5))
    PlannedChange.objects.update(outcome="done", ended_on=date(2026, 12, 5))
    rows.get().periods.update(term="year", end=date(2027, 12, 5))


def night(cast: Cast, on: date) -> None:
    actor = Actor.job("kernel.night_of_customer", cast.nord.pk)
    open_wall(read=[cast.nord.pk], write=cast.nord.pk)
    look_at_wishes(actor, day=on)


def test_a_wish_waits_while_its_subscriptions_differ(cast: Cast, wish: AlignmentWish) -> None:
    assert set(due([cast.nord.pk, cast.est.pk], LATER)) == {cast.nord.pk}
    night(cast, LATER)
    wish.refresh_from_db()
    assert wish.outcome == "waiting"
    assert not Event.objects.filter(kind="alignment.ready").exists()


def test_on_the_day_they_match_the_managers_hear_once_and_home_shows_the_price(cast: Cast, wish: AlignmentWish) -> None:
    the_term_has_changed()
    for _ in range(2):
        night(cast, LATER)
    wish.refresh_from_db()
    assert wish.outcome == "ready"
    assert Event.objects.filter(kind="alignment.ready").count() == 1
    body, _own = JOBS["subscriptions.tell_alignment_ready"]
    for _ in range(2):
        body(Actor.job("subscriptions.tell_alignment_ready", cast.nord.pk), wish_id=wish.pk)
    found = Message.objects.get()
    assert found.to == "camille.morel@example.com"
    assert "560000001" in found.text
    assert "/alignment/?n=560000001&n=560000021" in found.text
    home = words_of(signed_in(cast.camille).get("/c/5200001/"))
    assert "2 subscriptions that you wished to align match now" in home
    assert "that you wished to align" not in words_of(signed_in(cast.anton).get("/c/5200001/"))


def test_aligning_them_fulfils_the_wish(cast: Cast, wish: AlignmentWish) -> None:
    the_term_has_changed()
    night(cast, LATER)
    camille = actor_of(cast.camille)
    alignment.align(camille, subscription_of(camille, "560000001"), also=["560000021"], on=LATER)
    wish.refresh_from_db()
    assert wish.outcome == "done"
    assert set(due([cast.nord.pk], LATER)) == set()
