"""Safety bounds hold what people order, too: nothing is charged until finance has looked (rules 2)."""

from collections.abc import Callable
from datetime import date

import pytest

from comptoir.billing.models import Attempt, Invoice
from comptoir.billing.tests.paying import give, run_jobs
from comptoir.catalogue.models import Price
from comptoir.catalogue.queries import TermsOfSale
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.jobs import JOBS
from comptoir.kernel.models import Event, House, Message
from comptoir.kernel.walls import open_wall, wall_opened
from comptoir.subscriptions.actions.alignment import align
from comptoir.subscriptions.actions.buying import buy
from comptoir.subscriptions.actions.renewing import renew
from comptoir.subscriptions.actions.seats import add_seats
from comptoir.subscriptions.models import Order, Parked, SeatEntry, Subscription
from comptoir.subscriptions.queries.seats import subscription_of
from tests.cast import TODAY, Cast, at_desk, raise_curtain, signed_in, staff_member, subscribe, words_of

from .nights import invoiced, run_night, violations
from .test_add_seats import actor_of

pytestmark = pytest.mark.django_db
NUMBER = "560000001"
DAY = date(2027, 3, 1)  # the cast's subscription can be renewed by hand
HELD = "/desk/customers/5200001/held/"


@pytest.fixture
def cast() -> Cast:
    made = raise_curtain()
    open_wall(read=[made.nord.pk], write=made.nord.pk)
    House.objects.update(business_day=DAY)
    return made


def slip(cast: Cast, times: int = 1_000) -> None:
    """Somebody types a price with too many digits."""
    for row in list(Price.objects.filter(product=cast.sculpt)):
        told = {"product": cast.sculpt, "term": row.term, "currency": "EUR", "valid_from": DAY}
        Price.objects.create(**told, new_minor=(row.new_minor or 0) * times, renewal_minor=(row.renewal_minor or 0) * times)


def _add(actor: Actor, cast: Cast) -> Order:
    return add_seats(actor, subscription_of(actor, NUMBER), add=1, on=DAY)


def _renew(actor: Actor, cast: Cast) -> Order:
    return renew(actor, subscription_of(actor, NUMBER), on=DAY)


def _align(actor: Actor, cast: Cast) -> Order:
    subscribe(cast.contract, cast.sculpt, "560000009", seats=2, start=date(2026, 6, 1))
    return align(actor, subscription_of(actor, NUMBER), also=["560000009"], on=DAY)


def _buy(actor: Actor, cast: Cast) -> Order:
    return buy(actor, cast.nord, wishes=[["SCLT", "year", 1]], terms_version=TermsOfSale().current(DAY), on=DAY)


@pytest.mark.parametrize("verb", [_add, _renew, _align, _buy])
def test_a_price_a_thousand_times_the_last_is_held_whatever_is_ordered(verb: Callable[[Actor, Cast], Order], cast: Cast) -> None:
    slip(cast)
    order = verb(actor_of(cast.camille), cast)
    assert (order.state, order.total_minor > 0) == ("parked", True)
    held = Parked.objects.get()
    assert (held.order_id, held.net_minor, held.state) == (order.pk, order.net_minor, "open")
    assert "price_jumped" in {finding["bound"] for finding in held.findings}
    assert not Invoice.objects.exists()
    assert not Attempt.objects.exists()
    assert not SeatEntry.objects.filter(order=order).exists()
    assert violations(DAY) == []


def test_as_long_as_it_is_held_nothing_else_touches_its_subscription_and_no_night_renews_it(cast: Cast) -> None:
    slip(cast)
    camille = actor_of(cast.camille)
    _renew(camille, cast)
    for verb in (_add, _renew):
        with pytest.raises(Refused, match="payment_running"):
            verb(camille, cast)
    end = cast.subscription.renews_on
    run_night(cast.nord, end)
    assert invoiced() == []


def test_an_order_ten_times_the_largest_invoice_is_held_and_a_small_one_never(cast: Cast) -> None:
    camille, subscription = actor_of(cast.camille), cast.subscription
    assert add_seats(camille, subscription, add=1, on=DAY).state == "settled"  # 30.68: the first has nothing to be compared with
    assert add_seats(camille, subscription, add=12, on=DAY).state == "settled", "ten times the last, and still a small sum"
    assert add_seats(camille, subscription, add=100, on=DAY).state == "settled", "less than ten times the largest"
    order = add_seats(camille, subscription, add=1_000, on=DAY)
    assert order.state == "parked"
    assert [finding["bound"] for finding in Parked.objects.get().findings] == ["invoice_jumped"]


