"""Whatever happens, on whatever day, with no job running: no more people may use a product than there are seats (rules 9)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, example, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from comptoir.entitlements.actions.leases import borrow_lease, keep_lease, return_lease, take_lease
from comptoir.entitlements.actions.seats import assign, take_back
from comptoir.entitlements.models import Device, Lease
from comptoir.entitlements.queries.licences import Wanted, verdict_for_member
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.organisations.models import Membership
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.tests.test_plans import actor_of
from tests.cast import TODAY, Cast, raise_curtain
from tests.depth import times

TIMES = times(4, 150)
TURN = TODAY + timedelta(days=3)
PRINT = "0123456789abcdef"
DEEDS = ("take", "take", "beat", "back", "seat", "unseat", "borrow", "wait", "sleep")


@pytest.fixture
def cast(db: None) -> Cast:
    """Two seats are shared; the period that begins in three days has one."""
    made = raise_curtain()
    made.sculpt.sharing = "multi_user"
    made.sculpt.save()
    actor_of(made.sofia)
    seats = {"seats_now": 2, "seats_at_renewal": 1, "renews_on": TURN, "lapses_on": TURN, "automatic_renewal": True}
    Subscription.objects.filter(pk=made.subscription.pk).update(**seats)
    return made


class Days:
    """The customer's people over a few days."""

    def __init__(self, cast: Cast, clock: Any) -> None:
        self.cast, self.clock, self.on = cast, clock, TODAY
        self.people = [cast.emil, cast.rita, cast.pierre, cast.anton]
        self.sofia = actor_of(cast.sofia)
        for n, one in enumerate(self.people):
            told = {"name": "Laptop", "fingerprint": PRINT, "digest": str(n), "activated_at": now(), "last_seen_at": now()}
            Device.objects.create(organisation=cast.nord, membership=one, product=cast.sculpt, place=1, **told)

    def row(self) -> Subscription:
        return Subscription.objects.get(pk=self.cast.subscription.pk)

    def lease(self, one: Membership) -> Lease:
        return Lease.objects.filter(membership=one).latest("pk")

    def does(self, deed: str, one: Membership) -> None:
        actor, on = actor_of(one), self.on
        deeds: dict[str, Callable[[], object]] = {
            "take": lambda: take_lease(actor, self.row(), fingerprint=PRINT, name="Laptop", on=on),
            "beat": lambda: keep_lease(actor, self.lease(one), on=on, at=now()),
            "back": lambda: return_lease(actor, self.row(), lease=self.lease(one).pk, on=on),
            "seat": lambda: assign(actor_of(self.cast.sofia), self.row(), members=[one.pk], on=on),
            "unseat": lambda: take_back(actor_of(self.cast.sofia), self.row(), members=[one.pk], on=on),
            "borrow": lambda: self.borrows(actor, one),
            "wait": lambda: self.clock.shift(timedelta(minutes=8)),
            "sleep": self.sleeps,
        }
        try:
            with transaction.atomic():
                deeds[deed]()
        except (Refused, Lease.DoesNotExist):
            pass

    def borrows(self, actor: Actor, one: Membership) -> None:
        device = Device.objects.get(membership=one).pk
        borrow_lease(actor, self.row(), lease=self.lease(one).pk, device=device, days=5, on=self.on)

    def sleeps(self) -> None:
        self.clock.shift(timedelta(days=1))
        self.on += timedelta(days=1)

    def may_use(self) -> list[str]:
        """Those whom the licence check lets in now."""
        wanted = Wanted(self.cast.sculpt, self.on)
        return [one.name for one in self.people if verdict_for_member(self.sofia, one.pk, wanted).may]


def seats_of(day: date) -> int:
    return 1 if day >= TURN else 2


@tried(max_examples=TIMES, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([("take", 0), ("take", 1), ("seat", 2), ("beat", 0), ("beat", 1), ("seat", 3)])
@example([("take", 0), ("borrow", 0), ("take", 1), ("seat", 2), ("sleep", 0), ("sleep", 0), ("sleep", 0)])
@given(st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 3)), min_size=4, max_size=8))
def test_no_more_people_are_let_in_than_there_are_seats_that_day(cast: Cast, deeds: list[tuple[str, int]]) -> None:
    with transaction.atomic(), time_machine.travel(now(), tick=False) as clock:
        days = Days(cast, clock)
        for deed, who in deeds:
            days.does(deed, days.people[who])
            assert len(days.may_use()) <= seats_of(days.on), (deed, days.on, days.may_use())
        transaction.set_rollback(True)
