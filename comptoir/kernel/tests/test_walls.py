"""The customer's wall: what a transaction sees and writes, and the ways round row-level security, each held shut."""

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from comptoir.contracts.models import Contract
from comptoir.identity.models import Person
from comptoir.kernel.prepared import Prepared
from comptoir.kernel.walls import open_wall, wall_opened
from comptoir.organisations.models import Membership, Organisation
from comptoir.subscriptions.models import Subscription
from conftest import FreshDatabase
from tests import tables
from tests.cast import Cast, make_contract, raise_curtain

Owner = psycopg.Connection[tuple[object, ...]]
WALLED_ROWS = (Contract, Membership, Organisation, Person, Subscription)


@pytest.fixture
def cast(db: None) -> Cast:
    return raise_curtain()


@pytest.fixture
def committed(fresh_database: FreshDatabase) -> Cast:
    """The cast in a database where commits are real."""
    return raise_curtain()


@pytest.fixture
def owner(committed: Cast, fresh_database: FreshDatabase) -> Iterator[Owner]:
    """The owner of the tables, who may do what a careless migration would."""
    with psycopg.connect(fresh_database.owner_url, autocommit=True) as database:
        yield database


def numbers(sql: str) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()]


# --- what a transaction sees and writes --------------------------------------------------------------------------------------


def test_without_an_open_wall_there_are_no_rows(cast: Cast) -> None:
    with transaction.atomic():
        assert [rows.__name__ for rows in WALLED_ROWS if rows._default_manager.exists()] == []


def test_rows_behind_a_wall_of_their_own_are_asked_in_one_statement_and_leave_nothing_open(committed: Cast) -> None:
    found: Prepared[Contract] = Prepared(lambda customer: Contract.objects.filter(organisation_id=customer), customer=int)
    nord = committed.nord.pk
    with CaptureQueriesContext(connection) as told:
        rows = found.behind({"read": [nord]}, customer=nord)
    assert len(rows) > 0
    assert len(told) == 1
    assert found.behind({"read": []}, customer=nord) == []
    assert found.all(customer=nord) == []  # the wall is closed again


def test_inside_a_customer_there_are_its_rows_and_no_others(cast: Cast) -> None:
    with wall_opened(read=[cast.nord.pk]):
        assert set(Organisation.objects.all()) == {cast.nord}
        assert set(Contract.objects.all()) == {cast.contract, cast.second_contract}
        assert set(Subscription.objects.all()) == {cast.subscription}
        assert "oskar.ost@example.com" not in Person.objects.values_list("email", flat=True)


def test_over_all_my_companies_the_list_is_wider_and_writing_has_one(cast: Cast) -> None:
    with wall_opened(read=[cast.nord.pk, cast.est.pk], write=cast.nord.pk):
        assert Contract.objects.count() == 3
        foreign = Contract.objects.filter(pk=cast.foreign_contract.pk)
        assert foreign.update(support_level="priority") == 0
        assert foreign.update(organisation=cast.nord) == 0  # nor taken over
        assert foreign.get().support_level == "basic"


@pytest.mark.parametrize("write", [None, "est"])
def test_nobody_writes_where_they_may_only_read(write: str | None, cast: Cast) -> None:
    with wall_opened(read=[cast.nord.pk], write=cast.est.pk if write else None):
        own = Contract.objects.filter(pk=cast.contract.pk)
        assert own.update(support_level="priority") == 0
        assert own._raw_delete("default") == 0
        assert own.get().support_level == "basic"
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Contract.objects.create(organisation=cast.nord, number="1", plan="subscription", started_on=date(2026, 1, 1))


def test_what_one_cannot_see_one_cannot_change(cast: Cast) -> None:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        assert Contract.objects.filter(pk=cast.foreign_contract.pk).update(support_level="priority") == 0
        assert Contract.objects.filter(pk=cast.foreign_contract.pk).delete()[0] == 0


def test_a_row_cannot_move_to_another_customer(cast: Cast) -> None:
    refused = pytest.raises(DatabaseError, match="row-level security")
    with wall_opened(read=[cast.nord.pk, cast.est.pk], write=cast.nord.pk), refused, transaction.atomic():
        Contract.objects.filter(pk=cast.second_contract.pk).update(organisation=cast.est)


def test_a_wall_opened_inside_another_gives_the_other_back(cast: Cast) -> None:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        with wall_opened(read=[cast.est.pk]):
            assert set(Organisation.objects.all()) == {cast.est}
        assert set(Organisation.objects.all()) == {cast.nord}
        with pytest.raises(ZeroDivisionError), wall_opened(read=[cast.est.pk]):
            raise ZeroDivisionError
        assert set(Organisation.objects.all()) == {cast.nord}


def test_a_person_sees_their_own_memberships_and_the_names_of_their_customers(cast: Cast) -> None:
    with wall_opened(person=cast.camille.person_id):
        assert set(Membership.objects.all()) == {cast.camille}
        assert set(Organisation.objects.all()) == {cast.nord}
        assert [person.pk for person in Person.objects.all()] == [cast.camille.person_id]
        assert not Subscription.objects.exists()


