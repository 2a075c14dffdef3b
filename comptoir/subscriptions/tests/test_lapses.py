"""What becomes of subscriptions that are not paid: the clock, dunning, lapse, taking back (rules 6)."""

from datetime import date, timedelta

import pytest

from comptoir.billing.actions.payments import pay_invoice
from comptoir.billing.models import Attempt, Invoice, SandboxCharge, SandboxDispute
from comptoir.billing.tests.paying import POOR, give
from comptoir.kernel.actor import Actor
from comptoir.kernel.jobs import JOBS
from comptoir.kernel.models import House
from comptoir.kernel.walls import wall_opened
from comptoir.subscriptions.models import Period, Sale, Subscription
from comptoir.subscriptions.queries.states import state_on
from comptoir.subscriptions.tests.test_add_seats import actor_of
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, raise_curtain

from .nights import now_of, run_night, run_queue, told, violations

END = date(2027, 4, 10)  # of the cast's subscription
NEXT = date(2028, 4, 10)


def on(days: int) -> date:
    """So many days after the end."""
    return END + timedelta(days=days)


@pytest.fixture
def cast(fresh_database: FreshDatabase) -> Cast:
    return raise_curtain()


def nights(cast: Cast, first: int, last: int) -> None:
    """Every night of a range of days after the end, each with what it enqueues."""
    for days in range(first, last + 1):
        run_night(cast.nord, on(days))
        run_queue("billing", "subscriptions")


def by_card(cast: Cast, number: str) -> None:
    method = give(cast, number)
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        Subscription.objects.filter(pk=cast.subscription.pk).update(payment_method="card", paid_with=method)


def states_of(cast: Cast, *days: int) -> list[str]:
    row = now_of(cast.subscription)
    return [state_on(row, on(each)).value for each in days]


def documents(cast: Cast) -> list[str]:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        assert violations(on(100)) == []
        return list(Invoice.objects.order_by("pk").values_list("number", flat=True))


def test_a_card_that_pays_leaves_everything_active(cast: Cast) -> None:
    by_card(cast, "4242424242424242")
    nights(cast, 0, 2)
    assert [row.amount_minor for row in SandboxCharge.objects.all()] == [120_000]
    assert (now_of(cast.subscription).lapses_on, now_of(cast.subscription).renews_on) == (NEXT, NEXT)
    assert told(cast.nord, "subscription.lapsed") == []
    assert documents(cast) == ["F-2027-000001"]


def test_a_declined_card_starts_the_clock_at_the_old_end_and_is_tried_again_on_days_3_7_and_12(cast: Cast) -> None:
    by_card(cast, POOR)
    nights(cast, 0, 14)
    row = now_of(cast.subscription)
    assert (row.renews_on, row.lapses_on) == (NEXT, END)
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        tries = [(row.nth, row.made_on) for row in Attempt.objects.order_by("nth")]
    assert tries == [(1, on(0)), (2, on(3)), (3, on(7)), (4, on(12))]
    assert SandboxCharge.objects.filter(state="succeeded").count() == 0
    assert states_of(cast, 0, 14, 15, 44, 45) == ["grace", "grace", "suspended", "suspended", "cancelled"]
    assert told(cast.nord, "subscription.lapsed") == [("2027-04-10", "grace")]


def test_a_card_that_works_again_in_grace_keeps_the_renewal_price_and_stops_the_clock(cast: Cast) -> None:
    by_card(cast, POOR)
    nights(cast, 0, 2)
    by_card(cast, "4242424242424242")
    nights(cast, 3, 20)
    assert [row.amount_minor for row in SandboxCharge.objects.filter(state="succeeded")] == [120_000]
    assert now_of(cast.subscription).lapses_on == NEXT
    assert told(cast.nord, "renewal.paid") == [("2027-04-13", "active")]
    assert told(cast.nord, "subscription.lapsed") == [("2027-04-10", "grace")]
    assert documents(cast) == ["F-2027-000001"]


def test_an_unpaid_renewal_is_cancelled_45_days_after_the_end_and_credited(cast: Cast) -> None:
    by_card(cast, POOR)
    nights(cast, 0, 45)
    row = now_of(cast.subscription)
    assert (row.renews_on, row.lapses_on) == (END, END), "it stands at its old end again"
    assert told(cast.nord, "subscription.lapsed") == [
        ("2027-04-10", "grace"),
        ("2027-04-25", "suspended"),
        ("2027-05-25", "cancelled"),
    ]
    assert documents(cast) == ["F-2027-000001", "A-2027-000001"]
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        assert Period.objects.get(kind="renewal").undone_on == on(45)
        assert Sale.objects.get().undone_on == on(45)
    nights(cast, 46, 48)
    assert len(documents(cast)) == 2
    assert states_of(cast, 48) == ["cancelled"]


