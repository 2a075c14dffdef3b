"""The nightly run: what it renews, at which price, on which invoices, and what it leaves alone (rules 2, 4, 6)."""

from datetime import date, timedelta

import pytest

from comptoir.billing.models import Attempt, InvoiceLine, PaymentMethod
from comptoir.catalogue.models import Price
from comptoir.contracts.models import Contract
from comptoir.kernel.models import Event
from comptoir.kernel.walls import open_wall
from comptoir.subscriptions.models import Parked, Period, PlannedChange, RenewalRun, Sale, SeatEntry, Subscription
from tests.cast import TODAY, Cast, product, raise_curtain, subscribe

from .nights import invoiced, now_of, run_night, violations

pytestmark = pytest.mark.django_db
END = date(2027, 4, 10)  # of the cast's subscription


@pytest.fixture
def cast() -> Cast:
    made = raise_curtain()
    open_wall(read=[made.nord.pk], write=made.nord.pk)
    return made


def plan(subscription: Subscription, *, seats: int = 0, term: str = "") -> None:
    """A pending change of the next renewal, as its verb leaves it."""
    told = {"organisation_id": subscription.organisation_id, "subscription": subscription, "made_on": TODAY}
    if seats:
        PlannedChange.objects.create(**told, field="seats", seats=seats - subscription.seats_now)
        Subscription.objects.filter(pk=subscription.pk).update(seats_at_renewal=seats)
        change = seats - subscription.seats_now
        SeatEntry.objects.create(
            organisation_id=subscription.organisation_id,
            subscription=subscription,
            seq=2,
            on=TODAY,
            kind="plan",
            change_now=0,
            change_at_renewal=change,
            seats_now=subscription.seats_now,
            seats_at_renewal=seats,
        )
    if term:
        PlannedChange.objects.create(**told, field="term", term=term)


def card(cast: Cast, **more: object) -> PaymentMethod:
    told = {"kind": "card", "provider": "sandbox", "customer_ref": "cus", "token_ref": "pm", "label": "Visa", "added_on": TODAY}
    return PaymentMethod.objects.create(organisation=cast.nord, **{**told, **more})


def test_the_run_renews_on_the_day_for_the_renewal_price(cast: Cast) -> None:
    run_night(cast.nord, END)
    row = now_of(cast.subscription)
    assert (row.renews_on, row.seats_now, row.version, row.turns_on) == (date(2028, 4, 10), 4, 2, None)
    assert invoiced() == [("F-2027-000001", "invoice", "1000.00", "2027-05-10")]
    period = Period.objects.get(subscription=row, kind="renewal")
    assert (period.start, period.end, period.days, period.price_minor, period.price_kind) == (
        END,
        row.renews_on,
        366,
        25000,
        "renewal",
    )
    assert row.lapses_on == date(2027, 5, 10), "on invoice the clock runs from the due day"
    sale = Sale.objects.get()
    assert (sale.kind, sale.period_id, sale.seats, sale.order_id, sale.on) == ("renewal", period.pk, 4, None, END)
    run = RenewalRun.objects.get()
    assert (run.day, run.renewed, run.invoices, run.ended, run.parked) == (END, 1, 1, 0, 0)
    assert run.finished_at is not None
    assert [event.kind for event in Event.objects.order_by("seq")] == ["invoice.issued", "subscription.renewed", "renewals.run"]
    assert not Attempt.objects.exists()
    assert violations(END) == []


def test_the_day_before_nothing_is_renewed(cast: Cast) -> None:
    run_night(cast.nord, END - timedelta(days=1))
    assert invoiced() == []
    assert not RenewalRun.objects.exists()


def test_the_run_twice_renews_once(cast: Cast) -> None:
    run_night(cast.nord, END)
    run_night(cast.nord, END)
    assert len(invoiced()) == 1
    assert Event.objects.filter(kind="renewals.run").count() == 1


