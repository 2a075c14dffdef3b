"""How requests about roles are told, and what approving one would do today (rules 7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.models import AskedVerb
from comptoir.organisations.queries import (
    RoleLine,
    managed_by_nobody_without,
    managing_now,
    members_by_id,
    quote_of_roles,
    role_lines,
    role_words,
    roles_with,
)
from comptoir.permissions import Can
from comptoir.subscriptions.queries.requests import AskedKind, Names, tells

GIVE, TAKE, HAND_OVER = "organisations.give_role", "organisations.take_role", "organisations.hand_over"


@dataclass(frozen=True, slots=True)
class RoleAsked:
    """What approving a request about roles would do today: who holds what until now; who manages alongside."""

    holds: Sequence[RoleLine]
    name: str  # of the member whose roles these are
    others: Sequence[str]  # who can act as manager there, where that is what it is about
    quote: str


def role_title(asked: AskedVerb, names: Names) -> str:
    """What is asked for."""
    told, words = asked.arguments, role_words()
    place = _place(told.get("contract"), told.get("group"), names)
    if asked.verb == HAND_OVER:
        who = {name: names.people.get(told[name], "…") for name in ("giver", "taker")}
        return _("%(taker)s manages %(place)s instead of %(giver)s") % {**who, "place": place}
    told = {"who": names.people.get(told["member"], "…"), "role": words.get(told["role"], told["role"]), "place": place}
    if asked.verb == TAKE:
        return _("%(who)s is no longer %(role)s: %(place)s") % told
    return _("%(who)s becomes %(role)s: %(place)s") % told


def _place(contract: int | None, group: int | None, names: Names) -> str:
    if contract:
        return _("contract %(number)s") % {"number": names.contracts.get(contract, "…")}
    if group:
        return _("group %(name)s") % {"name": names.groups.get(group, "…")}
    return _("the whole customer")


def role_preview(actor: Actor, asked: AskedVerb, on: date) -> RoleAsked:
    """What approving it would do today. Raises Refused `member_not_here`, `role_held`, `role_not_held`, `last_manager`."""
    told = asked.arguments
    whose = [told[name] for name in ("member", "giver", "taker") if told.get(name)]
    people = members_by_id(actor, whose)
    if any(pk not in people or people[pk].left_on for pk in whose):
        raise Refused("member_not_here")
    first = people[whose[0]]
    lines = role_lines(actor, first.pk)
    manager = roles_with(Can.GIVE_ROLES)[0]
    role = manager if asked.verb == HAND_OVER else told["role"]
    held = any((line.role, line.place) == (role, _key(told.get("contract"), told.get("group"))) for line in lines)
    if held == (asked.verb == GIVE):
        raise Refused("role_held" if held else "role_not_held", params={"name": first.name})
    others = managing_now(actor, told.get("contract")) if role == manager else []
    if asked.verb == TAKE and role == manager:
        _refuse_last(actor, first.pk, told.get("contract"))
    if asked.verb == HAND_OVER and not people[told["taker"]].active:
        _refuse_last(actor, first.pk, told.get("contract"))
    return RoleAsked(lines, first.name, [each.name for each in others if each.pk != first.pk], quote_of_roles(actor, whose))


def _refuse_last(actor: Actor, member: int, contract: int | None) -> None:
    if lost := managed_by_nobody_without(actor, member, contract):
        raise Refused("last_manager", params={"contracts": ", ".join(lost[:5])})


def _key(contract: int | None, group: int | None) -> str:
    if contract:
        return f"contract:{contract}"
    return f"group:{group}" if group else "all"


for verb in (GIVE, TAKE, HAND_OVER):
    tells(verb, AskedKind(role_title, role_preview, orders=False, told_by="home/_asked_role.html"))