def test_on_invoice_the_clock_runs_from_the_due_day(cast: Cast) -> None:
    nights(cast, 0, 0)
    assert states_of(cast, 0, 29, 30, 44, 45, 74, 75) == [
        "active",
        "active",
        "grace",
        "grace",
        "suspended",
        "suspended",
        "cancelled",
    ]
    nights(cast, 30, 30)
    nights(cast, 45, 45)
    nights(cast, 75, 75)
    assert [state for _day, state in told(cast.nord, "subscription.lapsed")] == ["grace", "suspended", "cancelled"]
    assert documents(cast) == ["F-2027-000001", "A-2027-000001"]
    assert now_of(cast.subscription).renews_on == END


def test_nothing_ordered_lapses_from_the_end(cast: Cast) -> None:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        Subscription.objects.filter(pk=cast.subscription.pk).update(automatic_renewal=False)
    for days in (0, 15, 45, 45):
        nights(cast, days, days)
    assert told(cast.nord, "subscription.lapsed") == [
        ("2027-04-10", "grace"),
        ("2027-04-25", "suspended"),
        ("2027-05-25", "cancelled"),
    ]
    assert documents(cast) == []


def test_an_unpaid_addition_is_taken_back_15_days_after_its_due_day_and_the_subscription_goes_on(cast: Cast) -> None:
    from comptoir.subscriptions.actions.seats import add_seats
    from comptoir.subscriptions.queries.seats import subscription_of

    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk, person=cast.camille.person_id):
        camille = actor_of(cast.camille)
        add_seats(camille, subscription_of(camille, "560000001"), add=3, on=TODAY)
    due = TODAY + timedelta(days=30)
    run_night(cast.nord, due + timedelta(days=14))
    assert now_of(cast.subscription).seats_now == 7
    run_night(cast.nord, due + timedelta(days=15))
    row = now_of(cast.subscription)
    assert (row.seats_now, row.seats_at_renewal, row.renews_on, row.lapses_on) == (4, 4, END, END)
    assert documents(cast) == ["F-2026-000001", "A-2027-000001"]
    run_night(cast.nord, due + timedelta(days=15))
    run_night(cast.nord, due + timedelta(days=16))
    assert len(documents(cast)) == 2


def disputed(cast: Cast, days: int, state: str = "open") -> None:
    """The bank of the one charge takes it back on that day, or decides about it."""
    charge = SandboxCharge.objects.get()
    SandboxDispute.objects.update_or_create(
        ref="dp", defaults={"charge": charge, "amount_minor": charge.amount_minor, "reason": "fraud", "state": state}
    )
    House.objects.update(business_day=on(days))
    JOBS["billing.follow"][0](Actor.job("billing.follow", cast.nord.pk), what="dispute", reference=charge.key)
    run_queue("billing", "subscriptions")
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        assert violations(on(days)) == []


def test_a_renewal_whose_charge_a_bank_takes_back_for_good_lapses_from_that_day(cast: Cast) -> None:
    by_card(cast, "4242424242424242")
    nights(cast, 0, 0)
    disputed(cast, 60)
    assert states_of(cast, 60) == ["active"], "until the bank has decided"
    disputed(cast, 70, "lost")
    assert now_of(cast.subscription).lapses_on == on(70)
    assert states_of(cast, 70, 84, 85, 114, 115) == ["grace", "grace", "suspended", "suspended", "cancelled"]


def test_a_renewal_on_invoice_is_open_again_while_the_bank_of_its_payment_decides(cast: Cast) -> None:
    nights(cast, 0, 0)
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk, person=cast.camille.person_id):
        pay_invoice(actor_of(cast.camille), Invoice.objects.get(), method=give(cast).pk, on=on(1))
    run_queue("billing", "subscriptions")
    assert now_of(cast.subscription).lapses_on == NEXT
    disputed(cast, 100)
    assert now_of(cast.subscription).lapses_on == on(100), "nobody is suspended without a warning"
    disputed(cast, 110, "won")
    assert (now_of(cast.subscription).lapses_on, states_of(cast, 110)) == (NEXT, ["active"])