def test_a_run_five_days_late_takes_the_price_of_the_day(cast: Cast) -> None:
    later = END + timedelta(days=2)
    Price.objects.create(product=cast.sculpt, term="year", currency="EUR", new_minor=99900, renewal_minor=88800, valid_from=later)
    run_night(cast.nord, END, today=END + timedelta(days=5))
    assert invoiced() == [("F-2027-000001", "invoice", "1000.00", "2027-05-15")], "issued today, at the price of its day"
    assert Period.objects.get(kind="renewal").start == END
    run_night(cast.nord, END + timedelta(days=1), today=END + timedelta(days=5))
    assert len(invoiced()) == 1


@pytest.mark.parametrize(
    ("seats", "term", "net", "lines", "until"),
    [
        (0, "", "1000.00", [("renewal", 4, 25000)], date(2028, 4, 10)),
        (0, "3years", "2700.00", [("renewal", 4, 67500)], date(2030, 4, 10)),
        (3, "3years", "2025.00", [("renewal", 3, 67500)], date(2030, 4, 10)),
        (6, "", "1560.00", [("renewal", 4, 25000), ("raised", 2, 28000)], date(2028, 4, 10)),
        (0, "month", "124.00", [("renewal", 4, 3100)], date(2027, 5, 10)),
    ],
)
def test_what_was_planned_is_done(
    cast: Cast, seats: int, term: str, net: str, lines: list[tuple[str, int, int]], until: date
) -> None:
    plan(cast.subscription, seats=seats, term=term)
    run_night(cast.nord, END)
    row = now_of(cast.subscription)
    assert (row.seats_now, row.seats_at_renewal, row.renews_on) == (seats or 4, seats or 4, until)
    assert row.term == (term or "year")
    assert [invoice[2] for invoice in invoiced()] == [net]
    told = InvoiceLine.objects.order_by("position").values_list("kind", "quantity", "unit_minor")
    assert list(told) == lines
    assert not PlannedChange.objects.filter(outcome="pending").exists()
    assert violations(END) == []


def test_one_invoice_per_contract_method_and_day(cast: Cast) -> None:
    nord, sculpt = cast.nord, cast.sculpt
    told = {"seats": 1, "start": date(2026, 4, 10)}
    subscribe(cast.contract, sculpt, "560000011", **told)
    subscribe(cast.contract, sculpt, "560000012", **told, payment_method="card", paid_with=card(cast))
    subscribe(cast.contract, sculpt, "560000013", **told, payment_method="sepa")  # nothing to charge: on invoice
    subscribe(cast.second_contract, sculpt, "560000014", **told)
    subscribe(cast.second_contract, sculpt, "560000015", seats=1, start=date(2026, 4, 11))
    run_night(nord, END)
    assert [(method, net) for _number, method, net, _due in invoiced()] == [
        ("invoice", "1500.00"),
        ("card", "250.00"),
        ("invoice", "250.00"),
    ]
    charged = Attempt.objects.get()
    assert (charged.amount_minor, charged.invoice.payment_method, charged.state) == (30000, "card", "created")
    row = Subscription.objects.get(number="560000012")
    assert row.lapses_on == row.renews_on == date(2028, 4, 10), "a charge that is under way starts no clock"
    assert violations(END) == []


def test_a_removed_card_goes_on_invoice(cast: Cast) -> None:
    gone = card(cast, state="removed", removed_on=TODAY)
    Subscription.objects.filter(pk=cast.subscription.pk).update(payment_method="card", paid_with=gone)
    run_night(cast.nord, END)
    assert [invoice[1] for invoice in invoiced()] == ["invoice"]
    assert not Attempt.objects.exists()


@pytest.mark.parametrize("channel", ["reseller", "store"])
def test_what_others_sell_is_left_to_them(cast: Cast, channel: str) -> None:
    Contract.objects.filter(pk=cast.contract.pk).update(channel="store")
    run_night(cast.nord, END)
    assert invoiced() == []


def test_without_automatic_renewal_it_ends_and_is_counted(cast: Cast) -> None:
    Subscription.objects.filter(pk=cast.subscription.pk).update(automatic_renewal=False)
    run_night(cast.nord, END)
    assert invoiced() == []
    assert RenewalRun.objects.get().ended == 1


