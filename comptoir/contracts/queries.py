"""Reads of contracts. The actor comes first and is the first filter."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.kernel.actor import Actor
from comptoir.kernel.paging import Key, Page, Place, page_of
from comptoir.kernel.prepared import Prepared
from comptoir.kernel.searching import Typed, any_of, beginning, first_of
from comptoir.kernel.verifying import check
from comptoir.permissions import Can, Permission
from comptoir.ui.ports import Hit, SearchPart

from .models import Contract

M = TypeVar("M", bound=Model)


def within(actor: Actor, can: Permission, rows: QuerySet[M, Any], field: str = "contract_id") -> QuerySet[M, Any]:
    """The rows of the actor's customer under the contracts on which the actor holds `can`."""
    rows = rows.filter(organisation_id=actor.customer_id)
    contracts = actor.contracts(can)
    return rows if contracts is None else rows.filter(**{f"{field}__in": contracts})


def contracts(actor: Actor) -> QuerySet[Contract]:
    """The contracts that the actor may see."""
    return within(actor, Can.SEE_CONTRACTS, Contract.objects.all(), "id")


def contract(actor: Actor, number: str) -> Contract:
    """One contract with its reseller. Raises Contract.DoesNotExist."""
    return contracts(actor).select_related("reseller").get(number=number)


def page_of_contracts(actor: Actor, *, words: str, place: Place) -> Page[Any]:
    """One page of the contracts whose number holds `words`, by number, as plain rows."""
    rows = contracts(actor)
    if words:
        rows = rows.filter(number__icontains=words)
    fields = ("id", "number", "plan", "channel", "support_level", "started_on", "reseller__name")
    return page_of(rows.values(*fields), [Key("number", str)], place)


def numbers(actor: Actor, ids: Collection[int]) -> dict[int, str]:
    """The numbers of these contracts, as far as they are the customer's."""
    return dict(_NUMBERS.all(customer=actor.customer_id, ids=ids)) if ids else {}


_NUMBERS: Prepared[Any] = Prepared(
    lambda customer, ids: Contract.objects.filter(organisation_id=customer, pk__in=ids).values_list("id", "number"),
    customer=int,
    ids=list,
)


def search_contracts(actors: Sequence[Actor], typed: Typed, limit: int, on: date) -> Sequence[Hit]:
    """The contracts whose number begins so. One query, two over several customers."""
    rows = any_of(contracts(actor) for actor in actors).values("pk", "organisation_id", "number", "plan", "channel")
    ways = [beginning(rows, "number", start) for start in typed.numbers]
    plans, channels = plan_words(), channel_words()
    return [
        Hit(
            row["organisation_id"],
            row["number"],
            f"{plans[row['plan']]} · {channels[row['channel']]}",
            "contract",
            {"number": row["number"]},
        )
        for row in first_of(rows, ways, "number", limit, [actor.customer_id for actor in actors])
    ]


CONTRACTS = SearchPart(
    "contracts", "file-text", gettext_lazy("Contracts"), gettext_lazy("contracts by number"), Can.SEE_CONTRACTS, search_contracts
)


class Contracts:
    """Fills `organisations.Contracts`."""

    def all_numbers(self, actor: Actor) -> dict[int, str]:
        """The number of each contract of the actor's customer."""
        return dict(Contract.objects.filter(organisation_id=actor.customer_id).order_by("number").values_list("id", "number"))


def plan_words() -> dict[str, str]:
    """Each plan as people say it."""
    return {"subscription": _("Subscription plan"), "maintenance": _("Maintenance plan")}


def channel_words() -> dict[str, str]:
    """Each channel as people say it."""
    return {"direct": _("Bought from us"), "reseller": _("Bought from a reseller"), "store": _("Bought in a third-party store")}


def support_words() -> dict[str, str]:
    """Each support level as people say it."""
    return {"basic": _("Basic support"), "advanced": _("Advanced support"), "priority": _("Priority support")}


# what `comptoir verify` recomputes

NAMING = ("organisations_rolegrant", "billing_invoice", "kernel_event", "kernel_askedverb")

check(
    "contract_within_customer",
    "A row that names a contract belongs to the contract's customer.",
    " UNION ALL ".join(
        f"SELECT '{table} ' || t.id FROM {table} t WHERE t.contract_id IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM contracts_contract c WHERE c.id = t.contract_id AND c.organisation_id = t.organisation_id)"
        for table in NAMING
    ),
)
