"""Roles given and taken: read at each click, one place at a time, and never the last manager's."""

import pytest

from comptoir.kernel.errors import Refused
from comptoir.organisations.actions import give_role, hand_over, make_group, remove_people, take_role
from comptoir.organisations.models import Membership, RoleGrant
from comptoir.permissions import Can
from tests.cast import TODAY, Cast, raise_curtain

from .stage import acting, added, told


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


MANAGER = "contract_manager"


@pytest.mark.django_db
def test_a_role_counts_from_the_next_click_on_and_is_gone_at_the_next(cast: Cast) -> None:
    assert not acting(cast.emil).may(Can.PAY)
    give_role(acting(cast.camille), cast.nord, member=cast.emil.pk, role="payer", contract=cast.contract.pk, on=TODAY)
    assert acting(cast.emil).may(Can.PAY, cast.contract.pk)
    assert not acting(cast.emil).may(Can.PAY, cast.second_contract.pk)
    with pytest.raises(Refused, match="role_held"):
        give_role(acting(cast.camille), cast.nord, member=cast.emil.pk, role="payer", contract=cast.contract.pk, on=TODAY)
    with pytest.raises(Refused, match="role_not_held"):  # held on the contract, not everywhere
        take_role(acting(cast.camille), cast.nord, member=cast.emil.pk, role="payer")
    take_role(acting(cast.camille), cast.nord, member=cast.emil.pk, role="payer", contract=cast.contract.pk)
    assert not acting(cast.emil).may(Can.PAY, cast.contract.pk)
    assert [detail["role"] for detail in told("role.given") + told("role.taken")] == ["payer", "payer"]


@pytest.mark.django_db
def test_whoever_looks_after_a_group_does_so_for_that_group_alone(cast: Cast) -> None:
    group = make_group(acting(cast.camille), cast.nord, name="Drawing", on=TODAY)
    give_role(acting(cast.anton), cast.nord, member=cast.emil.pk, role="access_manager", group=group.pk, on=TODAY)
    assert acting(cast.emil).groups(Can.MANAGE_GROUPS) == {group.pk}
    assert not acting(cast.emil).may(Can.MANAGE_GROUPS)
    assert acting(cast.camille).groups(Can.MANAGE_GROUPS) is None
    assert acting(cast.rita).groups(Can.MANAGE_GROUPS) == frozenset()


@pytest.mark.django_db
def test_managers_give_roles_on_their_own_contracts_and_nobody_else_does(cast: Cast) -> None:
    wanted = {"member": cast.emil.pk, "role": "payer", "on": TODAY}
    for who in (cast.pierre, cast.sofia, cast.rita, cast.emil):
        with pytest.raises(Refused, match="not_allowed"):
            give_role(acting(who), cast.nord, **wanted)
    for place in (None, cast.contract.pk):
        with pytest.raises(Refused, match="not_allowed"):
            give_role(acting(cast.anton), cast.nord, **wanted, contract=place)
        with pytest.raises(Refused, match="not_allowed"):
            take_role(acting(cast.anton), cast.nord, member=cast.camille.pk, role=MANAGER, contract=place)
    give_role(acting(cast.anton), cast.nord, **wanted, contract=cast.second_contract.pk)
    with pytest.raises(Membership.DoesNotExist):
        give_role(acting(cast.camille), cast.nord, member=cast.oskar.pk, role="payer", on=TODAY)


@pytest.mark.django_db
def test_the_last_manager_stays_until_somebody_who_has_come_in_takes_over(cast: Cast) -> None:
    with pytest.raises(Refused, match="last_manager") as refused:
        take_role(acting(cast.camille), cast.nord, member=cast.camille.pk, role=MANAGER)
    assert refused.value.params["contracts"] == "110000001"  # Anton manages the second one
    with pytest.raises(Refused, match="last_manager"):
        remove_people(acting(cast.camille), cast.nord, members=[cast.camille.pk], on=TODAY)
    nina = added(cast, cast.camille)
    with pytest.raises(Refused, match="last_manager"):  # only invited yet
        hand_over(acting(cast.camille), cast.nord, giver=cast.camille.pk, taker=nina.pk, on=TODAY)
    with pytest.raises(Refused, match="last_manager"):
        hand_over(acting(cast.camille), cast.nord, giver=cast.camille.pk, taker=cast.camille.pk, on=TODAY)
    hand_over(acting(cast.camille), cast.nord, giver=cast.camille.pk, taker=cast.rita.pk, on=TODAY)
    assert acting(cast.rita).may(Can.GIVE_ROLES)
    assert not acting(cast.camille).may(Can.GIVE_ROLES)
    remove_people(acting(cast.rita), cast.nord, members=[cast.camille.pk], on=TODAY)


@pytest.mark.django_db
def test_a_contract_may_lose_its_own_manager_while_one_of_the_whole_customer_stays(cast: Cast) -> None:
    place = {"role": MANAGER, "contract": cast.second_contract.pk}
    take_role(acting(cast.anton), cast.nord, member=cast.anton.pk, **place)
    assert not RoleGrant.objects.filter(contract_id=cast.second_contract.pk).exists()
    hand_over_ = {"giver": cast.anton.pk, "taker": cast.emil.pk, "contract": cast.second_contract.pk}
    with pytest.raises(Refused, match="role_not_held"):
        hand_over(acting(cast.camille), cast.nord, **hand_over_, on=TODAY)
    assert not acting(cast.emil).may(Can.GIVE_ROLES, cast.second_contract.pk)
