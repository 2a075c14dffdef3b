"""Asking for what is changed in roles: stored for those who may give them (rules 7)."""

from collections.abc import Mapping
from datetime import date

from comptoir.kernel.actor import Actor
from comptoir.kernel.asking import ask
from comptoir.kernel.errors import Refused
from comptoir.kernel.models import AskedVerb
from comptoir.permissions import CUSTOMER_ROLES, Can, Role

from ..ports import Ports
from ..queries import everybodys_roles, groups_seen, members, own_organisation, roles_of_groups, roles_with, who_may

APART = {"give_role": ("member", "role", "contract", "group"), "hand_over": ("giver", "contract")}
APART["take_role"] = APART["give_role"]


def ask_for_roles(actor: Actor, *, verb: str, arguments: Mapping[str, str | int | None], reason: str = "", on: date) -> AskedVerb:
    """Ask for `give_role`, `take_role` or `hand_over` with their arguments, but for the day.

    Raises Refused `role_unknown`, `role_needs_a_group`, `role_not_on_a_group`, `contract_unknown`, `group_unknown`,
    `member_not_here`, `nobody_approves`, and what `ask` refuses.
    """
    contract = arguments.get("contract")
    if contract is not None and contract not in Ports.contracts.all_numbers(actor):
        raise Refused("contract_unknown", field="contract", status=422)
    if verb != "hand_over":
        _refuse_no_place(actor, str(arguments["role"]), contract, arguments.get("group"))
    people = {arguments[name] for name in ("member", "giver", "taker") if name in arguments}
    if members(actor).filter(pk__in=people).count() != len(people):
        raise Refused("member_not_here", field="member")
    on_contract = int(contract) if contract else None
    approvers = who_may(actor, [Role(role) for role in roles_with(Can.GIVE_ROLES)], on_contract)
    if actor.may_ask(Can.GIVE_ROLES, on_contract) and not approvers:
        raise Refused("nobody_approves")
    return ask(
        actor,
        own_organisation(actor),
        verb=f"organisations.{verb}",
        arguments=arguments,
        reason=reason,
        on=on,
        contract=on_contract,
        apart=APART[verb],
    )


def _refuse_no_place(actor: Actor, role: str, contract: str | int | None, group: str | int | None) -> None:
    if role not in CUSTOMER_ROLES or role in everybodys_roles():
        raise Refused("role_unknown", params={"role": role}, field="role", status=422)
    if (role in roles_of_groups()) != (group is not None):
        code = "role_not_on_a_group" if group is not None else "role_needs_a_group"
        raise Refused(code, params={"role": role}, field="group", status=422)
    if group is not None and (contract is not None or not groups_seen(actor).filter(pk=group).exists()):
        raise Refused("group_unknown", field="group", status=422)
