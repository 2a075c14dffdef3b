"""What a customer needs to know before it buys: under which contracts, paid how, approved by whom."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from comptoir.billing.models import PaymentMethod
from comptoir.billing.queries.payments import chargeable
from comptoir.contracts.models import Contract
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.organisations.models import Organisation
from comptoir.organisations.queries import own_organisation
from comptoir.permissions import DIRECT, Can, Permission

from ..rules import SoldBy


@dataclass(frozen=True, slots=True)
class Counter:
    """Where the actor may buy: the contracts, and whether under a new one too. `asks`: may only ask for it."""

    organisation: Organisation
    contracts: Sequence[Contract]
    new: bool
    asks: bool

    @property
    def first(self) -> str:
        """What is meant where nothing is said: a new contract, or the first that there is."""
        return "" if self.new or not self.contracts else self.contracts[0].number

    def under(self, number: str) -> Organisation | Contract:
        """The contract with that number, or the customer for a new one. Raises Contract.DoesNotExist."""
        if not number and (self.new or self.asks):
            return self.organisation
        for contract in self.contracts:
            if contract.number == number:
                return contract
        raise Contract.DoesNotExist(number)


def counter_of(actor: Actor, can: Permission = Can.BUY) -> Counter:
    """Where the actor may buy, or do `can` instead, or ask to. Two queries."""
    organisation = own_organisation(actor)
    new = actor.may(can, None)
    asks = not actor.may(can, anywhere=True)
    sees = actor.contracts(Can.SEE_CONTRACTS)
    rows = Contract.objects.filter(organisation=organisation, channel=Contract.Channel.DIRECT, plan=Contract.Plan.SUBSCRIPTION)
    if not new:
        rows = rows.filter(pk__in=_own(actor, can, sees, asks=asks))
    return Counter(organisation, list(rows.select_related("organisation").order_by("number")), new, asks)


def _own(actor: Actor, can: Permission, sees: frozenset[int] | None, *, asks: bool) -> list[int]:
    if asks:
        return sorted(sees or ())
    return sorted(
        grant.contract_id for grant in actor.grants if grant.contract_id is not None and can.reach_of[grant.role] in DIRECT
    )


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
