"""Renewing by hand: early, late in grace, suspended, one and many, by card and on invoice (rules 6)."""

from datetime import date, timedelta

import pytest

from comptoir.billing.models import Invoice
from comptoir.billing.tests.paying import give
from comptoir.kernel.errors import Refused
from comptoir.kernel.models import House
from comptoir.kernel.walls import open_wall
from comptoir.subscriptions.actions.renewing import renew
from comptoir.subscriptions.models import Order, Period, Sale, Subscription
from comptoir.subscriptions.queries.renewing import open_for_renewal, preview_renewals, renewables
from comptoir.subscriptions.queries.seats import subscription_of
from comptoir.subscriptions.queries.states import state_on
from tests.cast import Cast, raise_curtain, signed_in, subscribe, words_of

from .nights import invoiced, now_of, run_night, violations
from .test_add_seats import actor_of

pytestmark = pytest.mark.django_db
END = date(2027, 4, 10)  # of the cast's subscription
NUMBER = "560000001"


@pytest.fixture
def cast() -> Cast:
    made = raise_curtain()
    open_wall(read=[made.nord.pk], write=made.nord.pk)
    return made


def on(days: int) -> date:
    """So many days after the end."""
    return END + timedelta(days=days)


def by_hand(cast: Cast, day: date, **more: object) -> Order:
    """Camille renews on that day."""
    House.objects.update(business_day=day)
    camille = actor_of(cast.camille)
    return renew(camille, subscription_of(camille, NUMBER), on=day, **more)  # type: ignore[arg-type]


def not_automatic(cast: Cast) -> None:
    Subscription.objects.filter(pk=cast.subscription.pk).update(automatic_renewal=False)


def test_from_90_days_before_it_costs_the_renewal_price_and_begins_at_the_old_end(cast: Cast) -> None:
    with pytest.raises(Refused, match="too_early"):
        by_hand(cast, on(-91))
    order = by_hand(cast, on(-90))
    assert (order.state, str(order.net), str(order.total)) == ("settled", "1000.00", "1200.00")
    row = now_of(cast.subscription)
    assert (row.renews_on, row.turns_on, row.lapses_on) == (date(2028, 4, 10), END, END)
    assert violations(on(-90)) == []
    with pytest.raises(Refused, match="already_renewed"):
        by_hand(cast, on(-80))
    run_night(cast.nord, END)
    assert now_of(cast.subscription).turns_on is None, "the night begins it"
    assert len(invoiced()) == 1, "and renews nothing more"


def test_with_another_term_and_other_seats(cast: Cast) -> None:
    order = by_hand(cast, on(-10), term="3years", seats=5)
    assert str(order.net) == "3455.00"  # 4 x 675 + 1 x 755
    row = now_of(cast.subscription)
    assert (row.seats_now, row.seats_at_renewal, row.term) == (4, 5, "year")
    run_night(cast.nord, END)
    row = now_of(cast.subscription)
    assert (row.seats_now, row.seats_at_renewal, row.term) == (5, 5, "3years")
    assert violations(END) == []


def test_late_in_grace_it_costs_the_new_price_and_begins_at_the_old_end(cast: Cast) -> None:
    not_automatic(cast)
    order = by_hand(cast, on(14))
    assert str(order.net) == "1120.00"
    assert Period.objects.get(kind="renewal").start == END
    assert state_on(now_of(cast.subscription), on(14)) == "active"
    assert violations(on(14)) == []


def test_suspended_it_begins_on_the_day_of_payment(cast: Cast) -> None:
    not_automatic(cast)
    order = by_hand(cast, on(20))
    assert str(order.net) == "1120.00"
    period = Period.objects.get(kind="renewal")
    assert (period.start, period.end) == (on(20), date(2028, 4, 30))
    assert (now_of(cast.subscription).anchor_day, now_of(cast.subscription).seats_now) == (30, 4)
    assert violations(on(20)) == []


def test_cancelled_it_is_bought_new(cast: Cast) -> None:
    not_automatic(cast)
    with pytest.raises(Refused, match="cancelled"):
        by_hand(cast, on(45))


def test_an_open_renewal_is_paid_in_grace_and_credited_when_it_is_renewed_suspended(cast: Cast) -> None:
    run_night(cast.nord, END)
    due = on(30)
    with pytest.raises(Refused, match="invoice_overdue"):
        by_hand(cast, due + timedelta(days=3))
    order = by_hand(cast, due + timedelta(days=20))
    assert str(order.net) == "1120.00"
    assert list(Invoice.objects.order_by("pk").values_list("number", flat=True)) == [
        "F-2027-000001",
        "A-2027-000001",
        "F-2027-000002",
    ]
    assert [period.undone_on for period in Period.objects.filter(kind="renewal").order_by("pk")] == [on(50), None]
    assert [sale.undone_on for sale in Sale.objects.order_by("pk")] == [on(50), None]
    row = now_of(cast.subscription)
    assert (row.renews_on, state_on(row, on(50))) == (on(50).replace(year=2028), "active")
    assert violations(on(50)) == []