def test_what_finance_lets_go_is_settled_once_as_it_was_priced(cast: Cast) -> None:
    slip(cast)
    order = _add(actor_of(cast.camille), cast)
    Price.objects.filter(valid_from=DAY).delete()
    fiona, pk = at_desk(staff_member("Fiona", "Lenoir", "finance")), Parked.objects.get().pk
    Parked.objects.update(net_minor=99_999)  # below the limit that takes two people
    said = words_of(fiona.get("/desk/runs/"))
    assert f"order {order.number} 1 seat added" in said
    for _again in range(2):
        fiona.post(f"{HELD}release/", {"row": pk, "request_key": "k"})
    open_wall(read=[cast.nord.pk], write=cast.nord.pk)
    order.refresh_from_db()
    assert order.state == "settled"
    assert [invoice.net_minor for invoice in Invoice.objects.all()] == [order.net_minor]
    assert Subscription.objects.get(pk=cast.subscription.pk).seats_now == 5
    assert violations(DAY) == []


def test_a_card_is_charged_only_when_finance_lets_it_go(cast: Cast) -> None:
    card = give(cast)
    Subscription.objects.filter(pk=cast.subscription.pk).update(payment_method="card", paid_with=card)
    slip(cast)
    order = _add(actor_of(cast.camille), cast)
    run_jobs()
    assert not Attempt.objects.exists()
    Parked.objects.update(net_minor=99_999)
    fiona = at_desk(staff_member("Fiona", "Lenoir", "finance"))
    assert "It goes on." in words_of(fiona.post(f"{HELD}release/", {"row": Parked.objects.get().pk}, follow=True))
    open_wall(read=[cast.nord.pk], write=cast.nord.pk)
    attempt = Attempt.objects.get()
    assert (attempt.order_id, attempt.amount_minor, attempt.state) == (order.pk, order.total_minor, "created")
    JOBS["subscriptions.tell_order_released"][0](Actor.job("subscriptions.tell_order_released", cast.nord.pk), order_id=order.pk)
    assert list(Message.objects.values_list("to", "subject")) == [(cast.camille.email, f"Order {order.number} goes on")]


def test_what_finance_refuses_comes_to_nothing_and_the_customer_hears_why(cast: Cast) -> None:
    slip(cast)
    order = _add(actor_of(cast.camille), cast)
    camille = signed_in(cast.camille)
    page = f"/c/5200001/orders/{order.number}/"
    assert "We are checking this order" in words_of(camille.get(page))
    at_desk(staff_member("Fiona", "Lenoir", "finance")).post(f"{HELD}discard/", {"row": Parked.objects.get().pk})
    open_wall(read=[cast.nord.pk], write=cast.nord.pk)
    order.refresh_from_db()
    assert (order.state, order.failed_because) == ("failed", "discarded")
    assert "We looked at it and did not carry it out." in words_of(camille.get(page))
    open_wall(read=[cast.nord.pk], write=cast.nord.pk)
    JOBS["subscriptions.tell_order_failed"][0](Actor.job("subscriptions.tell_order_failed", cast.nord.pk), order_id=order.pk)
    mail = Message.objects.filter(to=cast.camille.email).latest("pk")
    assert mail.subject == f"Order {order.number} was not carried out"
    assert "did not carry it out" in mail.text
    assert "did not succeed" not in mail.text
    assert not Invoice.objects.exists()
    assert add_seats(actor_of(cast.camille), cast.subscription, add=1, on=TODAY).state == "settled", "at the price of before"


def test_finance_hears_that_an_order_is_held(cast: Cast) -> None:
    fiona = staff_member("Fiona", "Lenoir", "finance")
    slip(cast)
    order = _add(actor_of(cast.camille), cast)
    event = Event.objects.get(kind="order.parked")
    JOBS["desk.tell_parked"][0](Actor.job("desk.tell_parked", cast.nord.pk), number=order.number, event=event.seq)
    with wall_opened(person=fiona.pk):
        assert f"holds {order.number} of Atelier Nord" in Message.objects.get().text
