"""`comptoir staff`: who works at the desk is told by the operator alone."""

import json
from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from comptoir.identity.models import Person, StaffRole
from comptoir.kernel.models import Event, House
from comptoir.kernel.walls import wall_opened
from tests.cast import raise_curtain, staff_member
from tests.owner import own_database


@pytest.fixture
def house(django_db_blocker: Any) -> Iterator[None]:
    """A house on 2026-11-21, seen as its owner."""
    with django_db_blocker.unblock(), own_database("staff"):
        House.objects.update(business_day=date(2026, 11, 21))
        yield


def staff(*arguments: str) -> Any:
    out = StringIO()
    call_command("staff", *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_somebody_new_gets_a_sign_in_and_a_role_and_the_log_says_so(house: None) -> None:
    row = {"email": "fiona@vendor.example", "name": "Fiona Lenoir", "role": "finance", "since": "2026-11-21"}
    assert staff("add", "Fiona@vendor.example", "finance", "--name", "Fiona Lenoir") == [row]
    assert Person.objects.get().full_name == "Fiona Lenoir"
    told = Event.objects.get()
    assert (told.chain, told.kind, told.detail) == (
        "h",
        "staff.role_given",
        {"role": "finance", "person": Person.objects.get().pk},
    )


def test_a_role_ends_and_its_history_stays(house: None) -> None:
    staff("add", "fiona@vendor.example", "finance", "--name", "Fiona Lenoir")
    staff("add", "fiona@vendor.example", "catalogue")
    assert [row["role"] for row in staff("end", "fiona@vendor.example", "finance")] == ["catalogue"]
    assert StaffRole.objects.get(role="finance").ended_on == date(2026, 11, 21)
    assert [row["role"] for row in staff("add", "fiona@vendor.example", "finance")] == ["catalogue", "finance"]
    assert StaffRole.objects.count() == 3


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["add", "nobody@vendor.example", "finance"], "Nobody signs in with nobody@vendor.example. Give a name"),
        (["add", "no address", "finance", "--name", "A B"], "no address is no e-mail address"),
        (["add", "a@vendor.example", "king"], "invalid choice"),
        (["add", "a@vendor.example"], "takes an e-mail and a role"),
        (["end", "a@vendor.example", "finance"], "does not have this role"),
    ],
)
def test_what_can_not_be_is_said_and_nobody_is_added(house: None, arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        staff(*arguments)
    assert not Person.objects.exists()
    assert not StaffRole.objects.exists()


@pytest.mark.django_db
def test_nobody_makes_themselves_staff_and_staff_is_seen_at_the_desk_alone() -> None:
    cast = raise_curtain()
    fiona = staff_member("Fiona", "Lenoir", "finance")
    told = {"person_id": cast.camille.person_id, "name": "Camille Morel", "role": "finance", "given_on": date(2026, 1, 1)}
    for opening in ({}, {"desk": True, "house": True}):
        with (
            wall_opened(person=cast.camille.person_id, **opening),
            pytest.raises(DatabaseError, match="row-level security"),
            transaction.atomic(),
        ):
            StaffRole.objects.create(**told)
    with wall_opened(person=cast.camille.person_id):
        assert not StaffRole.objects.exists()
    with wall_opened(person=fiona.pk, desk=True):
        assert [role.name for role in StaffRole.objects.all()] == ["Fiona Lenoir"]
