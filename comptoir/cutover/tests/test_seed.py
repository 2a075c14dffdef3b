"""`comptoir seed`, as the operator runs it."""

import json
from collections.abc import Iterator
from subprocess import CompletedProcess

import pytest
from django.db import connection

from comptoir.kernel.walls import wall_opened
from comptoir.subscriptions.models import Subscription
from conftest import FreshDatabase
from tests.database import RUN, SERVER, named
from tests.forking import commanded

SMALL = ("--customers", "3", "--people", "30", "--subscriptions", "60")
# what a customer sees of the rows, without ids and times
SEEN = """
SELECT o.number, o.name, o.currency, s.number, p.code, c.number, c.channel, s.term, s.seats_now, s.renews_on, s.payment_method,
  (SELECT array_agg(d.start || ' ' || d.price_minor ORDER BY d.start) FROM subscriptions_period d WHERE d.subscription_id = s.id),
  (SELECT array_agg(m.email || ' ' || m.name || ' ' || a.given_on ORDER BY m.email) FROM entitlements_assignment a
   JOIN organisations_membership m ON m.id = a.membership_id WHERE a.subscription_id = s.id),
  (SELECT array_agg(m.email || ' ' || g.role ORDER BY m.email, g.role) FROM organisations_rolegrant g
   JOIN organisations_membership m ON m.id = g.membership_id WHERE g.contract_id = c.id)
FROM subscriptions_subscription s JOIN organisations_organisation o ON o.id = s.organisation_id
JOIN contracts_contract c ON c.id = s.contract_id JOIN catalogue_product p ON p.id = s.product_id ORDER BY s.number
"""


@pytest.fixture
def second_database() -> Iterator[str]:
    """The name of another empty database."""
    name = f"{RUN}_second"
    SERVER.clone(name)
    yield name
    SERVER.drop(name)


def run(owner_url: str, *arguments: str) -> "CompletedProcess[str]":
    return commanded(owner_url, "", *arguments)


def rows(name: str, question: str) -> list[tuple[object, ...]]:
    """What a database holds, inside the walls of its first customers."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        with wall_opened(read=range(1, 10)), connection.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchall()
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def test_the_same_seed_gives_the_same_rows_and_breaks_no_invariant(fresh_database: FreshDatabase, second_database: str) -> None:
    first = run(fresh_database.owner_url, "seed", *SMALL, "--seed", "5", "--json")
    assert first.returncode == 0, first.stderr
    told = json.loads(first.stdout)
    assert told["seed"] == 5
    assert told["rows"]["customers"] == len(told["customers"]) == 3
    assert (told["rows"]["people"], told["rows"]["subscriptions"], told["rows"]["contracts"]) == (30, 60, 12)
    assert run(named(SERVER.owner, second_database), "seed", *SMALL, "--seed", "5").returncode == 0
    assert len(rows(fresh_database.name, SEEN)) == 60
    assert rows(fresh_database.name, SEEN) == rows(second_database, SEEN)
    verified = run(fresh_database.owner_url, "verify", "--json")
    assert verified.returncode == 0, verified.stdout


def test_another_seed_adds_more_and_the_same_one_is_refused(fresh_database: FreshDatabase) -> None:
    assert run(fresh_database.owner_url, "seed", *SMALL).returncode == 0
    before = rows(fresh_database.name, SEEN)
    again = run(fresh_database.owner_url, "seed", *SMALL)
    assert again.returncode == 1
    assert again.stderr == "comptoir: seed: seed 1 was sown here before, as customer 600010001: choose another --seed.\n"
    assert rows(fresh_database.name, SEEN) == before
    assert run(fresh_database.owner_url, "seed", *SMALL, "--seed", "2").returncode == 0
    both = rows(fresh_database.name, SEEN)
    assert len(both) == 120
    assert [row for row in both if row[0].startswith("60001")] == before  # type: ignore[attr-defined]


def test_a_seeded_customer_stands_behind_its_wall(fresh_database: FreshDatabase) -> None:
    told = json.loads(run(fresh_database.owner_url, "seed", *SMALL, "--json", "--password", "a long enough password").stdout)
    assert Subscription.objects.count() == 0
    [(own,)] = rows(fresh_database.name, "SELECT id FROM organisations_organisation WHERE number = '600010002'")
    with wall_opened(read=[own]):
        assert Subscription.objects.count() == 20
        assert set(Subscription.objects.values_list("organisation_id", flat=True)) == {own}
    passwords = dict(rows(fresh_database.name, "SELECT email, left(password, 1) FROM identity_person"))
    assert {email for email, first in passwords.items() if first != "!"} == {one["manager"] for one in told["customers"]}


@pytest.mark.parametrize("wrong", [("--people", "2"), ("--seed", "one")])
def test_a_wrong_argument_is_told_in_one_sentence(fresh_database: FreshDatabase, wrong: tuple[str, str]) -> None:
    done = run(fresh_database.owner_url, "seed", *wrong)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("comptoir: seed: ")
    assert wrong[0] in done.stderr
    assert done.stderr.count("\n") == 1
    assert rows(fresh_database.name, "SELECT 1 FROM organisations_organisation") == []
