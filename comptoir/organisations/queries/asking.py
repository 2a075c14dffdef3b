"""Asking for what is changed in roles: stored for those who may give them (rules 7)."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.permissions import CUSTOMER_ROLES, Can, Role

from ..ports import Ports
from .groups import groups_seen
from .people import everybodys_roles, members, roles_of_groups, roles_with, who_may

APART = {"give_role": ("member", "role", "contract", "group"), "hand_over": ("giver", "contract")}
APART["take_role"] = APART["give_role"]


class Wish(TypedDict):
    """What `ask` is told beside the reason and the day."""

    verb: str
    arguments: Mapping[str, str | int | None]
    contract: int | None
    apart: Sequence[str]


def wish_about_roles(actor: Actor, verb: str, arguments: Mapping[str, str | int | None]) -> Wish:
    """How to ask for `give_role`, `take_role` or `hand_over` with their arguments, but for the day.

    Raises Refused `role_unknown`, `role_needs_a_group`, `role_not_on_a_group`, `contract_unknown`, `group_unknown`,
    `member_not_here`, `nobody_approves`.
    """
    contract = arguments.get("contract")
    if contract is not None and contract not in Ports.contracts.all_numbers(actor):
        raise Refused("contract_unknown", field="contract", status=422)
    if verb != "hand_over":
        _refuse_no_place(actor, str(arguments["role"]), contract, arguments.get("group"))
    people = {int(arguments[name] or 0) for name in ("member", "giver", "taker") if name in arguments}
    if members(actor).filter(pk__in=people).count() != len(people):
        raise Refused("member_not_here", field="member")
    on_contract = int(contract) if contract else None
    approvers = who_may(actor, [Role(role) for role in roles_with(Can.GIVE_ROLES)], on_contract)
    if actor.may_ask(Can.GIVE_ROLES, on_contract) and not approvers:
        raise Refused("nobody_approves")
    return Wish(verb=f"organisations.{verb}", arguments=arguments, contract=on_contract, apart=APART[verb])


def _refuse_no_place(actor: Actor, role: str, contract: str | int | None, group: str | int | None) -> None:
    if role not in CUSTOMER_ROLES or role in everybodys_roles():
        raise Refused("role_unknown", params={"role": role}, field="role", status=422)
    if (role in roles_of_groups()) != (group is not None):
        code = "role_not_on_a_group" if group is not None else "role_needs_a_group"
        raise Refused(code, params={"role": role}, field="group", status=422)
    if group is not None and (contract is not None or not groups_seen(actor).filter(pk=group).exists()):
        raise Refused("group_unknown", field="group", status=422)
