"""Home-use licences under fire: never more than the seats, and none by a verb that dies halfway (rules 9)."""

import threading
from collections.abc import Callable

import psycopg
import pytest
from django.db import IntegrityError, transaction

from comptoir.entitlements.actions.use_rights import give_home_use
from comptoir.entitlements.models import UseRight
from comptoir.entitlements.tests.test_seats_survive import people, sofia
from comptoir.kernel.errors import Refused
from comptoir.kernel.failpoints import FailpointRaised
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries.seats import subscription_of
from comptoir.subscriptions.tests.test_add_seats_survives import in_threads
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, member, raise_curtain, seat

PEOPLE, SEATS = 8, 4
NUMBER = "560000001"


@pytest.fixture
def cast(fresh_database: FreshDatabase) -> Cast:
    """Eight people have the eight seats of a multi-user licence."""
    with transaction.atomic():
        made = raise_curtain()
        made.sculpt.home_use = True
        made.sculpt.sharing = "multi_user"
        made.sculpt.save()
        nina = [member(made.nord, f"Nina{n}", "Novak") for n in range(PEOPLE)]
        sofia(made)
        Subscription.objects.filter(number=NUMBER).update(seats_now=PEOPLE, seats_at_renewal=PEOPLE)
        for one in nina:
            seat(made.subscription, one)
    return made


def with_fewer(database: FreshDatabase) -> None:
    """Half of the home-use licences that there can be run already."""
    with psycopg.connect(database.owner_url) as owner:
        for _ in range(PEOPLE - SEATS):
            owner.execute(
                b"INSERT INTO entitlements_useright (organisation_id, subscription_id, product_id, membership_id, kind, version, "
                b"country, number, given_on, ends_on, closed) SELECT s.organisation_id, s.id, s.product_id, m.id, 'home', '', "
                b"'FR', '', '2026-01-01', '2027-01-01', true FROM subscriptions_subscription s "
                b"JOIN organisations_membership m ON m.organisation_id = s.organisation_id AND m.name = 'Rita Nielsen' "
                b"WHERE s.number = '560000001'"
            )


def given(database: FreshDatabase) -> int:
    """The licences that were given here, asked as the owner."""
    with psycopg.connect(database.owner_url) as owner:
        row = owner.execute(b"SELECT count(*) FROM entitlements_useright WHERE given_on = '2026-11-21'").fetchone()
    assert row is not None
    return int(row[0])


def give(cast: Cast, one: int) -> None:
    with transaction.atomic():
        actor = sofia(cast)
        give_home_use(actor, subscription_of(actor, NUMBER), member=one, country="FR", on=TODAY)


def test_eight_threads_for_the_last_four_give_four(cast: Cast, fresh_database: FreshDatabase) -> None:
    everybody = people(fresh_database)
    with_fewer(fresh_database)
    answers = in_threads(PEOPLE, lambda at: give(cast, everybody[at]))
    refused = [answer for answer in answers if isinstance(answer, Refused) and answer.code == "home_use_all_given"]
    assert (given(fresh_database), len(refused), answers.count(None)) == (SEATS, PEOPLE - SEATS, SEATS)


def count_then_insert(cast: Cast, one: int, meet: Callable[[], object]) -> None:
    """The unguarded form: look, then write."""
    with transaction.atomic():
        actor = sofia(cast)
        row = Subscription.objects.get(number=NUMBER)
        if UseRight.objects.filter(subscription=row).count() < row.seats_now:
            meet()
            own = {"organisation_id": actor.customer_id, "subscription": row, "product_id": row.product_id, "kind": "home"}
            days = {"given_on": TODAY, "ends_on": TODAY.replace(year=2027)}
            UseRight.objects.create(**own, **days, membership_id=one, country="FR")


def test_without_the_guard_more_are_given_and_the_database_alone_holds_it(cast: Cast, fresh_database: FreshDatabase) -> None:
    everybody = people(fresh_database)
    with_fewer(fresh_database)
    meet = threading.Barrier(PEOPLE)
    answers = in_threads(PEOPLE, lambda at: count_then_insert(cast, everybody[at], meet.wait))
    assert given(fresh_database) == SEATS
    assert {type(answer) for answer in answers if answer is not None} == {IntegrityError}
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute(b"DELETE FROM entitlements_useright WHERE given_on = '2026-11-21'")
        owner.execute(b"ALTER TABLE entitlements_useright DISABLE TRIGGER home_use_within_seats")
    meet = threading.Barrier(PEOPLE)
    in_threads(PEOPLE, lambda at: count_then_insert(cast, everybody[at], meet.wait))
    assert given(fresh_database) == PEOPLE


def test_a_verb_that_dies_halfway_gives_nothing(
    cast: Cast, fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPTOIR_FAILPOINT", "use_right.given:raise")
    with pytest.raises(FailpointRaised):
        give(cast, people(fresh_database)[0])
    assert given(fresh_database) == 0