def test_a_retired_product_renews_while_it_has_a_price_and_ends_without(cast: Cast) -> None:
    old = product("OLD", "Old", {"year": (10000, 9000)}, status="retired")
    gone = product("GONE", "Gone", {"year": (10000, 9000)}, status="retired")
    Price.objects.create(product=gone, term="year", currency="EUR", new_minor=9900, valid_from=date(2027, 1, 1))

    told = {"seats": 1, "start": date(2026, 4, 10)}
    kept, ended = subscribe(cast.contract, old, "560000021", **told), subscribe(cast.contract, gone, "560000022", **told)
    run_night(cast.nord, END)
    assert now_of(kept).renews_on == date(2028, 4, 10)
    assert now_of(ended).renews_on == END
    assert RenewalRun.objects.get().ended == 1


def test_what_was_past_its_end_when_it_came_is_never_renewed(cast: Cast) -> None:
    late = subscribe(cast.contract, cast.sculpt, "560000031", seats=1, start=TODAY - timedelta(days=370))
    in_time = subscribe(cast.contract, cast.sculpt, "560000032", seats=1, start=TODAY - timedelta(days=363))
    Event.objects.create(
        chain=f"c:{cast.nord.pk}",
        seq=0,
        organisation_id=cast.nord.pk,
        kind="customer.imported",
        on=TODAY,
        at=SeatEntry.objects.latest("at").at,
        actor="operator",
        subject="x",
        detail={},
        previous="",
        hash="x",
    )
    run_night(cast.nord, TODAY)
    run_night(cast.nord, TODAY + timedelta(days=1))
    run_night(cast.nord, TODAY + timedelta(days=2), today=TODAY + timedelta(days=4))
    assert now_of(late).renews_on == late.renews_on
    assert now_of(in_time).renews_on > in_time.renews_on


def test_an_overdue_renewal_is_not_stacked_with_another(cast: Cast) -> None:
    start = date(2027, 1, 31)
    row = subscribe(cast.second_contract, cast.sculpt, "560000041", seats=1, start=start, term="month")
    run_night(cast.nord, date(2027, 2, 28))
    assert now_of(row).lapses_on == date(2027, 3, 30)
    run_night(cast.nord, date(2027, 3, 31))
    assert now_of(row).renews_on == date(2027, 3, 31), "its renewal of February was due on 30 March and is not paid"
    assert len(invoiced()) == 1


def test_two_open_renewals_run_the_clock_of_the_first(cast: Cast) -> None:
    row = subscribe(cast.second_contract, cast.sculpt, "560000042", seats=1, start=date(2027, 1, 1), term="month")
    run_night(cast.nord, date(2027, 2, 1))
    run_night(cast.nord, date(2027, 3, 1))
    assert [due for *_told, due in invoiced()] == ["2027-03-03", "2027-03-31"]
    assert (now_of(row).renews_on, now_of(row).lapses_on) == (date(2027, 4, 1), date(2027, 3, 3))


def test_a_price_a_thousand_times_the_last_is_held_back_with_its_invoice(cast: Cast) -> None:
    Period.objects.filter(subscription=cast.subscription).update(price_minor=25000, price_kind="renewal")
    dear = date(2027, 1, 1)
    Price.objects.create(
        product=cast.sculpt, term="year", currency="EUR", new_minor=28_000_000, renewal_minor=25_000_000, valid_from=dear
    )
    run_night(cast.nord, END)
    assert invoiced() == []
    assert now_of(cast.subscription).renews_on == END
    held = Parked.objects.get()
    assert [each["bound"] for each in held.findings] == ["price_jumped", "invoice_jumped"]
    assert (held.net_minor, held.renews_on, held.state) == (100_000_000, END, "open")
    assert RenewalRun.objects.get().parked == 1
    run_night(cast.nord, END + timedelta(days=1))
    assert Parked.objects.count() == 1
    Parked.objects.update(state="released")
    run_night(cast.nord, END + timedelta(days=2))
    assert [invoice[2] for invoice in invoiced()] == ["1000000.00"]
