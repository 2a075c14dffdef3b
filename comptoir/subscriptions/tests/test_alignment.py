"""One renewal date for several subscriptions (P1, P10; rules 5)."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comptoir.billing.models import Invoice
from comptoir.kernel.errors import Refused
from comptoir.kernel.models import Event
from comptoir.kernel.walls import wall_opened
from comptoir.subscriptions.actions import alignment, plans
from comptoir.subscriptions.actions.seats import add_seats
from comptoir.subscriptions.models import AlignmentWish, Order, Period, PlannedChange, Sale, Subscription
from comptoir.subscriptions.queries.alignment import matched, members_of, options_of, preview_alignment
from comptoir.subscriptions.queries.seats import preview_added_seats, subscription_of
from comptoir.subscriptions.tests.test_plans import actor_of, refused
from tests.cast import Cast, make_contract, product, raise_curtain, subscribe

pytestmark = pytest.mark.django_db
ON = date(2025, 2, 1)


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture
def three(cast: Cast) -> Cast:
    """The seed's three (rules 5), two years on: 4 x 250 on 10 April, 2 x 1,800 on 1 September, 1 x 420 on 15 December 2027."""
    big = product("BIG", "Big", {"year": (190000, 180000)})
    small = product("SML", "Small", {"year": (45000, 42000)})
    subscribe(cast.contract, big, "560000011", seats=2, start=date(2026, 9, 1))
    subscribe(cast.second_contract, small, "560000012", seats=1, start=date(2026, 12, 15))
    return cast


NUMBERS = ["560000001", "560000011", "560000012"]
TODAY_27 = date(2027, 2, 1)


def test_the_seeds_three_are_moved_to_the_latest_date_with_an_invoice_for_each_contract(three: Cast) -> None:
    camille = actor_of(three.camille)
    found = members_of(camille, TODAY_27, NUMBERS)
    preview = preview_alignment(found, TODAY_27)
    assert [(line.words, str(line.amount)) for line in preview.sums] == [
        ("4 seats × 250.00\xa0EUR × 249 of 366 days", "680.33"),
        ("2 seats × 1,800.00\xa0EUR × 105 of 366 days", "1032.79"),
    ]
    assert preview.plan.common.day == date(2027, 12, 15)
    order = alignment.align(camille, found[0].subscription, also=NUMBERS[1:], on=TODAY_27, quote=preview.quote)
    assert (order.net, order.total, order.state) == (preview.totals.net, preview.totals.total, "settled")
    assert set(Subscription.objects.filter(number__in=NUMBERS).values_list("renews_on", "lapses_on", "anchor_day")) == {
        (date(2027, 12, 15), date(2027, 12, 15), 15)
    }
    assert list(Invoice.objects.values_list("contract_id", "net_minor")) == [(three.contract.pk, 68033 + 103279)]
    extension = Period.objects.get(subscription__number="560000001", kind="extension")
    assert (extension.start, extension.end, extension.days, str(extension.price)) == (
        date(2027, 4, 10),
        date(2027, 12, 15),
        366,
        "250.00",
    )
    assert list(Sale.objects.order_by("id").values_list("kind", "seats")) == [("alignment", 4), ("alignment", 2)]
    assert sorted(Event.objects.values_list("kind", flat=True)) == ["dates.aligned"] * 3 + ["invoice.issued"]


def test_two_contracts_get_two_invoices_and_the_order_their_sum(three: Cast) -> None:
    camille = actor_of(three.camille)
    found = members_of(camille, TODAY_27, NUMBERS)
    order = alignment.align(camille, found[0].subscription, also=NUMBERS[1:], to=date(2027, 4, 10), on=TODAY_27)
    invoices = list(Invoice.objects.order_by("id"))
    assert {invoice.contract_id for invoice in invoices} == {three.contract.pk, three.second_contract.pk}
    assert sum(invoice.total_minor for invoice in invoices) == order.total_minor
    assert [invoice.number for invoice in invoices] == ["F-2027-000001", "F-2027-000002"]


