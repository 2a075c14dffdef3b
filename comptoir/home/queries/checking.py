"""The check of roles and permissions that administrators are walked through, in words, each item with its page (F1.6)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comptoir.kernel.actor import Actor
from comptoir.kernel.ports import Customer
from comptoir.organisations.queries import Holder, RoleFacts, role_facts, role_words
from comptoir.permissions import Can
from comptoir.ui.templatetags.ui import day, number

from .shell import waiting_for


@dataclass(frozen=True, slots=True)
class Check:
    """One item: what there is, what looks odd, where it is changed, and when one said that it is right."""

    item: str
    title: str
    facts: Sequence[str]
    odd: Sequence[str]
    label: str  # of the link
    url: str
    checked_on: date | None


def checks_for(actor: Actor, customer: Customer) -> list[Check]:
    """The items, in the order in which one looks at them."""
    facts = role_facts(actor)
    return [
        Check(item, title, tuple(told), tuple(odd), label, _to(name, customer, wanted), facts.checked.get(item))
        for item, title, told, odd, label, name, wanted in (
            ("managers", _("Who manages the contracts"), *_managers(facts), "people", {"role": "contract_manager"}),
            ("roles", _("Who has which role"), *_roles(facts), "people", {}),
            ("idle", _("Whom nobody has seen for long"), *_idle(facts), "people", {"state": "active"}),
            ("requests", _("What waits for an answer"), *_requests(actor, facts)),
            ("invitations", _("Invitations that ended"), *_invitations(facts), "people", {"state": "expired"}),
        )
    ]


def _to(name: str, customer: Customer, wanted: dict[str, str]) -> str:
    address = reverse(name, kwargs={"customer": customer.number})
    return f"{address}?{urlencode(wanted)}" if wanted else address


def _managers(facts: RoleFacts) -> tuple[list[str], list[str], str]:
    many = facts.how_many_managers
    told = ngettext(
        "%(n)s person can act as contract manager: %(names)s.", "%(n)s people can act as contract managers: %(names)s.", many
    )
    odd = []
    if many < 2:
        odd.append(_("There is no second manager: whoever is away leaves nobody to renew, pay or give roles."))
    odd += [_("%(name)s manages contracts and has never signed in here.") % {"name": name} for name in _never(facts.managers)]
    if not many:
        return [], [_("Nobody can act as contract manager today."), *odd[1:]], _("See the managers")
    return [told % {"n": number(many), "names": _names(facts.managers, many)}], odd, _("See the managers")


def _never(holders: Sequence[Holder]) -> Iterator[str]:
    return (each.name for each in holders if each.last_seen is None)


def _names(holders: Sequence[Holder], many: int) -> str:
    names = ", ".join(each.name for each in holders) or "–"
    return names if many <= len(holders) else _("%(names)s and %(n)s more") % {"names": names, "n": number(many - len(holders))}


def _roles(facts: RoleFacts) -> tuple[list[str], list[str], str]:
    words = role_words()
    told = [
        _("%(role)s: %(n)s") % {"role": words[role], "n": number(facts.by_role[role])} for role in words if role in facts.by_role
    ]
    odd = [] if facts.by_role.get("software_coordinator") else [_("Nobody coordinates software: only managers give seats.")]
    return told, odd, _("See everybody")


def _idle(facts: RoleFacts) -> tuple[list[str], list[str], str]:
    many = facts.how_many_idle
    if not many:
        return [_("Everybody with a role has signed in within half a year.")], [], _("See everybody")
    told = ngettext(
        "%(n)s person has a role and has not signed in for half a year: %(names)s.",
        "%(n)s people have a role and have not signed in for half a year: %(names)s.",
        many,
    )
    return [], [told % {"n": number(many), "names": ", ".join(map(_seen, facts.idle))}], _("See everybody")


def _seen(holder: Holder) -> str:
    if holder.last_seen is None:
        return _("%(name)s (never)") % {"name": holder.name}
    return f"{holder.name} ({day(holder.last_seen)})"


def _requests(actor: Actor, facts: RoleFacts) -> tuple[list[str], list[str], str, str, dict[str, str]]:
    waiting, odd = waiting_for(actor), []
    if waiting:
        told = ngettext("%(n)s request waits for your answer.", "%(n)s requests wait for your answer.", waiting)
        odd.append(told % {"n": number(waiting)})
    if facts.wishes:
        told = ngettext("%(n)s person asks to join.", "%(n)s people ask to join.", facts.wishes)
        odd.append(told % {"n": number(facts.wishes)})
    page = "requests" if waiting or not facts.wishes else "wishes_to_join"
    return [] if odd else [_("Nothing waits.")], odd, _("See what waits"), page, {}


def _invitations(facts: RoleFacts) -> tuple[list[str], list[str], str]:
    if not facts.ended:
        return [_("Every invitation was answered or is still good.")], [], _("See the invitations")
    told = ngettext("%(n)s invitation ended without an answer.", "%(n)s invitations ended without an answer.", facts.ended)
    return [], [told % {"n": number(facts.ended)}], _("See the invitations")


def checks_roles(actor: Actor) -> bool:
    """Whether the check is the actor's to make: an administrator's."""
    return actor.may(Can.CHECK_ROLES, anywhere=True)
