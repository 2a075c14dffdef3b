"""Figures are kept while the customer's log stands still, and never a moment longer."""

from dataclasses import replace

import pytest
from django.db import connection, transaction

from comptoir.kernel.actor import Actor
from comptoir.kernel.tests.stage import grow, inside
from comptoir.kernel.unmoved import kept_while_unmoved
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.figures import figures
from tests.cast import TODAY, Cast, nights_are_over, raise_curtain

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def seats(actor: Actor) -> int:
    return figures(actor, TODAY).seats


def test_a_figure_is_worked_out_once_while_nothing_happens(cast: Cast, django_assert_num_queries: object) -> None:
    with inside(cast.camille) as actor:
        grow(actor, cast.subscription, by=1)
        assert seats(actor) == 5
        with django_assert_num_queries(2):  # type: ignore[operator]  # the log's head, and what floats at this moment
            assert seats(actor) == 5
        # what nobody recorded is not seen: the control of the test above
        Subscription.objects.filter(pk=cast.subscription.pk).update(seats_now=99)
        assert seats(actor) == 5


def test_every_action_is_seen_at_once(cast: Cast) -> None:
    with inside(cast.camille) as actor:
        for expected in (5, 6, 7):
            grow(actor, cast.subscription, by=1)
            assert seats(actor) == expected


def test_what_was_rolled_back_is_not_kept(cast: Cast) -> None:
    with inside(cast.camille) as actor:
        grow(actor, cast.subscription, by=1)
        with transaction.atomic():
            grow(actor, cast.subscription, by=10)
            assert seats(actor) == 15
            transaction.set_rollback(True)
        assert seats(actor) == 5


def test_an_action_that_runs_keeps_nothing_of_what_it_sees(cast: Cast) -> None:
    with inside(cast.camille) as actor:
        grow(actor, cast.subscription, by=1)
        seen: list[int] = []

        def look() -> None:
            Subscription.objects.filter(pk=cast.subscription.pk).update(seats_now=50)
            seen.append(seats(actor))
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            grow(actor, cast.subscription, by=1, then=look)
        assert seen == [50]
        assert seats(actor) == 5


def test_another_customer_another_day_and_other_eyes_have_their_own(cast: Cast) -> None:
    with inside(cast.camille) as actor:
        grow(actor, cast.subscription, by=1)
        assert seats(actor) == 5
        assert figures(replace(actor, grants=()), TODAY).seats == 0
        later = cast.subscription.renews_on.replace(year=2028)
        nights_are_over(later)
        assert figures(actor, later).seats == 0
    with inside(cast.oskar) as stranger:
        grow(stranger, cast.foreign_subscription, by=1)
        assert seats(stranger) == 8


def test_a_customer_without_a_log_has_nothing_kept(cast: Cast) -> None:
    with inside(cast.camille) as actor:
        worked = [kept_while_unmoved(actor, ("n",), lambda n=n: n) for n in (1, 2)]
        assert worked == [1, 2]
    assert connection.in_atomic_block
