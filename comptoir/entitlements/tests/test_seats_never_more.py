"""Never more people than seats, at any instant (rules 9): people, groups and groups of products, more seats and returns, plans,
renewals early, late and not at all, lapses and nights that come or don't, in any order."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from comptoir.entitlements.actions import bundles, groups, keeping, seats
from comptoir.entitlements.models import Assignment, GroupSeat
from comptoir.entitlements.queries import rank
from comptoir.entitlements.queries.groups import inside
from comptoir.entitlements.queries.history import sat_on
from comptoir.entitlements.queries.lines import to_move_up
from comptoir.entitlements.queries.products import mine
from comptoir.entitlements.queries.rank import over_seats
from comptoir.entitlements.rules import Beyond
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import Term, next_end
from comptoir.kernel.errors import Refused
from comptoir.organisations.actions import groups as people
from comptoir.subscriptions.models import Period, SeatEntry, Subscription
from comptoir.subscriptions.tests.test_plans import actor_of
from tests.cast import TODAY, Cast, raise_curtain, subscribe
from tests.depth import times

pytestmark = pytest.mark.django_db
WHO = ("camille", "pierre", "sofia", "rita", "emil", "anton")
GRACE, SUSPENDED = 15, 30  # days after which it is suspended, and cancelled, by the month (rules 6)
ONE, WHICH, BEYOND = st.integers(0, len(WHO) - 1), st.integers(0, 1), st.sampled_from(Beyond)
SOME = st.lists(ONE, min_size=1, max_size=4, unique=True)
SEATS = st.integers(1, 5)
STEP = st.one_of(
    st.tuples(st.just("give"), WHICH, SOME, BEYOND),
    st.tuples(st.just("take"), WHICH, ONE),
    st.tuples(st.just("swap"), WHICH, ONE, ONE),
    st.tuples(st.just("give_group"), WHICH, WHICH, st.sampled_from([Beyond.REFUSE, Beyond.WAIT])),
    st.tuples(st.just("take_group"), WHICH, WHICH),
    st.tuples(st.just("join"), WHICH, ONE),
    st.tuples(st.just("leave"), WHICH, ONE),
    st.tuples(st.just("give_bundle"), SOME, BEYOND),
    st.tuples(st.just("change_bundle"), st.sampled_from([[0], [1], [0, 1]]), st.sampled_from([Beyond.REFUSE, Beyond.WAIT])),
    st.tuples(st.just("add"), WHICH, SEATS),
    st.tuples(st.just("give_back"), WHICH, SEATS),
    st.tuples(st.just("plan"), WHICH, SEATS),
    st.tuples(st.just("automatic"), WHICH, st.booleans()),
    st.tuples(st.just("renew"), WHICH),
    st.tuples(st.just("renew_early"), WHICH),
    st.tuples(st.just("night")),
)
STEPS = st.lists(st.tuples(st.sampled_from([0, 0, 1, 3, 16, 31]), STEP), min_size=6, max_size=18)


@dataclass
class Bought:
    """What was bought of one subscription: all that the test knows of it, without the code."""

    number: str
    pk: int
    now: int
    later: int
    renews: date
    ahead: date | None = None  # the first day of a period that is paid already
    automatic: bool = True

    def on(self, day: date) -> int:
        """The seats that there can be on that day at most."""
        if self.ahead is not None and day >= self.ahead:
            self.now, self.ahead = self.later, None
        if self.ahead is None and self.automatic and day >= self.renews:
            return self.later  # the next period has begun, whether the run has come or not
        return self.now

    def past(self, days: int, day: date) -> bool:
        """Whether it ended so long ago. What renews by itself is kept while the run is late (rules 6), so it may still work."""
        return day >= self.renews + timedelta(days)

    def lapsed(self, days: int, day: date) -> bool:
        return not self.automatic and self.past(days, day)


class Play:
    """One run of steps."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.day, self.actor = cast, TODAY, actor_of(cast.sofia)
        self.people = [getattr(cast, name).pk for name in WHO]
        rows = [
            subscribe(cast.contract, cast.sculpt, f"56000007{n}", seats=3, start=date(2026, 11, 5), term="month") for n in (0, 1)
        ]
        actor_of(cast.sofia)
        self.bought = [Bought(row.number, row.pk, 3, 3, row.renews_on) for row in rows]
        self.groups = [people.make_group(self.actor, cast.nord, name=name, on=TODAY) for name in ("One", "Two")]
        self.bundle = bundles.make_bundle(self.actor, cast.nord, name="Both", subscriptions=[row.pk for row in rows], on=TODAY)

    def row(self, which: int) -> Subscription:
        return Subscription.objects.select_related("contract", "product").get(pk=self.bought[which].pk)

    def step(self, kind: str, *told: object) -> None:
        try:
            with transaction.atomic():
                getattr(self, kind)(*told)
        except Refused:
            pass

    def give(self, which: int, whom: list[int], beyond: Beyond) -> None:
        seats.assign(self.actor, self.row(which), members=[self.people[at] for at in whom], beyond=beyond, on=self.day)

    def take(self, which: int, whom: int) -> None:
        seats.take_back(self.actor, self.row(which), members=[self.people[whom]], on=self.day)

    def swap(self, which: int, giver: int, taker: int) -> None:
        seats.swap(self.actor, self.row(which), giver=self.people[giver], taker=self.people[taker], on=self.day)

    def give_group(self, which: int, group: int, beyond: Beyond) -> None:
        pks = [self.bought[which].pk]
        groups.give_to_group(self.actor, self.groups[group], subscriptions=pks, beyond=beyond, on=self.day)

    def take_group(self, which: int, group: int) -> None:
        groups.take_from_group(self.actor, self.groups[group], subscription=self.bought[which].pk, on=self.day)

    def join(self, group: int, whom: int) -> None:
        people.join_group(self.actor, self.groups[group], members=[self.people[whom]], on=self.day)

    def leave(self, group: int, whom: int) -> None:
        people.leave_group(self.actor, self.groups[group], members=[self.people[whom]], on=self.day)

    def give_bundle(self, whom: list[int], beyond: Beyond) -> None:
        bundles.give_bundle(self.actor, self.bundle, members=[self.people[at] for at in whom], beyond=beyond, on=self.day)

    def change_bundle(self, which: list[int], beyond: Beyond) -> None:
        pks = [self.bought[at].pk for at in which]
        bundles.change_bundle(self.actor, self.bundle, name="Both", subscriptions=pks, beyond=beyond, on=self.day)

    def add(self, which: int, count: int) -> None:
        bought = self.bought[which]
        if self.day < bought.renews and bought.ahead is None:
            self.ledger(which, "addition", bought.now + count, bought.later + count)

    def give_back(self, which: int, count: int) -> None:
        """Seats are returned: only those that are free (rules 6)."""
        bought = self.bought[which]
        used = Assignment.objects.filter(subscription_id=bought.pk, ended_on=None, waiting=False).count()
        if bought.ahead is None and self.day < bought.renews and bought.now - count >= max(1, used):
            self.ledger(which, "return", bought.now - count, max(1, bought.later - count))

    def plan(self, which: int, count: int) -> None:
        bought = self.bought[which]
        if self.day < bought.renews and bought.ahead is None:
            self.ledger(which, "plan", bought.now, count)

    def automatic(self, which: int, on: bool) -> None:
        bought = self.bought[which]
        if self.day < bought.renews:
            bought.automatic = on
            Subscription.objects.filter(pk=bought.pk).update(automatic_renewal=on)

    def renew(self, which: int) -> None:
        """The run comes, late or not, or it is renewed by hand in grace or suspension."""
        bought = self.bought[which]
        if self.day >= bought.renews and not bought.past(SUSPENDED, self.day):
            self.ledger(which, "renewal", bought.later, bought.later)
            self.until(which, next_end(bought.renews, Term.MONTH, 5))

    def renew_early(self, which: int) -> None:
        """Paid ahead: the next period's seats count from its first day, with no job."""
        bought = self.bought[which]
        if self.day < bought.renews and bought.ahead is None:
            end, start = next_end(bought.renews, Term.MONTH, 5), bought.renews
            Period.objects.create(
                organisation=self.cast.nord,
                subscription_id=bought.pk,
                start=start,
                end=end,
                days=(end - start).days,
                term="month",
                kind="renewal",
                currency="EUR",
            )
            bought.ahead = start
            self.until(which, end)
            Subscription.objects.filter(pk=bought.pk).update(turns_on=start)

    def until(self, which: int, end: date) -> None:
        self.bought[which].renews = end
        Subscription.objects.filter(pk=self.bought[which].pk).update(renews_on=end, lapses_on=end)

    def ledger(self, which: int, kind: str, now: int, later: int) -> None:
        bought = self.bought[which]
        last = SeatEntry.objects.filter(subscription_id=bought.pk).order_by("-seq")[0]
        SeatEntry.objects.create(
            organisation=self.cast.nord,
            subscription_id=bought.pk,
            seq=last.seq + 1,
            on=self.day,
            kind=kind,
            change_now=now - last.seats_now,
            change_at_renewal=later - last.seats_at_renewal,
            seats_now=now,
            seats_at_renewal=later,
        )
        Subscription.objects.filter(pk=bought.pk).update(seats_now=now, seats_at_renewal=later)
        bought.now, bought.later = now, later

    def night(self) -> None:
        """The jobs about people; whether that of the renewals has run is another matter."""
        job = Actor.job("entitlements.night", self.cast.nord.pk)
        for row in over_seats(job):
            keeping.let_go(job, row, on=self.day)
        for row in to_move_up(job, self.day):
            seats.move_up(job, row, on=self.day)
        for which, bought in enumerate(self.bought):
            found = sat_on(self.actor, self.row(which), self.day)
            assert bought.past(SUSPENDED, self.day) or not found.waited or len(found.sat) == found.seats, "a seat nobody gets"

    def look(self, kind: str, before: list[set[int]]) -> list[set[int]]:
        sitting = []
        for which, bought in enumerate(self.bought):
            found = sat_on(self.actor, self.row(which), self.day)
            sat, waited = [one.key for one in found.sat], [one.key for one in found.waited]
            assert len(sat) <= found.seats <= bought.on(self.day), (kind, bought)
            assert len({*sat, *waited}) == len(sat) + len(waited), kind  # nobody twice
            if bought.lapsed(SUSPENDED, self.day):
                assert set(sat) <= before[which], kind  # nobody is given what has ended
            if not bought.past(GRACE, self.day):
                self.everybody_in_a_group_sits_or_waits(bought, {*sat, *waited})
            if bought.lapsed(GRACE, self.day):
                assert bought.number not in {each.subscription for each in mine(actor_of(self.cast.emil), self.day)}
            sitting.append(set(sat))
        return sitting

    def everybody_in_a_group_sits_or_waits(self, bought: Bought, here: set[int]) -> None:
        for seat in GroupSeat.objects.filter(subscription_id=bought.pk, ended_on=None).select_related("group"):
            assert set(inside(seat.group)) <= here


