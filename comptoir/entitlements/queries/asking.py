"""Who can give somebody access, and whether they have asked already (F1.7)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from comptoir.kernel.actor import Actor
from comptoir.kernel.models import AskedVerb
from comptoir.kernel.recording import label
from comptoir.organisations.models import GroupMember, RoleGrant
from comptoir.organisations.queries import Contact, roles_with
from comptoir.permissions import Can
from comptoir.subscriptions.models import Subscription

ASSIGN = "entitlements.assign"
EVERYWHERE = Q()


@dataclass(frozen=True, slots=True)
class Access:
    """Who can give access to something: people here, else the reseller, else the vendor's desk. `asked`: one's open request."""

    givers: Sequence[Contact]
    reseller: str
    may_ask: bool
    asked: int | None


def access_of(actor: Actor, subscription: Subscription, on: date) -> Access:
    """Who can give the actor a seat of it. Two queries."""
    asked = AskedVerb.objects.filter(
        organisation_id=actor.customer_id,
        asked_by_id=actor.member_id,
        verb=ASSIGN,
        target=label(subscription),
        state=AskedVerb.State.OPEN,
    ).values_list("pk", flat=True)
    reseller = subscription.contract.reseller
    return Access(
        givers=givers_of(actor, subscription.contract_id),
        reseller=reseller.name if reseller else "",
        may_ask=actor.may_ask(Can.ASSIGN_SEATS, subscription.contract_id) and actor.may(Can.ASK, anywhere=True),
        asked=asked.first(),
    )


def givers_of(actor: Actor, contract_id: int | None) -> list[Contact]:
    """Those who can give the actor seats under that contract: managers and coordinators of it or of the whole customer, and
    who looks after a group that the actor is in. By name, without the actor. One query.
    """
    return among_givers(givers(actor, Q(contract_id=None) | Q(contract_id=contract_id)), [contract_id])


def givers(actor: Actor, where: Q = EVERYWHERE) -> list[tuple[int | None, Contact]]:
    """Those who can give the actor seats, by name: each with a contract, or None for any. One query."""
    rows = RoleGrant.objects.filter(where, organisation_id=actor.customer_id, role__in=roles_with(Can.ASSIGN_SEATS))
    own = GroupMember.objects.filter(organisation_id=actor.customer_id, membership_id=actor.member_id, left_on=None)
    rows = rows.filter(Q(group=None) | Q(group_id__in=own.values("group_id")), membership__active=True, membership__left_on=None)
    fields = ("contract_id", "membership_id", "membership__name", "membership__email")
    found = rows.exclude(membership_id=actor.member_id).order_by("membership__sort_name", "membership_id")
    return [(contract_id, Contact(*row)) for contract_id, *row in found.values_list(*fields)]


def among_givers(found: Iterable[tuple[int | None, Contact]], contracts: Collection[int | None]) -> list[Contact]:
    """Those of them who can give seats under one of these contracts, each once."""
    return list(dict.fromkeys(who for contract_id, who in found if contract_id is None or contract_id in contracts))
