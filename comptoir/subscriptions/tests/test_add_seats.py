"""Add seats at any time, for the days left (P2, P11)."""

from datetime import date

import pytest
from django.db import connection

from comptoir.billing.models import Invoice
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.models import Event
from comptoir.kernel.ports import Ports
from comptoir.kernel.walls import open_wall, wall_opened
from comptoir.organisations.models import Membership, SpendingLimit
from comptoir.subscriptions.actions.seats import add_seats
from comptoir.subscriptions.models import Order, SeatEntry, Subscription
from comptoir.subscriptions.queries.seats import preview_added_seats, subscription_of
from tests.cast import TODAY, Cast, raise_curtain

pytestmark = pytest.mark.django_db


def actor_of(member: Membership) -> Actor:
    with wall_opened(person=member.person_id):
        visit = Ports.grants.visit(member.person_id, member.organisation.number)
    assert visit is not None
    open_wall(read=[visit.customer.id], write=visit.customer.id, person=member.person_id)
    return visit.actor


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def test_new_seats_pay_for_the_days_left_and_work_at_once(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    subscription = subscription_of(camille, "560000001")
    order = add_seats(camille, subscription, add=3, on=TODAY)
    assert str(order.net) == "322.19"  # 3 x 280.00 x 140 of 365 days
    assert (str(order.tax), str(order.total)) == ("64.44", "386.63")
    changed = Subscription.objects.get(number="560000001")
    assert (changed.seats_now, changed.seats_at_renewal, changed.version) == (7, 7, 2)
    assert list(SeatEntry.objects.order_by("seq").values_list("kind", "change_now", "seats_now")) == [
        ("imported", 4, 4),
        ("addition", 3, 7),
    ]
    invoice = Invoice.objects.get()
    assert (invoice.number, str(invoice.total), invoice.due_on) == ("F-2026-000001", "386.63", date(2026, 12, 21))
    assert {event.kind for event in Event.objects.all()} == {"seats.added", "invoice.issued"}


def test_a_moved_quote_orders_nothing(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    subscription = subscription_of(camille, "560000001")
    quote = preview_added_seats(subscription, 3, TODAY).quote
    add_seats(camille, subscription, add=1, on=TODAY)
    with pytest.raises(Refused) as refusal:
        add_seats(camille, subscription, add=3, on=TODAY, quote=quote)
    assert refusal.value.code == "quote_moved"
    assert Order.objects.count() == 1


def test_the_same_request_twice_adds_once(cast: Cast) -> None:
    camille = actor_of(cast.camille).with_key("one")
    subscription = subscription_of(camille, "560000001")
    first = add_seats(camille, subscription, add=3, on=TODAY)
    second = add_seats(camille, subscription, add=3, on=TODAY)
    assert first.pk == second.pk
    assert Invoice.objects.count() == 1


def test_an_end_user_may_not_and_nothing_changes(cast: Cast) -> None:
    emil = actor_of(cast.emil)
    with pytest.raises(Refused) as refusal:
        add_seats(emil, subscription_of(emil, "560000001"), add=3, on=TODAY)
    assert refusal.value.code == "not_allowed"
    assert not Order.objects.exists()


def test_an_issued_invoice_stays_as_it_is(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    add_seats(camille, subscription_of(camille, "560000001"), add=1, on=TODAY)
    with pytest.raises(Exception, match="stays as it is"), connection.cursor() as cursor:
        cursor.execute("UPDATE billing_invoice SET total_minor = total_minor")


def test_whoever_is_over_the_spending_limit_orders_no_seats(cast: Cast) -> None:
    camille = actor_of(cast.camille)
    SpendingLimit.objects.create(organisation=cast.nord, membership=cast.camille, amount_minor=322_18)
    with pytest.raises(Refused) as refusal:
        add_seats(camille, subscription_of(camille, "560000001"), add=3, on=TODAY)
    assert refusal.value.code == "over_spending_limit"
    assert not Order.objects.exists()
    SpendingLimit.objects.update(amount_minor=322_19)
    assert add_seats(camille, subscription_of(camille, "560000001"), add=3, on=TODAY).state == Order.State.SETTLED
