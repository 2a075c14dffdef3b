"""The switch for all charging, from end to end: while it is off everything waits; on again, each is charged once."""

import pytest
from django.test import Client

from comptoir.billing.models import Attempt, Invoice, SandboxCharge
from comptoir.billing.tests.paying import give
from comptoir.kernel.models import House
from comptoir.kernel.tests.stage import inside
from comptoir.kernel.walls import wall_opened
from comptoir.subscriptions.actions.seats import add_seats
from comptoir.subscriptions.models import Order, Subscription
from comptoir.subscriptions.tests.nights import run_night, run_queue
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, at_desk, raise_curtain, signed_in, staff_member, subscribe, words_of

SWITCH = "/desk/charging/"


@pytest.fixture
def cast(fresh_database: FreshDatabase) -> Cast:
    """Atelier Nord pays with a card: one subscription renews on the next night, another one gets a seat today."""
    cast = raise_curtain()
    card = give(cast)
    other = subscribe(cast.contract, cast.sculpt, "560000009", seats=2, start=cast.subscription.starts_on.replace(month=6))
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        Subscription.objects.filter(pk__in=[cast.subscription.pk, other.pk]).update(payment_method="card", paid_with=card)
    return cast


@pytest.fixture
def fiona(cast: Cast) -> Client:
    return at_desk(staff_member("Fiona", "Lenoir", "finance"))


def states(cast: Cast) -> tuple[list[str], list[str], int]:
    """The states of orders and of attempts, and how many invoices there are."""
    with wall_opened(read=[cast.nord.pk]):
        orders = list(Order.objects.order_by("pk").values_list("state", flat=True))
        return orders, list(Attempt.objects.order_by("pk").values_list("state", flat=True)), Invoice.objects.count()


def everything(cast: Cast) -> None:
    """A night renews one subscription, and Camille adds a seat to the other: both by card."""
    House.objects.update(business_day=TODAY)
    with inside(cast.camille) as actor:
        add_seats(actor, Subscription.objects.get(number="560000009"), add=1, on=TODAY)
    run_night(cast.nord, cast.subscription.renews_on)


def test_nothing_is_charged_while_it_is_off_and_each_once_when_it_is_on_again(cast: Cast, fiona: Client) -> None:
    fiona.post(SWITCH, {"reason": "Prices look wrong"})
    everything(cast)
    for _again in range(2):
        run_queue("billing", "subscriptions")
    assert SandboxCharge.objects.count() == 0
    assert states(cast) == (["placed"], ["created", "created"], 1), "the renewal has its invoice, the order waits"
    camille = signed_in(cast.camille)
    assert "The payment waits" in words_of(camille.get("/c/5200001/orders/560000009-1/"))
    with wall_opened(read=[cast.nord.pk]):
        number, attempt = Invoice.objects.get().number, Attempt.objects.get(invoice__isnull=False).pk
    assert "The payment waits" in words_of(camille.get(f"/c/5200001/payments/{attempt}/"))
    assert "All charging is stopped: Prices look wrong" in words_of(fiona.get(f"/desk/customers/5200001/invoices/{number}/"))
    said = words_of(fiona.get(SWITCH))
    assert "2 charges wait" in said
    fiona.post(SWITCH, {"resume": "yes"})
    for _again in range(2):
        run_queue("billing", "subscriptions")
    assert list(SandboxCharge.objects.values_list("state", flat=True)) == ["succeeded", "succeeded"]
    assert states(cast) == (["settled"], ["succeeded", "succeeded"], 2)
    assert "The payment waits" not in words_of(camille.get(f"/c/5200001/payments/{attempt}/"))


def test_the_control_with_the_switch_on_they_are_charged_at_once(cast: Cast) -> None:
    everything(cast)
    run_queue("billing", "subscriptions")
    assert SandboxCharge.objects.count() == 2
