"""Returns: newest first, within the window, seats free, whole; and what was never paid taken back (rules 6)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from comptoir.billing.models import Invoice, InvoiceBalance, Refund
from comptoir.billing.tests.paying import give, pay, run_jobs
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.models import Event, House
from comptoir.organisations.models import Membership
from comptoir.permissions import Role
from comptoir.subscriptions.actions.alignment import align
from comptoir.subscriptions.actions.plans import plan_seats
from comptoir.subscriptions.actions.renewing import renew
from comptoir.subscriptions.actions.returns import return_part, return_sale
from comptoir.subscriptions.actions.seats import add_seats
from comptoir.subscriptions.models import PlannedChange, Sale, SeatEntry, Subscription
from comptoir.subscriptions.queries.availability import facts_of
from comptoir.subscriptions.queries.returns import preview_return, returns_of
from comptoir.subscriptions.queries.seats import subscription_of
from tests.cast import TODAY, Cast, raise_curtain, seat, staff_member, subscribe

from .nights import now_of, run_night, violations
from .test_add_seats import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def bought(camille: Actor, add: int, on: date = TODAY) -> Sale:
    """Seats added, and their sale."""
    order = add_seats(camille, subscription_of(camille, "560000001"), add=add, on=on)
    return Sale.objects.select_related("subscription", "invoice").get(order=order)


def desk(cast: Cast, role: Role) -> Actor:
    person = staff_member("Fiona", "Finance", role.value)
    actor_of(cast.camille)  # the wall of Atelier Nord
    return replace(Actor.staff(person.pk, [role], cast.nord.pk), stepped_up_at=now())


def test_added_seats_go_back_whole_by_credit_note_and_nothing_is_left_to_pay(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    sale = bought(camille, 3)
    preview = preview_return(camille, sale, TODAY)
    assert [str(amount) for amount in (preview.credit.net, preview.credit.tax, preview.credit.total)] == [
        "322.19",
        "64.44",
        "386.63",
    ]
    assert str(preview.money_back) == "0.00"  # never paid
    note = return_sale(camille, sale, on=TODAY, quote=preview.quote)
    assert (note.number, note.kind, str(note.total), note.reason) == ("A-2026-000001", "A", "386.63", "returned")
    assert InvoiceBalance.objects.get(invoice=sale.invoice).open_minor == 0
    subscription = Subscription.objects.get(number="560000001")
    assert (subscription.seats_now, subscription.seats_at_renewal) == (4, 4)
    assert list(SeatEntry.objects.order_by("seq").values_list("kind", "change_now", "seats_now"))[1:] == [
        ("addition", 3, 7),
        ("return", -3, 4),
    ]
    assert Sale.objects.get().undone_on == TODAY
    assert Event.objects.filter(kind="sale.returned").count() == 1


def test_the_window_closes_30_days_after_the_invoice(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    sale = bought(camille, 3)
    late = TODAY + timedelta(days=31)
    with pytest.raises(Refused) as refusal:
        return_sale(camille, sale, on=late)
    assert refusal.value.code == "return_window_over"
    assert not Invoice.objects.filter(kind="A").exists()
    assert return_sale(camille, sale, on=late - timedelta(days=1)).total_minor == 38663


def test_the_newest_goes_back_first(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    first, second = bought(camille, 3), bought(camille, 1)
    with pytest.raises(Refused) as refusal:
        return_sale(camille, first, on=TODAY)
    assert (refusal.value.code, refusal.value.params["names"]) == ("return_newer_first", ("F-2026-000002",))
    listed = returns_of(camille, first.subscription, TODAY)
    assert [(each.sale.pk, len(each.reasons)) for each in listed] == [(second.pk, 0), (first.pk, 1)]
    return_sale(camille, second, on=TODAY)
    return_sale(camille, first, on=TODAY)
    assert Subscription.objects.get(number="560000001").seats_now == 4


def test_seats_must_be_free_and_those_in_the_way_are_named(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    sale = bought(camille, 1)
    for holder in (cast.camille, cast.pierre, cast.sofia, cast.rita, cast.emil):
        seat(cast.subscription, holder)
    actor_of(cast.camille)
    assert facts_of(camille, sale.subscription, TODAY).returnable.seats_in_use_by
    with pytest.raises(Refused) as refusal:
        return_sale(camille, sale, on=TODAY)
    assert refusal.value.code == "seats_in_use"
    assert len(refusal.value.params["names"]) == 1  # type: ignore[arg-type]
    assert Subscription.objects.get(number="560000001").seats_now == 5


def test_a_moved_quote_returns_nothing(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    sale = bought(camille, 3)
    quote = preview_return(camille, sale, TODAY).quote
    with pytest.raises(Refused) as refusal:
        return_sale(camille, sale, on=TODAY + timedelta(days=1), quote=quote)
    assert refusal.value.code == "quote_moved"
    assert not Invoice.objects.filter(kind="A").exists()


def test_the_same_click_twice_returns_once(cast: Cast) -> None:
    camille = actor_of(cast.camille).with_key("one")
    sale = bought(camille.with_key(None), 3)
    assert return_sale(camille, sale, on=TODAY).pk == return_sale(camille, sale, on=TODAY).pk
    with pytest.raises(Refused, match="return_window_over"):
        return_sale(camille.with_key("two"), sale, on=TODAY)
    assert Invoice.objects.filter(kind="A").count() == 1


@pytest.mark.parametrize("who", ["pierre", "sofia", "emil", "rita", "anton"])
def test_whoever_may_not_return_returns_nothing(cast: Cast, who: str) -> None:
    sale = bought(actor_of(cast.camille), 1)
    member: Membership = getattr(cast, who)
    with pytest.raises(Refused) as refusal:
        return_sale(actor_of(member), sale, on=TODAY)
    assert refusal.value.code == "not_allowed"
    assert not Invoice.objects.filter(kind="A").exists()


def test_the_desk_returns_part_and_the_parts_close_to_zero(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    sale = bought(camille, 3)
    finance = desk(cast, Role.FINANCE)
    first = return_part(finance, sale, seats=1, on=TODAY)
    assert Subscription.objects.get(number="560000001").seats_now == 6
    assert Sale.objects.get().undone_on is None
    with pytest.raises(Refused) as refusal:
        return_part(finance, sale, seats=3, on=TODAY)
    assert refusal.value.code == "seats_out_of_range"
    second = return_part(finance, sale, seats=2, on=TODAY)
    assert first.total_minor + second.total_minor == sale.invoice.total_minor
    assert Sale.objects.get().undone_on == TODAY
    with pytest.raises(Refused, match="not_allowed"):
        return_part(camille, sale, seats=1, on=TODAY)


def test_a_planned_difference_of_seats_stays_a_difference(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    sale = bought(camille, 3)
    cast.subscription.refresh_from_db()
    Subscription.objects.filter(pk=cast.subscription.pk).update(seats_at_renewal=6)
    SeatEntry.objects.create(
        organisation=cast.nord,
        subscription=cast.subscription,
        seq=3,
        on=TODAY,
        kind="plan",
        change_now=0,
        change_at_renewal=-1,
        seats_now=7,
        seats_at_renewal=6,
    )
    PlannedChange.objects.create(organisation=cast.nord, subscription=cast.subscription, field="seats", seats=-1, made_on=TODAY)
    return_sale(camille, sale, on=TODAY)
    after = Subscription.objects.get(number="560000001")
    assert (after.seats_now, after.seats_at_renewal) == (4, 3)
    assert PlannedChange.objects.get().outcome == "pending"


def test_a_returned_renewal_puts_back_end_and_plan_and_does_not_renew_by_itself(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    early = date(2027, 3, 1)
    renew(camille, subscription_of(camille, "560000001"), term="month", seats=6, on=early)
    renewed = Subscription.objects.get(number="560000001")
    assert (renewed.renews_on, renewed.turns_on, renewed.seats_now) == (date(2027, 5, 10), date(2027, 4, 10), 4)
    sale = Sale.objects.select_related("subscription", "invoice").get(subscription=renewed)
    note = return_sale(camille, sale, on=early + timedelta(days=15))
    assert note.total_minor == sale.invoice.total_minor
    after = Subscription.objects.get(number="560000001")
    assert (after.renews_on, after.lapses_on, after.turns_on, after.term) == (date(2027, 4, 10), date(2027, 4, 10), None, "year")
    assert (after.seats_now, after.seats_at_renewal, after.automatic_renewal) == (4, 6, False)
    pending = PlannedChange.objects.filter(outcome="pending").order_by("field")
    assert [(each.field, each.seats, each.term) for each in pending] == [("seats", 2, ""), ("term", None, "month")]
    assert violations(early) == []


def test_an_alignment_goes_back_before_the_old_renewal_date_and_not_after(cast: Cast) -> None:
    subscribe(cast.second_contract, cast.sculpt, "560000009", seats=2, start=date(2026, 11, 30))
    camille = actor_of(cast.camille)
    when = date(2027, 4, 1)
    align(camille, subscription_of(camille, "560000001"), also=["560000009"], on=when)
    sale = Sale.objects.select_related("subscription", "invoice").get(kind="alignment")
    assert Subscription.objects.get(number="560000001").renews_on == date(2027, 11, 30)
    with pytest.raises(Refused, match="return_window_over"):
        return_sale(camille, sale, on=date(2027, 4, 10))
    return_sale(camille, sale, on=date(2027, 4, 9))
    after = Subscription.objects.get(number="560000001")
    assert (after.renews_on, after.anchor_day, after.automatic_renewal) == (date(2027, 4, 10), 10, True)
    assert violations(when) == []


def test_what_is_paid_by_card_goes_back_to_the_card(cast: Cast) -> None:
    sale = bought(actor_of(cast.camille), 3)
    pay(cast.camille, sale.invoice, give(cast))
    assert run_jobs() == []
    camille = actor_of(cast.camille)
    preview = preview_return(camille, sale, TODAY)
    assert str(preview.money_back) == "386.63"
    note = return_sale(camille, sale, on=TODAY)
    refund = Refund.objects.get(credit_note=note)
    assert (str(refund.amount), refund.state) == ("386.63", "created")


def monthly(cast: Cast, camille: Actor, *, on: date) -> Subscription:
    """Three seats of November to 10 December, four more until then, and one planned for what follows."""
    row = subscribe(cast.contract, cast.sculpt, "560000009", seats=3, start=date(2026, 11, 10), term="month")
    House.objects.update(business_day=on)
    add_seats(camille, subscription_of(camille, row.number), add=4, on=on)
    plan_seats(camille, subscription_of(camille, row.number), seats=1, on=on)
    run_night(cast.nord, row.renews_on)
    return row


def test_an_unpaid_addition_whose_seats_were_not_renewed_is_credited_and_the_night_goes_on(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    row = monthly(cast, camille, on=TODAY)
    later = TODAY + timedelta(days=45)
    run_night(cast.nord, later)
    assert [sale.kind for sale in Sale.objects.filter(undone_on=later)] == ["addition"]
    assert (now_of(row).seats_now, now_of(row).seats_at_renewal) == (1, 1)
    assert violations(later) == []


def test_seats_of_an_unpaid_addition_that_were_renewed_since_stay(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    row = subscribe(cast.contract, cast.sculpt, "560000009", seats=3, start=date(2026, 11, 10), term="month")
    add_seats(camille, subscription_of(camille, row.number), add=4, on=TODAY)
    run_night(cast.nord, row.renews_on)
    later = TODAY + timedelta(days=45)
    run_night(cast.nord, later)
    assert Sale.objects.get(kind="addition").undone_on == later
    assert (now_of(row).seats_now, now_of(row).seats_at_renewal) == (7, 7), "the renewal's invoice has seven"
    assert violations(later) == []


def test_with_a_smaller_renewal_returned_the_addition_before_it_goes_back_down_to_one_seat(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    row = monthly(cast, camille, on=date(2026, 12, 8))
    day = date(2026, 12, 11)
    for kind in ("renewal", "addition"):
        sale = Sale.objects.select_related("subscription", "invoice").get(subscription=row, kind=kind)
        return_sale(camille, sale, on=day)
        assert (now_of(row).seats_now, now_of(row).seats_at_renewal) == (1, 1)
        assert violations(day) == []


def test_an_unpaid_addition_whose_seats_an_alignment_paid_for_stays(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    added = bought(camille, 3)
    other = subscribe(cast.contract, cast.sculpt, "560000009", seats=1, start=date(2026, 9, 1))
    order = align(camille, subscription_of(camille, "560000001"), also=[other.number], on=TODAY + timedelta(days=1))
    paid = Sale.objects.select_related("invoice").get(order=order)
    balance = InvoiceBalance.objects.get(invoice=paid.invoice)
    pay(cast.camille, paid.invoice, give(cast))
    assert run_jobs() == []
    actor_of(cast.camille)
    balance.refresh_from_db()
    assert balance.open_minor == 0
    later = TODAY + timedelta(days=45)
    run_night(cast.nord, later)
    added.refresh_from_db()
    assert (added.undone_on, now_of(cast.subscription).seats_now) == (None, 7)
    assert violations(later) == []
