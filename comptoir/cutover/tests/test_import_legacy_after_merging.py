"""A customer imports again after a person's two accounts became one: the old names find that person (decision 19, rules 12)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate

from comptoir.contracts.models import Contract
from comptoir.entitlements.models import Assignment
from comptoir.identity.models import OldSignIn, Person
from comptoir.kernel.verifying import verify
from comptoir.organisations.models import GroupMember, Membership, RoleGrant
from comptoir.organisations.tests.merging import bring_over, merge
from tests.cast import TODAY
from tests.owner import DEMO, OwnDatabase, copied, logged_in, own_database, rows_of_all_tables

from .test_import_legacy import imported

KEPT, CLOSED = "jrgen.fournier2@client25.example", "zo.novk3@client25.example"  # both of one customer, with seats and roles
ELSEWHERE = "la.fournier1@client0.example"


@pytest.fixture(scope="module")
def unblocked(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def centre(unblocked: None) -> Iterator[OwnDatabase]:
    with own_database("merged") as made:
        imported()
        yield made


def merged(kept: str, closed: str, *, brought: bool = True) -> None:
    """The account at the second address becomes that of the first."""
    made = merge(Membership.objects.get(email=kept), Membership.objects.get(email=closed), TODAY)
    if brought:
        bring_over(made)


def living(email: str) -> Membership:
    return Membership.objects.get(email=email, left_on=None)


@pytest.mark.parametrize("brought", [True, False], ids=["brought-over", "still-running"])
@pytest.mark.parametrize("closed", [CLOSED, ELSEWHERE], ids=["same-customer", "another-customer"])
def test_the_same_export_again_changes_nothing(centre: OwnDatabase, closed: str, brought: bool) -> None:
    merged(KEPT, closed, brought=brought)
    before = rows_of_all_tables()
    assert {name: count for name, count in imported()["added"].items() if count} == {}
    assert rows_of_all_tables() == before


def test_what_was_taken_back_before_the_merge_stays_taken_back(centre: OwnDatabase) -> None:
    theirs = living(CLOSED)
    only = Assignment.objects.filter(membership=theirs).exclude(
        subscription__in=Assignment.objects.filter(membership=living(KEPT)).values("subscription")
    )
    assert only.update(ended_on=TODAY, waiting=False) > 0
    inside = GroupMember.objects.filter(membership=theirs).exclude(
        group__in=GroupMember.objects.filter(membership=living(KEPT)).values("group")
    )
    assert inside.update(left_on=TODAY) > 0
    RoleGrant.objects.filter(membership=theirs, role="software_coordinator").delete()
    merged(KEPT, CLOSED)
    before = rows_of_all_tables()
    imported()
    assert rows_of_all_tables() == before


def test_new_rows_about_the_closed_account_are_the_persons_who_stays(centre: OwnDatabase, tmp_path: Path) -> None:
    merged(KEPT, CLOSED)
    kept, people = living(KEPT), Person.objects.count()
    export = copied(DEMO, tmp_path / "export")
    lines = {
        "users.csv": f"SC00025099,{CLOSED},Zoë,Novák,5100025,fr,sha1,,,01/11/2026\n",
        "roles.csv": f"110024061,{CLOSED},software_coordinator\n",
        "assignments.csv": f"560005824,{CLOSED},20/11/2026\n",
    }
    for name, line in lines.items():
        with (export / name).open("a", encoding="utf-8") as file:
            file.write(line)
    added = imported(export)["added"]
    assert {name: count for name, count in added.items() if count} == {"old sign-in ids": 1, "roles": 1, "assignments": 1}
    assert Person.objects.count() == people
    contract = Contract.objects.get(number="110024061")
    assert RoleGrant.objects.filter(membership=kept, role="software_coordinator", contract_id=contract.pk).exists()
    assert Assignment.objects.get(membership=kept, subscription__number="560005824", ended_on=None)
    assert OldSignIn.objects.get(old_id="SC00025099").person == kept.person
    assert not Membership.objects.filter(email=CLOSED, left_on=None).exists()
    with logged_in(centre.app_url):
        for old_id in ("SC00025002", "SC00025003", CLOSED):
            assert authenticate(email=old_id, password="legacy-25-2") == kept.person
    assert [(verdict.name, verdict.examples) for verdict in verify() if verdict.violations] == []