# --- the ways round it -------------------------------------------------------------------------------------------------------


def test_the_lists_end_with_their_transaction_and_the_next_user_of_the_connection_sees_nothing(committed: Cast) -> None:
    with transaction.atomic():
        open_wall(read=[committed.nord.pk], write=committed.nord.pk, person=committed.camille.person_id)
        assert Contract.objects.count() == 2
        before = numbers("SELECT pg_backend_pid()")
    settings = "SELECT current_setting(name, true) FROM unnest(ARRAY['app.read', 'app.write', 'app.person']) AS name"
    assert numbers(settings) == ["", "", ""]
    assert not Contract.objects.exists()
    assert numbers("SELECT pg_backend_pid()") == before, "the same connection, as a pool would hand it on"


def test_a_setting_of_the_session_would_outlive_its_transaction(committed: Cast) -> None:
    # why `open_wall` sets for the transaction only: this is what a pooled connection would hand to the next customer
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.read', %s, false)", [f"{{{committed.nord.pk}}}"])
    assert Contract.objects.count() == 2


def test_an_owners_view_would_leak_and_is_found(committed: Cast, owner: Owner) -> None:
    owner.execute("CREATE VIEW careless AS SELECT number FROM contracts_contract")
    owner.execute("CREATE VIEW careful WITH (security_invoker = true) AS SELECT number FROM contracts_contract")
    with wall_opened(read=[committed.nord.pk]):
        assert "110000003" in numbers("SELECT number FROM careless")
        assert sorted(numbers("SELECT number FROM careful")) == ["110000001", "110000002"]  # type: ignore[type-var]
    assert tables.views_that_see_as_their_owner() == ["careless"]


def test_a_function_of_its_owner_would_leak_and_is_found(committed: Cast, owner: Owner) -> None:
    body = "LANGUAGE sql {} AS 'SELECT count(*) FROM contracts_contract'"
    owner.execute(f"CREATE FUNCTION careless() RETURNS bigint {body.format('SECURITY DEFINER')}".encode())
    owner.execute(f"CREATE FUNCTION careful() RETURNS bigint {body.format('')}".encode())
    with wall_opened(read=[committed.nord.pk]):
        assert numbers("SELECT careless()") == [3]
        assert numbers("SELECT careful()") == [2]
    assert tables.functions_that_act_as_their_owner() == ["careless"]


def test_a_materialised_view_would_leak_and_is_found(committed: Cast, owner: Owner) -> None:
    owner.execute("CREATE MATERIALIZED VIEW careless AS SELECT number FROM contracts_contract")
    with wall_opened(read=[committed.nord.pk]):
        assert "110000003" in numbers("SELECT number FROM careless")
    assert tables.materialised_views() == ["careless"]


def test_a_table_without_force_or_policy_is_found(committed: Cast, owner: Owner) -> None:
    every = len(tables.walled_tables())
    owner.execute("ALTER TABLE contracts_contract NO FORCE ROW LEVEL SECURITY")
    assert "contracts_contract" not in tables.walled_tables()
    owner.execute("DROP POLICY wall ON usage_credituse")
    owner.execute("CREATE POLICY wall ON usage_credituse FOR SELECT USING (true)")
    owner.execute("CREATE POLICY second ON support_case USING (true) WITH CHECK (true)")
    assert len(tables.walled_tables()) == every - 3


def test_a_plain_foreign_key_would_tell_what_others_have_and_is_found(committed: Cast, owner: Owner) -> None:
    owner.execute(
        "CREATE TABLE note (id serial PRIMARY KEY, organisation_id bigint, contract_id bigint REFERENCES contracts_contract)"
    )
    with wall_opened(read=[committed.nord.pk], write=committed.nord.pk), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO note (organisation_id, contract_id) VALUES (%s, %s)", [committed.nord.pk, committed.foreign_contract.pk]
        )
    assert tables.foreign_keys_that_cross() == ["note.note_contract_id_fkey"]


def test_our_foreign_keys_do_not_cross(committed: Cast) -> None:
    refused = pytest.raises(IntegrityError, match="subscriptions_subscription_contract_id_wall")
    with refused, wall_opened(read=[committed.nord.pk], write=committed.nord.pk):
        Subscription.objects.filter(pk=committed.subscription.pk).update(contract_id=committed.foreign_contract.pk)


def test_a_constraint_over_all_customers_would_tell_what_others_have_and_is_found(committed: Cast, owner: Owner) -> None:
    found = tables.unique_over_all_customers()
    owner.execute("CREATE UNIQUE INDEX careless ON contracts_contract (number)")
    with pytest.raises(IntegrityError, match="careless"):
        make_contract(committed.nord, committed.foreign_contract.number)
    assert tables.unique_over_all_customers() == sorted([*found, "careless"])


def test_two_customers_may_have_the_same_contract_number(cast: Cast) -> None:
    make_contract(cast.nord, cast.foreign_contract.number)
    with wall_opened(read=[cast.nord.pk, cast.est.pk]):
        assert Contract.objects.filter(number=cast.foreign_contract.number).count() == 2
