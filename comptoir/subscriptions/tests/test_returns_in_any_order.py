"""Whatever is bought, added, renewed, aligned and returned, in any order: with everything returned the books are at zero."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from comptoir.billing.models import Invoice, InvoiceBalance
from comptoir.catalogue.queries import TermsOfSale
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.organisations.models import Organisation
from comptoir.subscriptions.actions.alignment import align
from comptoir.subscriptions.actions.buying import buy
from comptoir.subscriptions.actions.renewing import renew
from comptoir.subscriptions.actions.returns import return_sale
from comptoir.subscriptions.actions.seats import add_seats
from comptoir.subscriptions.models import Sale, SeatEntry, Subscription
from comptoir.subscriptions.queries.returns import sale_of, sold_to
from comptoir.subscriptions.queries.seats import subscription_of
from comptoir.subscriptions.rules import newest_sale
from tests.cast import TODAY, Cast, raise_curtain
from tests.depth import times

from .nights import violations
from .test_add_seats import actor_of

pytestmark = pytest.mark.django_db
OWN = ("first", "second")

which = st.integers(0, 1)
steps = st.one_of(
    st.tuples(st.just("add"), which, st.integers(1, 5)),
    st.tuples(st.just("renew"), which, st.integers(0, 1)),
    st.tuples(st.just("align"), which, st.integers(0, 1)),
    st.tuples(st.just("return"), which, st.just(0)),
    st.tuples(st.just("wait"), st.just(0), st.integers(1, 3)),
)


class Shop:
    """Two subscriptions that were bought here on different days, and what is done to them."""

    def __init__(self, actor: Actor, customer: Organisation, term: str) -> None:
        self.actor, self.day = actor, TODAY
        before = set(Subscription.objects.values_list("number", flat=True))
        for seats in (3, 2):
            buy(actor, customer, wishes=[["SCLT", term, seats]], on=self.day, terms_version=TermsOfSale().current(self.day))
            self.day += timedelta(days=1)
        self.numbers = sorted(set(Subscription.objects.values_list("number", flat=True)) - before)

    def do(self, verb: str, one: int, count: int) -> None:
        """One step; what is refused changes nothing."""
        number = self.numbers[one]
        verbs: dict[str, Callable[[], object]] = {
            "add": lambda: add_seats(self.actor, self.subscription(number), add=count, on=self.day),
            "renew": lambda: renew(self.actor, self.subscription(number), term="year" if count else None, on=self.day),
            "align": lambda: align(
                self.actor,
                self.subscription(number),
                also=[self.numbers[1 - one]],
                to=self.subscription(self.numbers[count]).renews_on,
                on=self.day,
            ),
            "return": lambda: self.give_back(number),
            "wait": lambda: self.wait(count),
        }
        try:
            with transaction.atomic():
                verbs[verb]()
            event(f"{verb} done")
        except Refused as refusal:
            event(f"{verb} refused: {refusal.code}")

    def wait(self, days: int) -> None:
        self.day = min(self.day + timedelta(days=days), TODAY + timedelta(days=13))

    def subscription(self, number: str) -> Subscription:
        return subscription_of(self.actor, number)

    def give_back(self, number: str) -> bool:
        """Return the newest of what is left; whether anything was."""
        newest = newest_sale([each.sold for each in sold_to(self.subscription(number))])
        if newest is None:
            return False
        return_sale(self.actor, sale_of(self.actor, number, newest.key), on=self.day)
        return True


@given(st.sampled_from(["month", "year"]), st.lists(steps, max_size=9))
@settings(
    max_examples=times(10, 200),
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_with_everything_returned_the_books_are_at_zero(cast: Cast, term: str, done: list[tuple[str, int, int]]) -> None:
    with transaction.atomic():
        shop = Shop(actor_of(cast.camille), cast.nord, term)
        for verb, one, count in done:
            shop.do(verb, one, count)
            assert violations(shop.day) == []
        for number in shop.numbers:
            while shop.give_back(number):
                assert violations(shop.day) == []
        _nothing_is_left(shop.numbers, shop.day)
        transaction.set_rollback(True)


def _nothing_is_left(numbers: list[str], on: date) -> None:
    for column in ("net_minor", "tax_minor", "total_minor"):
        sums = dict(Invoice.objects.values_list("kind").annotate(Sum(column)).order_by())
        assert sums.get("F", 0) == sums.get("A", 0), column
    assert not InvoiceBalance.objects.exclude(open_minor=0).exists()
    assert not Sale.objects.filter(undone_on=None).exists()
    for subscription in Subscription.objects.filter(number__in=numbers):
        assert subscription.ended_on is not None
        assert subscription.ended_on <= on
        last = SeatEntry.objects.filter(subscription=subscription).latest("seq")
        assert (last.seats_now, last.seats_at_renewal) == (subscription.seats_now, subscription.seats_at_renewal)


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()
