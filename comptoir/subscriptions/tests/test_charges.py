"""The calendar of coming charges: twelve months, with what is planned, as the nightly run will charge them."""

from datetime import date, timedelta
from time import process_time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comptoir.kernel.actor import Actor
from comptoir.kernel.paging import Place
from comptoir.subscriptions.models import Period, PlannedChange, SeatEntry, Subscription
from comptoir.subscriptions.queries.charges import calendar_of, every_charge, page_of_charges
from tests.cast import TODAY, Cast, raise_curtain, signed_in, subscribe, words_of

from .test_add_seats import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def planned_term(cast: Cast, term: str) -> None:
    PlannedChange.objects.create(organisation=cast.nord, subscription=cast.subscription, field="term", term=term, made_on=TODAY)


def test_a_yearly_subscription_is_charged_once_on_its_day(cast: Cast) -> None:
    found = calendar_of(actor_of(cast.camille), TODAY, "EUR")
    assert [(month.first, str(month.automatic), month.charges) for month in found.months if month.charges] == [
        (date(2027, 4, 1), "1000.00", 1)
    ]
    assert (found.next_on, str(found.next_amount), str(found.total)) == (date(2027, 4, 10), "1000.00", "1000.00")
    assert len(found.months) == 12


def test_nothing_follows_a_renewal_that_was_not_paid_once_it_is_suspended(cast: Cast) -> None:
    camille, renewed = actor_of(cast.camille), Subscription.objects.filter(pk=cast.subscription.pk)
    for days, charges in ((14, 1), (15, 0)):
        renewed.update(lapses_on=TODAY - timedelta(days=days))
        assert calendar_of(camille, TODAY, "EUR").charges == len(every_charge(camille, TODAY, "EUR")) == charges
    assert page_of_charges(camille, TODAY, date(2027, 4, 1), Place(), "EUR").rows == []


