"""Seats over days against a simple model: never more people than seats, and every past day is told as it was (rules 9)."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comptoir.entitlements.actions import keeping, seats
from comptoir.entitlements.queries.history import sat_on
from comptoir.entitlements.queries.lines import to_move_up
from comptoir.entitlements.queries.rank import over_seats
from comptoir.entitlements.queries.seated import Seated
from comptoir.entitlements.rules import Beyond
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.walls import open_wall
from comptoir.subscriptions.models import SeatEntry, Subscription
from comptoir.subscriptions.tests.test_plans import actor_of, of
from tests.cast import TODAY, Cast, raise_curtain, signed_in, words_of
from tests.depth import times

pytestmark = pytest.mark.django_db
WHO = ("camille", "pierre", "sofia", "rita", "emil", "anton")
ONE = st.integers(0, len(WHO) - 1)
STEP = st.one_of(
    st.tuples(st.just("give"), st.lists(ONE, min_size=1, max_size=3, unique=True), st.sampled_from(Beyond)),
    st.tuples(st.just("take"), ONE, st.none()),
    st.tuples(st.just("swap"), ONE, ONE),
    st.tuples(st.just("seats"), st.integers(1, 5), st.none()),
    st.tuples(st.just("night"), st.none(), st.none()),
)
STEPS = st.lists(st.tuples(st.integers(0, 3), STEP), min_size=4, max_size=14)


@dataclass
class Model:
    """Who has a seat since when, and the line: the whole rule in a few lines."""

    seats: int = 4
    given: dict[int, tuple[date, str]] = field(default_factory=dict)
    line: list[tuple[date, int, int]] = field(default_factory=list)  # since, order, who
    fell: date | None = None
    order: int = 0

    def ranked(self) -> list[int]:
        return sorted(self.given, key=lambda who: (*self.given[who], who))

    def sits(self) -> set[int]:
        return set(self.ranked()[: self.seats])

    def sit(self, who: int, on: date, name: str) -> None:
        self.given[who] = (on, name)

    def wait(self, who: int, on: date) -> None:
        self.order += 1
        self.line = sorted([*self.line, (on, self.order, who)])

    def fill(self, on: date, names: dict[int, str]) -> None:
        while self.line and len(self.given) < self.seats:
            _since, _order, who = self.line.pop(0)
            self.sit(who, on, names[who])


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


class Play:
    """One run of steps, on the rows and on the model at once."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.model, self.day = cast, Model(), TODAY
        self.actor = actor_of(cast.sofia)
        self.people = [getattr(cast, name) for name in WHO]
        self.names = {each.pk: each.name for each in self.people}
        self.told: dict[date, set[int]] = {}

    def step(self, kind: str, first: object, second: object) -> None:
        try:
            with transaction.atomic():
                getattr(self, kind)(first, second)
        except Refused:
            pass

    def give(self, whom: list[int], beyond: Beyond) -> None:
        members, model = [self.people[at].pk for at in whom], self.model
        seats.assign(self.actor, of(self.actor), members=members, beyond=beyond, on=self.day)
        model.fill(self.day, self.names)
        waiting = {who for _since, _order, who in model.line}
        for member in members:
            if member in model.given:
                continue
            if len(model.given) < model.seats:
                model.line = [row for row in model.line if row[2] != member]
                model.sit(member, self.day, self.names[member])
            elif member not in waiting and beyond == Beyond.WAIT:
                model.wait(member, self.day)

    def take(self, whom: int, _none: object) -> None:
        member = self.people[whom].pk
        seats.take_back(self.actor, of(self.actor), members=[member], on=self.day)
        self.model.given.pop(member, None)
        self.model.line = [row for row in self.model.line if row[2] != member]
        self.model.fill(self.day, self.names)

    def swap(self, giver: int, taker: int) -> None:
        gives, takes = self.people[giver].pk, self.people[taker].pk
        seats.swap(self.actor, of(self.actor), giver=gives, taker=takes, on=self.day)
        del self.model.given[gives]
        self.model.line = [row for row in self.model.line if row[2] != takes]
        self.model.sit(takes, self.day, self.names[takes])
        self.model.fill(self.day, self.names)

    def seats(self, count: int, _none: object) -> None:
        """A period begins with another number of seats. No job runs."""
        row = Subscription.objects.get(pk=self.cast.subscription.pk)
        last = SeatEntry.objects.filter(subscription=row).order_by("-seq")[0]
        change = count - row.seats_now
        SeatEntry.objects.create(
            organisation=self.cast.nord,
            subscription=row,
            seq=last.seq + 1,
            on=self.day,
            kind="renewal",
            change_now=change,
            change_at_renewal=change,
            seats_now=count,
            seats_at_renewal=count,
        )
        Subscription.objects.filter(pk=row.pk).update(seats_now=count, seats_at_renewal=count)
        self.model.seats = count
        self.model.fell = self.day if change < 0 else self.model.fell

    def night(self, _none: object, _more: object) -> None:
        """The jobs run, late or not."""
        job, model = Actor.job("entitlements.night", self.cast.nord.pk), self.model
        for row in over_seats(job):
            keeping.let_go(job, row, on=self.day)
            for who in model.ranked()[model.seats :]:
                model.wait(who, max(model.fell or self.day, model.given[who][0]))
                del model.given[who]
        for row in to_move_up(job, self.day):
            seats.move_up(job, row, on=self.day)
        model.fill(self.day, self.names)

    def look(self) -> None:
        row = Subscription.objects.get(pk=self.cast.subscription.pk)
        found = sat_on(self.actor, row, self.day)
        assert {one.key for one in found.sat} == self.model.sits()
        assert len(found.sat) <= row.seats_now == found.seats
        use = Seated().use(self.actor, [row.pk], self.day).get(row.pk)
        assert (use.used if use else 0, use.waiting if use else 0) == (len(found.sat), len(found.waited))
        self.told[self.day] = {one.key for one in found.sat}

    def look_back(self) -> None:
        row = Subscription.objects.get(pk=self.cast.subscription.pk)
        for day, sat in self.told.items():
            assert {one.key for one in sat_on(self.actor, row, day).sat} == sat, day