def test_seats_added_after_an_alignment_pay_both_periods(three: Cast) -> None:
    """Rules 3, the last row of the table: a line for what runs and one for the extension."""
    camille = actor_of(three.camille)
    alignment.align(camille, subscription_of(camille, "560000001"), also=NUMBERS[1:], on=TODAY_27)
    preview = preview_added_seats(subscription_of(camille, "560000001"), 1, TODAY_27)
    assert [(line.kind, line.days, line.denominator) for line in preview.plan.lines] == [
        ("running", 68, 365),
        ("extension", 249, 366),
    ]
    add_seats(camille, subscription_of(camille, "560000001"), add=1, on=TODAY_27)
    assert subscription_of(camille, "560000001").seats_at_renewal == 5


def test_pending_seats_and_automatic_off_move_along_and_today_s_seats_are_charged(three: Cast) -> None:
    camille = actor_of(three.camille)
    plans.plan_seats(camille, subscription_of(camille, "560000001"), seats=2, on=TODAY_27)
    plans.automatic_off(camille, subscription_of(camille, "560000011"), on=TODAY_27)
    preview = preview_alignment(members_of(camille, TODAY_27, NUMBERS), TODAY_27)
    assert [line.quantity for line in (each.line for each in preview.plan.extensions)] == [4, 2, 1]
    alignment.align(camille, subscription_of(camille, "560000001"), also=NUMBERS[1:], on=TODAY_27)
    assert subscription_of(camille, "560000001").seats_at_renewal == 2
    assert PlannedChange.objects.get().outcome == "pending"
    assert not subscription_of(camille, "560000011").automatic_renewal


def test_every_possible_date_is_weighed_against_leaving_all_as_it_is(three: Cast) -> None:
    camille = actor_of(three.camille)
    found = members_of(camille, TODAY_27, NUMBERS)
    options = options_of(found, TODAY_27)
    assert [option.common and option.common.day for option in options] == [
        None,
        date(2027, 4, 10),
        date(2027, 9, 1),
        date(2027, 12, 15),
    ]
    for option in options[1:]:
        assert option.common is not None
        assert option.now == preview_alignment(found, TODAY_27, option.common.day).plan.net
    assert (str(options[0].now), str(options[3].now), str(options[3].at_renewal)) == ("0.00", "1713.12", "5020.00")


def test_another_term_method_or_an_overdue_invoice_is_told_with_the_step_that_mends_it(three: Cast) -> None:
    subscribe(three.contract, three.sculpt, "560000021", seats=1, start=date(2026, 5, 1), term="3years")
    subscribe(three.contract, three.sculpt, "560000022", seats=1, start=date(2026, 5, 2), payment_method="card")
    reseller = make_contract(three.nord, "110000008", channel="store")
    subscribe(reseller, three.sculpt, "560000023", seats=1, start=date(2026, 5, 3))
    camille = actor_of(three.camille)
    found = matched(members_of(camille, TODAY_27))
    assert [one.key for one in found.matching] == NUMBERS
    steps = {one.candidate.key: [step.code for step in one.steps] for one in found.unmatched}
    assert steps == {
        "560000021": ["term_differs"],
        "560000022": ["payment_method_differs"],
        "560000023": ["third_party_store"],
    }
    for number, codes in steps.items():
        also = [*NUMBERS[1:], number]
        refusal = refused(
            lambda also=also: alignment.align(camille, subscription_of(camille, NUMBERS[0]), also=also, on=TODAY_27)
        )
        assert refusal.code == codes[0]
    assert not Order.objects.exists()


def test_a_contract_that_is_not_theirs_is_refused_whole(three: Cast) -> None:
    anton = actor_of(three.anton)
    subscribe(three.second_contract, three.sculpt, "560000031", seats=1, start=date(2026, 5, 1))
    anton = actor_of(three.anton)
    first = subscription_of(anton, "560000031")
    assert [member.subscription.number for member in members_of(anton, TODAY_27)] == ["560000031", "560000012"]
    refusal = refused(lambda: alignment.align(anton, first, also=["560000012", "560000001"], on=TODAY_27))
    assert refusal.code == "not_allowed"
    assert refused(lambda: alignment.align(anton, first, also=["560000002"], on=TODAY_27)).code == "subscription_unknown"
    assert not Order.objects.exists()
    alignment.align(anton, first, also=["560000012"], on=TODAY_27)
    assert Order.objects.get().contract_id == three.second_contract.pk