def test_a_planned_term_and_planned_seats_are_charged_as_planned(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    planned_term(cast, "3years")
    Subscription.objects.filter(pk=cast.subscription.pk).update(seats_at_renewal=6)
    found = calendar_of(camille, TODAY, "EUR")
    assert str(found.total) == "4210.00"  # 4 x 675.00 and 2 new ones x 755.00
    (charge,) = page_of_charges(camille, TODAY, date(2027, 4, 1), Place(), "EUR").rows
    assert [str(words.amount) for words in charge.sums] == ["2700.00", "1510.00"]
    assert charge.planned


def test_a_planned_month_is_charged_every_month_from_then_on(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    planned_term(cast, "month")
    found = calendar_of(camille, TODAY, "EUR")
    assert [month.first.month for month in found.months if month.charges] == [4, 5, 6, 7, 8, 9, 10]
    assert str(found.total) == "868.00"  # 7 x 4 x 31.00
    for month in found.months:
        rows = page_of_charges(camille, TODAY, month.first, Place(), "EUR").rows
        assert len(rows) == month.charges


def test_what_does_not_renew_by_itself_ends_and_is_not_in_the_sum(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    Subscription.objects.filter(pk=cast.subscription.pk).update(automatic_renewal=False)
    found = calendar_of(camille, TODAY, "EUR")
    assert (str(found.total), str(found.by_hand), found.ends, found.next_on) == ("0.00", "1000.00", 1, None)
    (charge,) = page_of_charges(camille, TODAY, date(2027, 4, 1), Place(), "EUR").rows
    assert (charge.automatic, str(charge.net)) == (False, "1000.00")
    assert charge.why is not None


def test_what_was_renewed_early_comes_again_with_its_new_seats_and_term(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    start, end = date(2027, 4, 10), date(2027, 5, 10)
    theirs = {"organisation": cast.nord, "subscription": cast.subscription}
    Period.objects.create(**theirs, start=start, end=end, days=30, term="month", kind="renewal", price_minor=3100, currency="EUR")
    SeatEntry.objects.create(
        **theirs, seq=2, on=TODAY, kind="plan", change_now=0, change_at_renewal=2, seats_now=4, seats_at_renewal=6
    )
    Subscription.objects.filter(pk=cast.subscription.pk).update(renews_on=end, lapses_on=end, turns_on=start, seats_at_renewal=6)
    found = calendar_of(camille, TODAY, "EUR")
    assert [(month.first.month, str(month.automatic)) for month in found.months if month.charges][:2] == [
        (5, "186.00"),
        (6, "186.00"),
    ]


def test_every_charge_of_the_file_adds_up_to_the_calendar(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    for n, term in enumerate(("month", "year", "3years", "month")):
        subscribe(cast.second_contract, cast.sculpt, f"56000020{n}", seats=n + 1, start=date(2026, 9 + n % 3, 29), term=term)
    actor_of(cast.camille)
    charges = every_charge(camille, TODAY, "EUR")
    found = calendar_of(camille, TODAY, "EUR")
    assert sum(charge.net.minor for charge in charges if charge.automatic and charge.net) == found.total.minor
    assert len([charge for charge in charges if charge.automatic]) == found.charges
    by_page = [charge for month in found.months for charge in page_of_charges(camille, TODAY, month.first, Place(), "EUR").rows]
    assert sorted((charge.on, charge.number) for charge in by_page) == [(charge.on, charge.number) for charge in charges]


def test_a_month_is_turned_over_page_by_page_and_back_each_charge_once(cast: Cast) -> None:
    """What comes round to the month by itself stands before what renews in it; a page may hold some of both."""
    camille = actor_of(cast.camille)
    for n, (term, renews) in enumerate([("month", 3), ("month", 20), ("year", 45), ("month", 46), ("year", 50)]):
        row = subscribe(cast.contract, cast.sculpt, f"57000000{n}", seats=1, start=TODAY, term=term)
        day = TODAY + timedelta(renews)
        Subscription.objects.filter(pk=row.pk).update(renews_on=day, lapses_on=day)
    month, place, seen = date(2027, 1, 1), Place(size=2), []
    while True:
        page = page_of_charges(camille, TODAY, month, place, "EUR")
        seen.append([charge.number[-1] for charge in page.rows])
        if not page.next:
            break
        place = Place(after=page.next, size=2)
    assert seen == [["0", "1"], ["2", "3"], ["4"]]
    back = page_of_charges(camille, TODAY, month, Place(before=page.previous, size=2), "EUR")
    assert [charge.number[-1] for charge in back.rows] == seen[1]


def test_who_manages_one_contract_sees_its_charges_alone_and_others_none(cast: Cast) -> None:
    subscribe(cast.second_contract, cast.sculpt, "560000009", seats=2, start=date(2026, 9, 6))
    assert str(calendar_of(actor_of(cast.anton), TODAY, "EUR").total) == "500.00"
    camille = actor_of(cast.camille)
    assert str(calendar_of(camille, TODAY, "EUR").total) == "1500.00"
    assert str(calendar_of(camille, TODAY, "EUR", cast.contract.pk).total) == "1000.00"
    assert signed_in(cast.anton).get("/c/5200001/contracts/110000001/charges/").status_code == 404
    assert signed_in(cast.rita).get("/c/5200001/charges/").status_code == 404


def test_the_page_says_the_next_charge_and_the_years_sum_first(cast: Cast) -> None:
    for path in ("charges/", "contracts/110000001/charges/"):
        said = words_of(signed_in(cast.camille).get(f"/c/5200001/{path}"))
        assert "The next charge is 1,000.00 EUR on 10 April 2027" in said
        assert "It is the only one in these twelve months, without tax" in said
        assert "4 seats × 250.00 EUR" in said
    said = words_of(signed_in(cast.camille, "fr").get("/c/5200001/charges/?month=2026-12"))
    assert "Décembre 2026" in said or "décembre 2026" in said
    assert signed_in(cast.camille).get("/c/5200001/charges/?month=2020-01").status_code == 404


def test_ten_thousand_subscriptions_take_as_many_statements_as_one_and_little_time(cast: Cast) -> None:
    subscribe(cast.second_contract, cast.sculpt, "560000009", seats=2, start=date(2026, 4, 6))
    camille = actor_of(cast.camille)
    _fill(cast, 10_000)
    connection.cursor().execute("ANALYZE subscriptions_subscription, subscriptions_period, subscriptions_plannedchange")
    with CaptureQueriesContext(connection) as few:
        _both(camille, cast.second_contract.pk)
    with CaptureQueriesContext(connection) as many:
        started = process_time()
        _both(camille, None)
        took = process_time() - started
    assert len(many) == len(few)
    assert took < 0.1, f"{len(many)} statements took {took * 1000:.0f} ms of this process"


def _both(camille: Actor, contract_id: int | None) -> None:
    calendar_of(camille, TODAY, "EUR", contract_id)
    page_of_charges(camille, TODAY, date(2027, 4, 1), Place(), "EUR", contract_id)


def _fill(cast: Cast, count: int) -> None:
    terms = ("month", "year", "year", "3years")
    rows = [
        Subscription(
            organisation=cast.nord,
            contract=cast.contract,
            product=cast.sculpt,
            number=f"57{n:07d}",
            term=terms[n % 4],
            anchor_day=n % 28 + 1,
            automatic_renewal=n % 5 > 0,
            payment_method="invoice",
            seats_now=n % 40 + 1,
            seats_at_renewal=n % 40 + 1,
            starts_on=date(2026, 2, 1),
            renews_on=date(2026 + (n % 12 + 12) // 12, n % 12 + 1, n % 28 + 1) if n % 4 else date(2026, 12, n % 20 + 1),
            lapses_on=date(2028, 1, 1),
        )
        for n in range(count)
    ]
    Subscription.objects.bulk_create(rows)