@settings(
    max_examples=times(5, 200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_nobody_sits_beyond_the_seats_and_every_day_is_told_as_it_was(cast: Cast, steps: list) -> None:  # type: ignore[type-arg]
    with transaction.atomic():
        play = Play(cast)
        for days, (kind, first, second) in steps:
            play.day += timedelta(days)
            play.step(kind, first, second)
            play.look()
        play.look_back()
        transaction.set_rollback(True)


def test_the_page_of_a_past_day_names_who_sat_and_who_waited(cast: Cast) -> None:
    actor = actor_of(cast.sofia)
    for n, who in enumerate((cast.emil, cast.rita)):
        seats.assign(actor, of(actor), members=[who.pk], on=date(2026, 11, 1 + n))
    seats.take_back(actor, of(actor), members=[cast.emil.pk], on=date(2026, 11, 10))
    open_wall(read=[cast.nord.pk], write=cast.nord.pk)
    page = "/c/5200001/subscriptions/560000001/people/on/"
    browser = signed_in(cast.sofia)
    for day, sat in (
        ("2026-11-01", ["Emil Larsen"]),
        ("2026-11-09", ["Emil Larsen", "Rita Nielsen"]),
        ("2026-11-10", ["Rita Nielsen"]),
    ):
        told = words_of(browser.get(f"{page}?on={day}"))
        assert [name for name in ("Emil Larsen", "Rita Nielsen") if name in told] == sat
    assert browser.get(f"{page}?on=2027-01-01").status_code == 422
    assert signed_in(cast.emil).get(page).status_code == 404
