"""Different verbs on the same subscriptions at once: each does all of it or says why not; the books add up."""

from datetime import date

import psycopg
import pytest
from django.db import transaction

from comptoir.kernel.errors import Refused
from comptoir.kernel.verifying import verify
from comptoir.subscriptions.actions.alignment import align
from comptoir.subscriptions.actions.plans import plan_seats
from comptoir.subscriptions.actions.renewing import renew
from comptoir.subscriptions.queries.seats import subscription_of
from conftest import FreshDatabase
from tests.cast import Cast, raise_curtain, subscribe
from tests.owner import logged_in

from .test_add_seats_survives import add, camille, in_threads

ON = date(2026, 11, 21)
FIRST, SECOND = "560000101", "560000102"


@pytest.fixture
def cast(fresh_database: FreshDatabase) -> Cast:
    with transaction.atomic():
        cast = raise_curtain()
        for number, start in ((FIRST, date(2026, 1, 15)), (SECOND, date(2026, 2, 10))):
            subscribe(cast.contract, cast.sculpt, number, seats=3, start=start)
    return cast


def test_align_renew_plan_and_add_at_once_leave_books_that_add_up(cast: Cast, fresh_database: FreshDatabase) -> None:
    def one(n: int) -> str:
        if n % 4 == 3:
            return add(cast, 1, number=FIRST)
        with transaction.atomic():
            actor = camille(cast)
            row = subscription_of(actor, FIRST)
            if n % 4 == 0:
                return align(actor, row, also=[SECOND], on=ON).number
            if n % 4 == 1:
                return renew(actor, row, on=ON).number
            return str(plan_seats(actor, row, seats=2, on=ON))

    answers = in_threads(8, one)
    broken = [answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, Refused)]
    assert broken == []
    with logged_in(fresh_database.owner_url):
        assert [(verdict.name, verdict.examples) for verdict in verify() if verdict.violations] == []
    with psycopg.connect(fresh_database.owner_url) as owner:
        kinds = "SELECT count(*) FROM subscriptions_sale s JOIN subscriptions_subscription b ON b.id = s.subscription_id "
        rows = owner.execute(f"{kinds} WHERE b.number = '{FIRST}' AND s.kind = 'renewal'".encode()).fetchone()
        assert rows is not None
        assert rows[0] <= 1
