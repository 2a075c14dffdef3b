"""What members hold, as the pages of people ask it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet

from comptoir.contracts.queries import numbers, within
from comptoir.kernel.actor import Actor
from comptoir.kernel.prepared import Prepared
from comptoir.organisations.ports import Held, Lent
from comptoir.permissions import Can

from ..models import Assignment
from .rank import living, standing
from .use_pages import rights_of_member


def _given(rows: QuerySet[Assignment]) -> QuerySet[Assignment, tuple[int, int]]:
    return rows.filter(waiting=False).values_list("subscription_id", "membership_id")


_GIVEN: Prepared[Any] = Prepared(
    lambda customer, memberships: _given(living().filter(organisation_id=customer, membership_id__in=memberships)),
    customer=int,
    memberships=list,
)


class Holdings:
    """Fills `organisations.Holdings`."""

    def contract_numbers(self, actor: Actor, contracts: Collection[int]) -> Mapping[int, str]:
        """The numbers of these contracts."""
        return numbers(actor, contracts)

    def seats(self, actor: Actor, memberships: Collection[int], on: date) -> Mapping[int, int]:
        """How many seats each of these members has now; who has none is missing. Two queries, as a rule."""
        if actor.contracts(Can.SEE_PRODUCTS) is None:
            given = _GIVEN.all(customer=actor.customer_id, memberships=memberships)
        else:
            rows = within(actor, Can.SEE_PRODUCTS, living(), "subscription__contract_id")
            given = list(_given(rows.filter(membership_id__in=memberships)))
        beyond = {(pk, one.key) for pk, who in standing(actor, {pk for pk, _ in given}, on).items() for one in who}
        return Counter(member for pk, member in given if (pk, member) not in beyond)

    def held_by(self, actor: Actor, membership_id: int, on: date) -> Sequence[Held]:
        """Every seat of one member that the actor may see, one's own among them; those of today first, then those of the past."""
        # a place in a line that has ended is no seat of the past
        rows = Assignment.objects.filter(membership_id=membership_id).exclude(waiting=True, ended_on__isnull=False)
        own = membership_id == actor.membership_id
        return _held(actor, rows if own else within(actor, Can.SEE_PRODUCTS, rows, "subscription__contract_id"), on)

    def lent_to(self, actor: Actor, membership_id: int, on: date) -> Sequence[Lent]:
        """The licences of one member beside their seats, as far as the actor gives such, the newest first."""
        rows = rights_of_member(actor, membership_id, on)
        return [
            Lent(each.product, each.subscription, each.what, each.number, each.last_day, each.word, each.status) for each in rows
        ]


def _held(actor: Actor, rows: QuerySet[Assignment], on: date) -> list[Held]:
    names = ("subscription__product__name", "subscription__number", "subscription__contract__number")
    found = list(
        rows.order_by("subscription__product__name", "given_on", "id").values_list(
            "subscription_id", "membership_id", *names, "given_on", "ended_on", "waiting"
        )
    )
    living_in = {row[0] for row in found if row[-2] is None and not row[-1]}
    beyond = {(pk, one.key) for pk, who in standing(actor, living_in, on).items() for one in who}
    told = [
        Held(product, number, contract, given, ended, waiting or (ended is None and (pk, member) in beyond))
        for pk, member, product, number, contract, given, ended, waiting in found
    ]
    return sorted(told, key=lambda held: held.ended_on is not None)
