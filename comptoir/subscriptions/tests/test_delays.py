"""The vendor's own delay, and a bank's, cost nobody access or price: every reader of the state agrees (rules 2, 6)."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from comptoir.billing.jobs.charging import charge
from comptoir.billing.models import Attempt, Invoice
from comptoir.billing.tests.paying import BAD_DEBIT, DEBIT, give
from comptoir.entitlements.queries.products import owned
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.models import House, NightRun
from comptoir.kernel.walls import open_wall, wall_opened
from comptoir.subscriptions.actions.renewing import renew
from comptoir.subscriptions.models import Order, Parked, Period, RenewalRun, Subscription
from comptoir.subscriptions.queries.figures import figures
from comptoir.subscriptions.queries.lists import Wanted, page_of_subscriptions
from comptoir.subscriptions.queries.renewing import renewables
from comptoir.subscriptions.queries.seats import subscription_of
from comptoir.subscriptions.queries.states import in_state, state_on
from comptoir.subscriptions.rules import State
from conftest import FreshDatabase
from tests.cast import Cast, raise_curtain, signed_in, words_of

from .nights import now_of, run_night, run_queue, told
from .test_add_seats import actor_of

END = date(2027, 4, 10)  # of the cast's subscription
NUMBER = "560000001"
LAPSES = ["active", "grace", "grace", "suspended", "suspended", "cancelled", "cancelled"]
WAITS = ["active", "grace", "grace", "grace", "grace", "grace", "grace"]
DAYS = [-1, 0, 14, 15, 44, 45, 400]


def on(days: int) -> date:
    """So many days after the end."""
    return END + timedelta(days=days)


@pytest.fixture
def cast(db: None) -> Cast:
    made = raise_curtain()
    open_wall(read=[made.nord.pk], write=made.nord.pk)
    return made


@pytest.fixture
def real(fresh_database: FreshDatabase) -> Cast:
    """The same where commits are real: no provider is asked inside a transaction."""
    return raise_curtain()


def nights_done(to: int | None, failed: int = 0) -> None:
    """The house's nights up to that day after the end are over, those of so many customers not; none at all for None."""
    if to is not None:
        NightRun.objects.create(day=on(to), finished_at=now(), planned=True, customers=2, done=2 - failed, failed=failed)


@transaction.atomic
def as_read(cast: Cast, day: date) -> set[str]:
    """The state on that day as each of its readers tells it: one of them wrong makes two."""
    camille = actor_of(cast.camille)
    found = {state_on(now_of(cast.subscription), day).value}
    own = Subscription.objects.filter(pk=cast.subscription.pk)
    found |= {state.value for state in State if own.filter(in_state(state, day)).exists()}
    found |= {row.state.value for row in page_of_subscriptions(camille, Wanted(state="all"), day).rows if row.number == NUMBER}
    (state,) = found
    summed = figures(camille, day)
    assert (summed.in_grace, summed.suspended) == (int(state == "grace"), int(state == "suspended"))
    assert sum(each.seats for each in owned(camille, day)) == (4 if state in {"active", "grace"} else 0), "who may use it"
    assert {each.state.value for each in renewables(camille, day)} == ({state} if state != "cancelled" else set())
    return found


@pytest.mark.parametrize(
    ("done_to", "failed", "expected"),
    [
        (None, 0, WAITS),  # no night has ever run
        (-1, 0, WAITS),  # the last one was that of the day before
        (0, 0, LAPSES),  # its own night came, and did not renew it
        (400, 0, LAPSES),
        (0, 1, WAITS),  # some customer's night failed on that day, and no run of this one is closed
    ],
    ids=["never", "the day before", "its day", "long after", "failed"],
)
def test_its_state_by_day_and_last_night_done(cast: Cast, done_to: int | None, failed: int, expected: list[str]) -> None:
    nights_done(done_to, failed)
    assert [as_read(cast, on(day)) for day in DAYS] == [{state} for state in expected]


def test_a_night_that_fails_for_another_customer_spares_nobody_here(cast: Cast) -> None:
    nights_done(0, failed=1)
    actor_of(cast.camille)
    RenewalRun.objects.create(organisation=cast.nord, day=on(0), finished_at=now())
    assert [as_read(cast, on(day)) for day in DAYS] == [{state} for state in LAPSES]


def test_what_does_not_renew_by_itself_waits_for_no_night(cast: Cast) -> None:
    actor_of(cast.camille)
    Subscription.objects.filter(pk=cast.subscription.pk).update(automatic_renewal=False)
    assert as_read(cast, on(20)) == {"suspended"}
    Subscription.objects.filter(pk=cast.subscription.pk).update(automatic_renewal=True)
    cast.contract.channel = "store"
    cast.contract.save()
    assert state_on(now_of(cast.subscription), on(20)) == State.SUSPENDED


