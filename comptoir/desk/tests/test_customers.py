"""Customers at the desk: who of the staff sees whom, by the gate and by the database itself."""

import pytest
from django.db import connection

from comptoir.billing.models import Invoice
from comptoir.contracts.models import Contract
from comptoir.identity.models import StaffRole
from comptoir.kernel.clock import business_day
from comptoir.kernel.ports import Ports
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Organisation
from comptoir.subscriptions.actions.seats import add_seats
from comptoir.subscriptions.models import Order, Subscription
from tests import tables
from tests.cast import Cast, at_desk, raise_curtain, signed_in, staff_member, words_of

pytestmark = pytest.mark.django_db
NORD = "/desk/customers/5200001/"


@pytest.fixture
def cast() -> Cast:
    """The cast, after Camille has added three seats."""
    cast = raise_curtain()
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk, person=cast.camille.person_id):
        visit = Ports.grants.visit(cast.camille.person_id, cast.nord.number)
        assert visit is not None
        add_seats(visit.actor, cast.subscription, add=3, on=business_day())
    return cast


def test_finance_finds_a_customer_and_sees_what_they_have_and_owe(cast: Cast) -> None:
    fiona = at_desk(staff_member("Fiona", "Lenoir", "finance"))
    said = words_of(fiona.get("/desk/customers/"))
    assert "There are 2 customers." in said
    assert "Atelier Nord" in said
    assert "Studio Est" in said
    said = words_of(fiona.get("/desk/customers/", {"q": "nord atel"}))
    assert "Atelier Nord" in said
    assert "Studio Est" not in said
    assert "Studio Est" in words_of(fiona.get("/desk/customers/", {"q": "5200002"}))
    said = words_of(fiona.get(NORD))
    assert "1 subscription works; the next renews on 10 April 2027, in 4 months. Nothing is overdue." in said
    assert "Camille Morel, camille.morel@example.com" in said
    assert "F-2026-000001" in said
    assert "560000001-1 Seats added" in said
    assert "Studio Est" not in said
    assert "Sculpt LT" in words_of(fiona.get(f"{NORD}subscriptions/"))
    said = words_of(fiona.get(f"{NORD}invoices/F-2026-000001/"))
    assert "3 seats × 280.00 EUR × 140 of 365 days" in said.replace("\xa0", " ")


def test_an_administrator_sees_customers_and_managers_and_no_money(cast: Cast) -> None:
    ada = at_desk(staff_member("Ada", "Sommer", "administrator"))
    said = words_of(ada.get(NORD))
    assert "Camille Morel" in said
    assert "F-2026-000001" not in said
    assert "EUR" in said, "the currency is no amount"
    assert "Open, with tax" not in said
    assert ada.get(f"{NORD}invoices/F-2026-000001/").status_code == 404


@pytest.mark.parametrize("role", ["catalogue", "support_agent", None])
def test_others_meet_no_customer(cast: Cast, role: str | None) -> None:
    somebody = at_desk(staff_member("Karl", "Lang", *([role] if role else [])))
    for path in ("/desk/customers/", NORD, f"{NORD}subscriptions/", f"{NORD}invoices/F-2026-000001/", "/desk/runs/"):
        assert somebody.get(path).status_code == 404, path


def test_a_customers_people_find_no_desk(cast: Cast) -> None:
    for path in ("/desk/", "/desk/customers/", NORD, "/desk/prices/", "/desk/charging/"):
        assert signed_in(cast.camille).get(path).status_code == 404


def test_staff_are_no_members(cast: Cast) -> None:
    fiona = at_desk(staff_member("Fiona", "Lenoir", "finance"))
    for path in ("/c/5200001/", "/c/5200001/invoices/", "/c/5200001/contracts/"):
        assert fiona.get(path).status_code == 404
    assert fiona.get("/").headers["Location"] == "/desk/"


def test_a_role_that_ended_ends_at_the_next_click(cast: Cast) -> None:
    person = staff_member("Fiona", "Lenoir", "finance")
    fiona = at_desk(person)
    assert fiona.get(NORD).status_code == 200
    with wall_opened(desk=True, house=True):
        StaffRole.objects.filter(person=person).update(ended_on=business_day())
    assert fiona.get(NORD).status_code == 404
    assert fiona.get("/desk/").status_code == 404


SEEN = {
    "organisations_organisation": (Organisation, {"finance", "administrator"}),
    "contracts_contract": (Contract, {"finance", "administrator"}),
    "subscriptions_subscription": (Subscription, {"finance"}),
    "subscriptions_order": (Order, {"finance"}),
    "billing_invoice": (Invoice, {"finance"}),
}


@pytest.mark.parametrize("role", ["finance", "administrator", "catalogue", "support_agent"])
def test_the_database_itself_shows_a_role_what_it_may_see_and_no_more(cast: Cast, role: str) -> None:
    person = staff_member("Some", "Body", role)
    for model, roles in SEEN.values():
        with wall_opened(person=person.pk, desk=True):
            assert model.objects.exists() == (role in roles), model
        with wall_opened(person=person.pk):
            assert not model.objects.exists(), "elsewhere than at the desk staff see nothing"
        with wall_opened(person=cast.camille.person_id, desk=True):
            assert not model.objects.exclude(pk=cast.nord.pk).exists(), "the desk's wall alone makes nobody staff"


def test_the_desk_writes_for_no_customer_on_its_lists(cast: Cast) -> None:
    person = staff_member("Fiona", "Lenoir", "finance")
    with wall_opened(person=person.pk, desk=True, house=True):
        assert Organisation.objects.update(name="x") == 0
        assert Subscription.objects.update(seats_now=99) == 0
        assert Order.objects.all().delete()[0] == 0


def test_every_table_that_the_desk_reads_names_its_roles() -> None:
    found = tables.seen_at_desk()
    assert set(SEEN) <= set(found)
    assert all("app_desk(" in policy for policy in found.values())


def test_a_customers_own_lists_still_enter_by_their_index(cast: Cast) -> None:
    with wall_opened(read=[cast.nord.pk], person=cast.camille.person_id), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for table in ("subscriptions_subscription", "billing_invoice", "contracts_contract", "subscriptions_order"):
            cursor.execute(f"EXPLAIN SELECT * FROM {table} WHERE organisation_id = %s ORDER BY id LIMIT 50", [cast.nord.pk])
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Index" in plan, plan
