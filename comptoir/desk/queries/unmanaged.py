"""Customers where nobody manages a contract: read over all customers, as far as an administrator sees them (rules 7)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from comptoir.contracts.models import Contract
from comptoir.kernel.actor import Actor
from comptoir.kernel.paging import Key, Page, Place, page_of
from comptoir.organisations.models import Organisation, RoleGrant
from comptoir.organisations.ports import Ports
from comptoir.organisations.queries import administrators, managing_now, member_at, role_words, roles_with
from comptoir.permissions import Can

MOST_COUNTED = 100  # on the desk's first page
MOST_NAMED = 5  # contracts of one customer


def unmanaged() -> QuerySet[Organisation]:
    """The customers with a contract that nobody manages, and those without any contract and any manager."""
    managers = RoleGrant.objects.filter(role__in=roles_with(Can.GIVE_ROLES), group=None)
    whole = managers.filter(organisation_id=OuterRef("pk"), contract_id=None)
    some = Contract.objects.filter(organisation_id=OuterRef("pk"))
    return Organisation.objects.filter(~Exists(whole)).filter(Exists(_bare(some)) | ~Exists(some))


def _bare(contracts: QuerySet[Contract]) -> QuerySet[Contract]:
    own = RoleGrant.objects.filter(organisation_id=OuterRef("organisation_id"), contract_id=OuterRef("pk"))
    return contracts.filter(~Exists(own.filter(role__in=roles_with(Can.GIVE_ROLES))))


def how_many_unmanaged() -> int:
    """How many customers want a manager; `MOST_COUNTED` where there are more."""
    return unmanaged()[:MOST_COUNTED].count()


def page_of_unmanaged(place: Place) -> Page[Mapping[str, Any]]:
    """One page of them by name, each with the contracts that nobody manages. Two queries."""
    fields = ("id", "number", "name", "country", "city")
    found = page_of(unmanaged().values(*fields), [Key("name", str), Key("id", int)], place)
    contracts: dict[int, list[str]] = defaultdict(list)
    bare = _bare(Contract.objects.filter(organisation_id__in=[row["id"] for row in found.rows]))
    for customer, number in bare.order_by("number").values_list("organisation_id", "number"):
        contracts[customer].append(number)
    rows = [
        {**row, "contracts": contracts[row["id"]][:MOST_NAMED], "more": max(0, len(contracts[row["id"]]) - MOST_NAMED)}
        for row in found.rows
    ]
    return Page(rows, next=found.next, previous=found.previous)


@dataclass(frozen=True, slots=True)
class Appointing:
    """What appointing somebody would do: who it is, whether they are new, who manages already, who else hears of it."""

    name: str
    email: str
    known: bool
    roles: Sequence[str]
    contract: str
    managers: Sequence[str]
    told: Sequence[str]


def appointing(actor: Actor, *, email: str, name: str, contract: str) -> Appointing:
    """Before the click, inside the customer's wall."""
    member = member_at(actor, email.strip().lower())
    words = role_words()
    held = [] if member is None else member.roles.filter(group=None).values_list("role", flat=True).distinct()
    pk = _contract(actor, contract)
    told = [each for each in administrators(actor, pk) if member is None or each.pk != member.pk]
    return Appointing(
        name=member.name if member else name or email,
        email=member.email if member else email.strip().lower(),
        known=member is not None,
        roles=[words[role] for role in sorted(held)],
        contract=contract,
        managers=[each.name for each in managing_now(actor, pk) if member is None or each.pk != member.pk],
        told=[each.name for each in told],
    )


def _contract(actor: Actor, number: str) -> int | None:
    return next((pk for pk, each in Ports.contracts.all_numbers(actor).items() if number and each == number), None)


def bare_contracts(actor: Actor) -> list[str]:
    """The numbers of the customer's contracts that nobody can manage today, inside its wall."""
    return [number for pk, number in Ports.contracts.all_numbers(actor).items() if not managing_now(actor, pk)]
