"""People and roles under fire: twins and threads at once."""

from threading import Barrier

import pytest
from django.db import transaction

from comptoir.kernel.errors import Refused
from comptoir.kernel.tests.stage import inside, looking
from comptoir.organisations.actions import add_person, give_role, join_group, make_group, remove_people, take_role
from comptoir.organisations.models import GroupMember, Membership, RoleGrant
from comptoir.organisations.ports import Ports
from comptoir.subscriptions.tests.test_add_seats_survives import in_threads
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, raise_curtain

MANAGER = "contract_manager"
NINA = {"first_name": "Nina", "last_name": "Neu", "language": "en", "invite": True, "on": TODAY}


@pytest.fixture
def cast(fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> Cast:
    monkeypatch.setattr(Ports, "grouped", ())
    monkeypatch.setattr(Ports, "leaving", ())
    with transaction.atomic():
        made = raise_curtain()
    with inside(made.camille) as actor:
        give_role(actor, made.nord, member=made.rita.pk, role=MANAGER, on=TODAY)
    return made


def codes(answers: list[object]) -> list[str]:
    return sorted(answer.code if isinstance(answer, Refused) else "done" for answer in answers)


@pytest.mark.parametrize("how", ["remove", "take"])
def test_of_two_who_remove_each_other_the_last_two_managers_one_is_refused(cast: Cast, how: str) -> None:
    pairs, meet = [(cast.camille, cast.rita), (cast.rita, cast.camille)], Barrier(2)

    def act(n: int) -> object:
        by, other = pairs[n]
        with inside(by) as actor:
            meet.wait(20)  # both have come in as managers
            if how == "remove":
                return remove_people(actor, cast.nord, members=[other.pk], on=TODAY).pk
            return take_role(actor, cast.nord, member=other.pk, role=MANAGER).pk

    assert codes(in_threads(2, act)) == ["done", "last_manager"]
    with looking(cast.nord.pk):
        left = RoleGrant.objects.filter(role=MANAGER, contract_id=None, membership__left_on=None)
        assert left.filter(membership_id__in=[cast.camille.pk, cast.rita.pk]).count() == 1


@pytest.mark.parametrize(("key", "expected"), [("one", ["done"] * 8), (None, ["done", *["member_here_already"] * 7])])
def test_of_twins_who_add_one_person_there_is_one(cast: Cast, key: str | None, expected: list[str]) -> None:
    def act(_n: int) -> object:
        with inside(cast.camille, key=key) as actor:
            return add_person(actor, cast.nord, email="nina.neu@example.com", **NINA).pk

    assert codes(in_threads(8, act)) == expected
    with looking(cast.nord.pk):
        assert Membership.objects.filter(email="nina.neu@example.com").count() == 1


def test_two_customers_who_add_the_same_person_at_once_share_one_sign_in(cast: Cast) -> None:
    pairs = [(cast.camille, cast.nord), (cast.oskar, cast.est)]

    def act(n: int) -> object:
        by, customer = pairs[n]
        with inside(by) as actor:
            return add_person(actor, customer, email="nina.neu@example.com", **NINA).person_id

    first, second = in_threads(2, act)
    assert first == second


def test_who_leaves_while_they_are_put_into_a_group_is_in_none(cast: Cast) -> None:
    with inside(cast.camille) as actor:
        group = make_group(actor, cast.nord, name="Drawing", on=TODAY)

    def act(n: int) -> object:
        with inside(cast.camille) as actor:
            if n % 2:
                return join_group(actor, group, members=[cast.emil.pk], on=TODAY).pk
            return remove_people(actor, cast.nord, members=[cast.emil.pk], on=TODAY).pk

    in_threads(2, act)
    with looking(cast.nord.pk):
        assert not GroupMember.objects.filter(membership=cast.emil, left_on=None).exists()
