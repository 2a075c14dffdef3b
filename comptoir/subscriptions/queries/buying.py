"""What a customer needs to know before it buys: under which contracts, paid how, approved by whom."""

from collections import Counter as Counted
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from django.conf import settings
from django.utils.translation import gettext as _

from comptoir.billing.models import PaymentMethod
from comptoir.billing.queries.payments import chargeable, method_among
from comptoir.contracts.models import Contract
from comptoir.kernel.action import result_of_key
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.models import AskedVerb
from comptoir.organisations.models import Organisation
from comptoir.organisations.queries import own_organisation, who_may_where
from comptoir.permissions import DIRECT, Can, Permission

from ..models import Order, Subscription
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


def fitting(counter: Counter, products: Iterable[str]) -> str:
    """The number of the contract that comes first to mind for these: the one that has most of them already, else `first`."""
    ids = [contract.pk for contract in counter.contracts]
    rows = Subscription.objects.filter(organisation=counter.organisation, contract__in=ids, product__code__in=set(products))
    found = Counted(rows.values_list("contract__number", flat=True))
    return min(found, key=lambda number: (-found[number], number), default=counter.first)


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


ON_INVOICE = "invoice"


def ways_to_pay(organisation: Organisation, on: date) -> list[tuple[str, str]]:
    """On invoice, and each card or mandate that can be charged on that day: value and words."""
    due = _("On invoice, by bank transfer within %(days)s days") % {"days": settings.INVOICE_DUE_DAYS}
    return [(ON_INVOICE, due), *((str(pk), way.label) for pk, way in chargeable(organisation.pk, on).items())]


def usual_way(organisation: Organisation, contract_id: int | None, on: date) -> str:
    """How most of what runs under that contract (None: of all the customer has) is paid, as one of the ways to pay.

    On invoice where nothing runs, where what is usual can't be charged that day, and on a tie. Two statements.
    """
    good = chargeable(organisation.pk, on)
    rows = Subscription.objects.filter(organisation=organisation, lapses_on__gt=on)
    rows = rows if contract_id is None else rows.filter(contract_id=contract_id)
    found: Counted[str] = Counted()
    for kind, preferred in rows.values_list("payment_method", "paid_with_id"):
        method = None if kind == ON_INVOICE else method_among(good, kind, preferred)
        found[ON_INVOICE if method is None else str(method.pk)] += 1
    return max(found, key=lambda way: (found[way], way == ON_INVOICE), default=ON_INVOICE)