def test_many_are_one_order_for_each_way_of_paying_with_one_invoice_per_contract(cast: Cast) -> None:
    card = give(cast)
    open_wall(read=[cast.nord.pk], write=cast.nord.pk)
    told = {"seats": 1, "start": date(2026, 4, 10)}
    subscribe(cast.second_contract, cast.sculpt, "560000081", **told)
    subscribe(cast.second_contract, cast.sculpt, "560000082", **told, payment_method="card", paid_with=card)
    day = on(-30)
    House.objects.update(business_day=day)
    camille = actor_of(cast.camille)
    previews = preview_renewals(renewables(camille, day), day)
    assert [(each.numbers, str(each.totals.total)) for each in previews] == [
        ("560000082", "300.00"),
        ("560000001,560000081", "1500.00"),
    ]
    one = subscription_of(camille, NUMBER)
    with pytest.raises(Refused, match="payment_method_differs"):
        renew(camille, one, also=["560000081", "560000082"], on=day)
    order = renew(camille, one, also=["560000081"], on=day, quote=previews[1].quote)
    assert sorted(net for _number, _method, net, _due in invoiced()) == ["1000.00", "250.00"]
    assert (order.subscription_id, order.seats) == (None, 5)
    by_card = renew(camille, subscription_of(camille, "560000082"), on=day)
    assert (by_card.state, len(invoiced())) == ("placed", 2), "nothing but the order, until it is paid"
    with pytest.raises(Refused, match="payment_running"):
        renew(camille, subscription_of(camille, "560000082"), on=day)
    assert violations(day) == []


def test_who_manages_another_contract_only_renews_nothing_of_this_one(cast: Cast) -> None:
    House.objects.update(business_day=on(-30))
    anton = actor_of(cast.anton)
    assert renewables(anton, on(-30)) == []


def test_a_moved_quote_renews_nothing(cast: Cast) -> None:
    House.objects.update(business_day=on(-30))
    camille = actor_of(cast.camille)
    quote = preview_renewals(renewables(camille, on(-30)), on(-30))[0].quote
    with pytest.raises(Refused, match="quote_moved"):
        by_hand(cast, on(-29), quote=quote)
    assert invoiced() == []


def test_the_page_of_one_shows_the_price_and_renews(cast: Cast) -> None:
    House.objects.update(business_day=on(-30))
    camille = signed_in(cast.camille)
    address = f"/c/{cast.nord.number}/subscriptions/{NUMBER}/renewal/"
    page = camille.get(address)
    assert "is renewed with 4 seats until 10 April 2028, for 1,200.00 EUR with tax." in words_of(page).replace("\xa0", " ")
    quote = page.context["order"].quote
    answer = camille.post(address, {"term": "year", "seats": "4", "quote": quote, "request_key": "k"})
    assert answer.headers["Location"] == f"/c/{cast.nord.number}/orders/{NUMBER}-1/"
    assert "was renewed until 10 April 2028, and waits for its payment." in words_of(camille.get(address))


def test_the_page_of_many_renews_what_is_picked_once(cast: Cast) -> None:
    House.objects.update(business_day=on(-30))
    open_wall(read=[cast.nord.pk], write=cast.nord.pk)
    subscribe(cast.second_contract, cast.sculpt, "560000091", seats=1, start=date(2026, 4, 10))
    camille = signed_in(cast.camille)
    address = f"/c/{cast.nord.number}/renewals/"
    assert "2 subscriptions can be renewed today." in words_of(camille.get(address))
    everything = camille.get(f"{address}?all=1")
    page = camille.get(f"{address}?n={NUMBER}&n=560000091")
    assert everything.context["picked"] == page.context["picked"] == {NUMBER, "560000091"}
    order = page.context["orders"][0]
    form = {"order": f"{order.numbers}|{order.quote}", "request_key": "once"}
    first, second = camille.post(address, form), camille.post(address, form)
    assert first.status_code == 302
    open_wall(read=[cast.nord.pk], write=cast.nord.pk)
    assert Order.objects.count() == 1
    assert second.status_code in {302, 409}
    assert "Nothing to renew today" in words_of(camille.get(address))


def test_what_ends_later_is_not_read_and_what_one_page_does_not_take_follows(cast: Cast) -> None:
    camille, day = actor_of(cast.camille), on(-30)
    far = subscribe(cast.second_contract, cast.sculpt, "560000091", seats=1, start=date(2027, 3, 1))
    near = subscribe(cast.second_contract, cast.sculpt, "560000092", seats=1, start=date(2026, 4, 12))
    found = open_for_renewal(camille, day, 10)
    assert [each.subscription.number for each in found.found] == [NUMBER, near.number]
    assert (found.more, found.later) == (False, True)
    first = open_for_renewal(camille, day, 1)
    assert [each.subscription.number for each in first.found] == [NUMBER]
    assert first.more
    every = {each.subscription.number for each in renewables(camille, day) if each.plan is not None}
    assert every == {NUMBER, near.number}
    assert far.number not in every


def test_a_coordinator_asks_for_it(cast: Cast) -> None:
    House.objects.update(business_day=on(-30))
    sofia = signed_in(cast.sofia)
    address = f"/c/{cast.nord.number}/subscriptions/{NUMBER}/renewal/"
    assert "EUR" not in words_of(sofia.get(address))
    assert sofia.post(address, {"reason": "It ends", "request_key": "k"}).status_code == 302
    camille = signed_in(cast.camille)
    page = words_of(camille.get(f"/c/{cast.nord.number}/requests/"))
    assert "Sculpt LT: renew now" in page


def test_while_the_run_itself_is_late_by_hand_costs_the_renewal_price_and_nobody_is_suspended(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    House.objects.update(business_day=on(20))  # no night has run: without its delay it would stand renewed
    (found,) = [each for each in renewables(camille, on(20)) if each.subscription.number == NUMBER]
    assert found.state == "grace"
    order = by_hand(cast, on(20))
    assert str(order.net) == "1000.00"
    assert Period.objects.get(kind="renewal").start == END


def test_once_the_run_has_come_and_gone_by_hand_is_late(cast: Cast) -> None:
    not_automatic(cast)
    run_night(cast.nord, END)
    Subscription.objects.filter(pk=cast.subscription.pk).update(automatic_renewal=True)
    assert str(by_hand(cast, on(14)).net) == "1120.00"
