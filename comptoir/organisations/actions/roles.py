"""Roles given and taken, contracts handed over. Whatever happens, every contract keeps a manager (rules 7)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.ports import not_allowed
from comptoir.kernel.recording import record
from comptoir.permissions import CUSTOMER_ROLES, Can

from ..models import Group, Membership, Organisation, RoleGrant
from ..ports import Ports
from ..queries import everybodys_roles, quote_of_roles, roles_of_groups, roles_with


@dataclass(frozen=True, slots=True)
class Place:
    """A role and where it counts: on a contract, on a group, or (neither) on the whole customer."""

    role: str
    contract: int | None = None
    group: int | None = None


@action(Can.GIVE_ROLES, anywhere=True)
def give_role(
    actor: Actor,
    organisation: Organisation,
    *,
    member: int,
    role: str,
    contract: int | None = None,
    group: int | None = None,
    on: date,
    quote: str | None = None,
) -> Membership:
    """Give a member a role on a contract, on a group, or on the whole customer. It counts from their next click on.

    `quote`: the roles that whoever approves a request has seen. Raises Refused `roles_moved` where they have changed,
    `role_unknown`, `role_needs_a_group`, `role_not_on_a_group`, `contract_unknown`, `group_unknown`, `role_held`,
    `not_allowed` (somebody else's contract), and Membership.DoesNotExist.
    """
    found = _here(organisation, member)
    _refuse_moved(actor, [member], quote)
    if not give(actor, found, Place(role, contract, group), on):
        raise Refused("role_held", params={"name": found.name})
    return found


@action(Can.GIVE_ROLES, anywhere=True)
def take_role(
    actor: Actor,
    organisation: Organisation,
    *,
    member: int,
    role: str,
    contract: int | None = None,
    group: int | None = None,
    on: date | None = None,
    quote: str | None = None,
) -> Membership:
    """Take a role away; it is gone at the member's next click. `quote` as for `give_role`.

    Raises Refused `role_not_held`, `last_manager`, `not_allowed` (somebody else's contract), and Membership.DoesNotExist.
    """
    found = _here(organisation, member)
    _refuse_moved(actor, [member], quote)
    place = Place(role, contract, group)
    _refuse_elsewhere(actor, place)
    keep_managed(actor, lambda: _take(found, place, on))
    return found


@action(Can.GIVE_ROLES, anywhere=True)
def hand_over(
    actor: Actor,
    organisation: Organisation,
    *,
    giver: int,
    taker: int,
    contract: int | None = None,
    on: date,
    quote: str | None = None,
) -> Membership:
    """What one manages, a contract or the whole customer, is another's from now on. `quote` as for `give_role`.

    Raises Refused `role_not_held`, `last_manager` (whoever takes over was only invited yet), `not_allowed`, and
    Membership.DoesNotExist.
    """
    before, after = _here(organisation, giver), _here(organisation, taker)
    _refuse_moved(actor, [giver, taker], quote)
    place = Place(roles_with(Can.GIVE_ROLES)[0], contract)
    _refuse_elsewhere(actor, place)

    def change() -> None:
        if before.pk != after.pk:
            give(actor, after, place, on)
        _take(before, place, on)

    keep_managed(actor, change)
    record(Events.CONTRACT_HANDED_OVER, after, contract_id=contract, giver=before.pk, member=after.pk)
    return after


@step
def give(actor: Actor, member: Membership, place: Place, on: date) -> bool:
    """Give a role, as far as the actor may; False where it is held already. Raises what `give_role` raises."""
    check_place(actor, place)
    return hold(member, place, on)


@step
def hold(member: Membership, place: Place, on: date) -> bool:
    """Note that a member has a role there, whoever gave it; False where it is held already."""
    held = RoleGrant.objects.filter(organisation_id=member.organisation_id, membership=member, **_where(place))
    new = not held.exists()
    if new:
        RoleGrant.objects.create(
            organisation_id=member.organisation_id,
            membership=member,
            role=place.role,
            contract_id=place.contract,
            group_id=place.group,
            given_on=on,
        )
        record(Events.ROLE_GIVEN, member, contract_id=place.contract, member=member.pk, role=place.role, group=place.group)
    return new


@step
def check_place(actor: Actor, place: Place) -> None:
    """Raise what `give_role` raises where there is no such role or place, or where it is not the actor's to give."""
    if place.role not in CUSTOMER_ROLES or place.role in everybodys_roles():
        raise Refused("role_unknown", params={"role": place.role}, field="role", status=422)
    on_groups = place.role in roles_of_groups()
    if on_groups and place.group is None:
        raise Refused("role_needs_a_group", params={"role": place.role}, field="group", status=422)
    if place.group is not None and not on_groups:
        raise Refused("role_not_on_a_group", params={"role": place.role}, field="group", status=422)
    living = Group.objects.filter(organisation_id=actor.customer_id, ended_on=None)
    if place.group is not None and (place.contract is not None or not living.filter(pk=place.group).exists()):
        raise Refused("group_unknown", field="group", status=422)
    if place.contract is not None and place.contract not in Ports.contracts.all_numbers(actor):
        raise Refused("contract_unknown", field="contract", status=422)
    _refuse_elsewhere(actor, place)


@step
def keep_managed(actor: Actor, change: Callable[[], object]) -> None:
    """Make a change after which every contract that had a manager still has one, or refuse: `last_manager`.

    The customer's row is locked by the action that calls it, so two who go at once are seen one after the other.
    """
    numbers = Ports.contracts.all_numbers(actor)
    before = _managed(actor, numbers)
    change()
    lost = before - _managed(actor, numbers)
    if numbers:
        lost.discard(None)
    if lost:
        told = ", ".join(numbers[pk] for pk in sorted(pk for pk in lost if pk is not None)[:5])
        raise Refused("last_manager", params={"contracts": told or _name(actor)})


def _name(actor: Actor) -> str:
    return Organisation.objects.get(pk=actor.customer_id).name


def _managed(actor: Actor, contracts: Iterable[int]) -> set[int | None]:
    rows = RoleGrant.objects.filter(organisation_id=actor.customer_id, role__in=roles_with(Can.GIVE_ROLES))
    rows = rows.filter(membership__left_on=None, membership__active=True)
    places = set(rows.values_list("contract_id", flat=True))
    return {*contracts, None} if None in places else places


def _where(place: Place) -> dict[str, Any]:
    return {"role": place.role, "contract_id": place.contract, "group_id": place.group}


def _refuse_elsewhere(actor: Actor, place: Place) -> None:
    # on a group: whoever may give roles at all
    if not actor.may(Can.GIVE_ROLES, place.contract, anywhere=place.group is not None):
        raise not_allowed(actor, Can.GIVE_ROLES, place.contract)


def _refuse_moved(actor: Actor, members: Sequence[int], quote: str | None) -> None:
    if quote is not None and quote != quote_of_roles(actor, members):
        raise Refused("roles_moved")


def _here(organisation: Organisation, member: int) -> Membership:
    here = Membership.objects.filter(organisation=organisation, left_on=None)
    return here.select_for_update(no_key=True).get(pk=member)


def _take(member: Membership, place: Place, on: date | None) -> None:
    held = RoleGrant.objects.filter(organisation_id=member.organisation_id, membership=member, **_where(place))
    gone, _tables = held.delete()
    if not gone:
        raise Refused("role_not_held", params={"name": member.name})
    record(Events.ROLE_TAKEN, member, contract_id=place.contract, on=on, member=member.pk, role=place.role, group=place.group)