def test_sixty_days_late_the_page_says_so_and_the_run_then_renews_at_the_price_of_the_day(cast: Cast) -> None:
    House.objects.update(business_day=on(60))
    camille = signed_in(cast.camille)
    words = words_of(camille.get(f"/c/{cast.nord.number}/subscriptions/{NUMBER}/"))
    assert "is under way. Everything works until it is done" in words
    assert "Suspended" not in words
    assert "by itself In grace" in words_of(camille.get(f"/c/{cast.nord.number}/subscriptions/"))
    run_night(cast.nord, END, today=on(60))
    row = now_of(cast.subscription)
    assert (state_on(row, on(60)), row.renews_on) == (State.ACTIVE, date(2028, 4, 10))
    actor_of(cast.camille)
    assert [str(invoice.net) for invoice in Invoice.objects.all()] == ["1000.00"], "the renewal price, no day more"
    assert told(cast.nord, "subscription.lapsed") == []


def test_what_the_vendor_holds_back_stays_in_grace_until_the_desk_has_decided(cast: Cast) -> None:
    nights_done(30)
    actor_of(cast.camille)
    money = {"net_minor": 1, "currency": "EUR"}
    held = Parked.objects.create(
        organisation=cast.nord, subscription=cast.subscription, renews_on=END, parked_on=END, findings=[], **money
    )
    assert as_read(cast, on(20)) == {"grace"}
    run_night(cast.nord, on(15))
    assert told(cast.nord, "subscription.lapsed") == [], "no log tells of a suspension that did not come"
    Parked.objects.filter(pk=held.pk).update(state="discarded")
    assert as_read(cast, on(20)) == {"suspended"}


def ordered_by_debit(cast: Cast, account: str, day: date) -> None:
    """Camille renews on that day, by a direct debit which the bank takes two days to decide on."""
    method = give(cast, account, "sepa")
    paid = {"automatic_renewal": False, "payment_method": "sepa", "paid_with": method}
    House.objects.update(business_day=day)
    with transaction.atomic():
        camille = actor_of(cast.camille)
        Subscription.objects.filter(pk=cast.subscription.pk).update(**paid)
        renew(camille, subscription_of(camille, NUMBER), on=day)
    run_queue("billing", "subscriptions")


def the_bank_decides(cast: Cast, day: date) -> None:
    """Some days later it is looked at what became of the debit."""
    House.objects.update(business_day=day)
    with wall_opened(read=[cast.nord.pk]):
        attempt = Attempt.objects.get()
    charge(Actor.job("billing.charge", cast.nord.pk), attempts=str(attempt.pk))
    run_queue("billing", "subscriptions")


def what_came_of_it(cast: Cast) -> tuple[str, str, list[date]]:
    """The order's state, its price, and the first days of the periods that it renewed."""
    with wall_opened(read=[cast.nord.pk]):
        order = Order.objects.get()
        return order.state, str(order.net), list(Period.objects.filter(kind="renewal").values_list("start", flat=True))


@pytest.mark.parametrize(
    ("account", "stands", "outcome", "lapsed"),
    [
        (DEBIT, "active", ("settled", "1120.00", [END]), []),
        (BAD_DEBIT, "suspended", ("failed", "1120.00", []), [("2027-04-27", "suspended")]),
    ],
    ids=["paid", "refused"],
)
def test_a_debit_ordered_in_grace_keeps_it_there_until_the_bank_has_decided(
    real: Cast, account: str, stands: str, outcome: tuple[str, str, list[date]], lapsed: list[tuple[str, str]]
) -> None:
    ordered_by_debit(real, account, on(14))
    assert as_read(real, on(15)) == {"grace"}, "what was ordered in time is not suspended while its payment runs"
    run_night(real.nord, on(15))
    assert told(real.nord, "subscription.lapsed") == []
    the_bank_decides(real, on(17))
    assert as_read(real, on(17)) == {stands}
    assert what_came_of_it(real) == outcome
    assert told(real.nord, "subscription.lapsed") == lapsed, "told on the day on which it comes"
    with wall_opened(read=[real.nord.pk]):
        assert Invoice.objects.count() == len(outcome[2])


def test_a_debit_ordered_in_suspension_is_paid_from_the_day_on_which_it_comes(real: Cast) -> None:
    ordered_by_debit(real, DEBIT, on(43))
    assert as_read(real, on(44)) == {"suspended"}, "it was ordered late: nobody has access before it is paid"
    the_bank_decides(real, on(46))
    assert what_came_of_it(real)[2] == [on(46)]
    assert as_read(real, on(46)) == {"active"}