def played(cast: Cast, steps: list) -> None:  # type: ignore[type-arg]
    with transaction.atomic():
        play = Play(cast)
        sat = play.look("begin", [set(), set()])
        for days, (kind, *told) in steps:
            play.day += timedelta(days)
            sat = play.look("days go by", sat)
            play.step(kind, *told)
            sat = play.look(kind, sat)
        transaction.set_rollback(True)


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@settings(
    max_examples=times(5, 200),
    deadline=None,
    phases=(Phase.explicit, Phase.generate),  # to shrink hundreds of statements takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_never_more_people_than_seats_whatever_happens_and_whatever_has_not_run(cast: Cast, steps: list) -> None:  # type: ignore[type-arg]
    played(cast, steps)


FEWER_BY_THE_CALENDAR = [
    (0, ("give", 0, [0, 1, 2], Beyond.REFUSE)),
    (0, ("plan", 0, 1)),
    (16, ("night",)),  # the period has ended, no run has come
]


def test_a_period_that_ends_takes_its_seats_with_it_before_any_job(cast: Cast) -> None:
    played(cast, FEWER_BY_THE_CALENDAR)


def test_without_the_rule_of_rank_the_same_steps_seat_too_many(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rank, "seats_on", lambda paid, _day: paid.now)
    with pytest.raises(AssertionError):
        played(cast, FEWER_BY_THE_CALENDAR)
