"""What a customer needs to know before it buys: under which contracts, paid how, approved by whom."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from comptoir.billing.models import PaymentMethod
from comptoir.billing.queries.payments import chargeable
from comptoir.contracts.models import Contract
from comptoir.kernel.action import result_of_key
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.models import AskedVerb
from comptoir.organisations.models import Organisation
from comptoir.organisations.queries import own_organisation, who_may_where
from comptoir.permissions import DIRECT, Can, Permission

from ..models import Order
from ..rules import SoldBy


@dataclass(frozen=True, slots=True)
class Counter:
    """Where the actor may buy: the contracts, and whether under a new one too. `asks`: may only ask for it.

    `unseen` is the contract that an asker's request is about where they see none and nobody may open a new one.
    """

    organisation: Organisation
    contracts: Sequence[Contract]
    new: bool
    asks: bool
    unseen: Contract | None = None

    @property
    def first(self) -> str:
        """What is meant where nothing is said: a new contract, or the first that there is."""
        return "" if self.new or not self.contracts else self.contracts[0].number

    def under(self, number: str) -> Organisation | Contract:
        """The contract with that number, or the customer for a new one. Raises Contract.DoesNotExist."""
        if not number and self.new:
            return self.organisation
        if not number and self.unseen is not None:
            return self.unseen
        for contract in self.contracts:
            if contract.number == number:
                return contract
        raise Contract.DoesNotExist(number)


def counter_of(actor: Actor, can: Permission = Can.BUY) -> Counter:
    """Where the actor may buy, or do `can` instead, or ask to. Three queries at most."""
    organisation = own_organisation(actor)
    rows = Contract.objects.filter(organisation=organisation, channel=Contract.Channel.DIRECT, plan=Contract.Plan.SUBSCRIPTION)
    rows = rows.select_related("organisation").order_by("number")
    if not actor.may(can, anywhere=True):
        return _asking(actor, can, organisation, list(rows))
    new = actor.may(can, None)
    return Counter(organisation, list(rows if new else rows.filter(pk__in=_own(actor, can))), new, asks=False)


def _own(actor: Actor, can: Permission) -> list[int]:
    held = (grant for grant in actor.grants if can.reach_of[grant.role] in DIRECT)
    return sorted(grant.contract_id for grant in held if grant.contract_id is not None)


def _asking(actor: Actor, can: Permission, organisation: Organisation, rows: Sequence[Contract]) -> Counter:
    """What one may ask for: only what somebody may approve."""
    approved = who_may_where(actor, can)
    new, sees = None in approved, actor.contracts(Can.SEE_CONTRACTS)
    able = [row for row in rows if new or row.pk in approved]
    seen = [row for row in able if sees is None or row.pk in sees]
    return Counter(organisation, seen, new, asks=True, unseen=able[0] if able and not seen and not new else None)


def refuse_contract(contract: Contract) -> None:
    """Raises Refused where new subscriptions can't stand under it: not sold by the vendor, or a maintenance plan (rules 8)."""
    if contract.channel == Contract.Channel.STORE:
        raise Refused("third_party_store", params=asdict(SoldBy()))
    if contract.channel == Contract.Channel.RESELLER:
        reseller = contract.reseller
        sold_by = SoldBy(name=reseller.name, email=reseller.email, phone=reseller.phone) if reseller else SoldBy()
        raise Refused("reseller_purchase", params=asdict(sold_by))
    if contract.plan == Contract.Plan.MAINTENANCE:
        raise Refused("maintenance_plan")


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a basket that was sent: the number of its order, or None where it was asked for."""

    order: str | None


def sent_with(actor: Actor, key: str) -> Sent | None:
    """What was ordered or asked for with this request key; None where nothing was."""
    match result_of_key(actor, key) if key else None:
        case Order() as order:
            return Sent(order.number)
        case AskedVerb():
            return Sent(None)
    return None


def method_of(organisation: Organisation, pk: int | None, on: date) -> PaymentMethod | None:
    """The method to charge, None for on invoice. Raises Refused `method_not_chargeable`."""
    if pk is None:
        return None
    found = chargeable(organisation.pk, on).get(pk)
    if found is None:
        raise Refused("method_not_chargeable", field="pay", status=422)
    return found


def ways_of(organisation: Organisation, on: date) -> list[PaymentMethod]:
    """The cards and mandates that can be charged on that day."""
    return list(chargeable(organisation.pk, on).values())