def test_the_same_request_twice_aligns_once_and_a_second_one_finds_nothing(three: Cast) -> None:
    camille = actor_of(three.camille)
    first = subscription_of(camille, NUMBERS[0])
    orders = {alignment.align(camille.with_key("k"), first, also=NUMBERS[1:], on=TODAY_27).pk for _ in range(2)}
    assert len(orders) == 1
    assert Invoice.objects.count() == 1
    again = refused(lambda: alignment.align(camille, first, also=NUMBERS[1:], on=TODAY_27))
    assert again.code == "nothing_to_align"


def test_the_quote_of_the_page_holds_in_whatever_order_the_rows_were_made(three: Cast) -> None:
    subscribe(three.contract, three.sculpt, "560000031", seats=1, start=date(2026, 3, 1))  # made last, renews first
    camille = actor_of(three.camille)
    found = members_of(camille, TODAY_27)
    quote = preview_alignment(found, TODAY_27).quote
    assert preview_alignment(found[::-1], TODAY_27).quote == quote
    also = ["560000031", *NUMBERS[1:]]
    order = alignment.align(camille, subscription_of(camille, NUMBERS[0]), also=also, on=TODAY_27, quote=quote)
    assert order.state == "settled"


def test_a_moved_quote_aligns_nothing(three: Cast) -> None:
    camille = actor_of(three.camille)
    quote = preview_alignment(members_of(camille, TODAY_27, NUMBERS), TODAY_27).quote
    plans.plan_seats(camille, subscription_of(camille, "560000012"), seats=2, on=TODAY_27)
    first = subscription_of(camille, NUMBERS[0])
    refusal = refused(lambda: alignment.align(camille, first, also=NUMBERS[1:], on=TODAY_27, quote=quote))
    assert refusal.code == "quote_moved"
    assert not Order.objects.exists()


def test_a_term_that_differs_is_planned_and_the_wish_kept(three: Cast) -> None:
    subscribe(three.contract, three.sculpt, "560000021", seats=1, start=date(2026, 5, 1), term="month")
    with wall_opened(read=[three.nord.pk], write=three.nord.pk):
        Period.objects.filter(subscription__number="560000021").update(start=date(2027, 1, 10), end=date(2027, 2, 10))
        Subscription.objects.filter(number="560000021").update(
            starts_on=date(2027, 1, 10), renews_on=date(2027, 2, 10), lapses_on=date(2027, 2, 10)
        )
    camille = actor_of(three.camille)
    first = subscription_of(camille, NUMBERS[0])
    wish = alignment.wish_alignment(camille, first, also=["560000021"], term="year", on=TODAY_27)
    assert PlannedChange.objects.get().term == "year"
    assert (wish.outcome, wish.members.count()) == ("waiting", 2)
    pending = matched(members_of(camille, TODAY_27)).unmatched
    assert [step.code for step in pending[0].steps] == ["term_differs", "term_change_pending"]
    again = alignment.wish_alignment(camille, first, also=["560000021", "560000011"], term="year", on=TODAY_27)
    assert list(AlignmentWish.objects.order_by("id").values_list("outcome", flat=True)) == ["withdrawn", "waiting"]
    alignment.withdraw_wish(camille, again, on=TODAY_27)
    assert refused(lambda: alignment.withdraw_wish(camille, again, on=TODAY_27)).code == "nothing_planned"


def test_the_statements_do_not_grow_with_the_subscriptions(three: Cast) -> None:
    camille = actor_of(three.camille)

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            found = members_of(camille, TODAY_27)
            options_of(found, TODAY_27)
            preview_alignment(found, TODAY_27)
        return len(asked)

    few = count()
    for n in range(30):
        subscribe(three.contract, three.sculpt, f"5600001{n:02d}", seats=1, start=date(2026, 3, 1 + n % 28))
    camille = actor_of(three.camille)
    assert count() == few
    assert few < 16


def test_who_may_only_ask_aligns_nothing(three: Cast) -> None:
    emil = actor_of(three.emil)
    with pytest.raises(Refused) as refusal:
        alignment.align(emil, subscription_of(emil, NUMBERS[0]), also=NUMBERS[1:], on=TODAY_27)
    assert refusal.value.code == "not_allowed"
    assert not Order.objects.exists()
