"""Buy seats of products, under a contract that is there or under a new one (P13, P8; rules 2, 7)."""

from collections.abc import Sequence
from datetime import date

from django.conf import settings

from comptoir.billing.models import PaymentMethod
from comptoir.catalogue.queries import TermsOfSale
from comptoir.contracts.actions import open_contract
from comptoir.contracts.models import Contract
from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import HouseRule, Refused
from comptoir.organisations.actions import accept_terms
from comptoir.organisations.models import Organisation
from comptoir.organisations.queries import refuse_over_limit
from comptoir.permissions import Can

from ..models import Order, OrderLine, Period, Sale, SeatEntry, Subscription
from ..queries.basket import PurchasePreview, preview_purchase
from ..queries.buying import method_of, refuse_contract
from ..rules import Verb, moved
from ..rules.basket import Wish
from .effects import EFFECTS, MAKES, Effect, Settling
from .orders import Item, Placing, order


@action(Can.BUY)
def buy(
    actor: Actor,
    under: Organisation | Contract,
    *,
    wishes: Sequence[Sequence[str | int]],
    code: str = "",
    po_number: str = "",
    terms_version: str = "",
    paid_with: int | None = None,
    on: date,
    quote: str | None = None,
) -> Order:
    """Order seats of products from the business day `on`: under a contract, or (a customer) under a new one.

    A wish is a product's code, a term and a number of seats. `paid_with` is a method of the customer's, None: on invoice.
    Raises Refused `quote_moved`, `terms_not_accepted`, `over_spending_limit`, `country_not_served`, and what the preview refuses.
    """
    organisation = organisation_of(under)
    refuse_purchase(organisation, under)
    wanted = [Wish(str(product), Term(str(term)), int(seats)) for product, term, seats in wishes]
    preview = preview_purchase(organisation, wanted, on, code=code)
    if quote is not None and (what := moved(quote, preview.quote)):
        raise Refused("quote_moved", params={"moved": [str(item) for item in what]})
    method = method_of(organisation, paid_with, on)
    return order_purchase(actor, under, preview, method=method, po_number=po_number, terms_version=terms_version)


@step
def organisation_of(under: Organisation | Contract) -> Organisation:
    """The customer that buys."""
    return under.organisation if isinstance(under, Contract) else under


@step
def refuse_purchase(organisation: Organisation, under: Organisation | Contract) -> None:
    """Raises Refused where nothing can be bought for this customer, or under this contract (rules 8)."""
    if organisation.country in settings.COUNTRIES_NOT_SERVED:
        raise Refused("country_not_served", params={"country": organisation.country})
    if isinstance(under, Contract):
        refuse_contract(under)


@step
def order_purchase(
    actor: Actor,
    under: Organisation | Contract,
    preview: PurchasePreview,
    *,
    method: PaymentMethod | None,
    po_number: str,
    terms_version: str,
) -> Order:
    """Order what was previewed: the terms are accepted with it, and the sum is within what the actor may spend."""
    contract_id = under.pk if isinstance(under, Contract) else None
    current = TermsOfSale().current(preview.on)
    if terms_version != current:
        raise Refused("terms_not_accepted", params={"version": current}, field="accept", status=422)
    refuse_over_limit(actor, Can.BUY, contract_id, preview.totals.net)
    accept_terms(actor, current, preview.on)
    items = [
        Item(line.plan.line, product_id=line.product.pk, contract_id=contract_id, anchor_day=line.plan.anchor_day)
        for line in preview.lines
    ]
    placing = Placing(
        organisation=organisation_of(under),
        verb=Verb.BUY,
        items=items,
        treatment=preview.treatment,
        quote=preview.quote,
        on=preview.on,
        paid_with=method,
        contract_id=contract_id,
        seats=preview.seats,
        po_number=po_number,
        terms_version=current,
    )
    return order(actor, placing)


def _bought(placed: Order, lines: Sequence[OrderLine], on: date) -> list[Effect]:
    """The subscriptions of an order, one for each line; those that name no contract stand under one new one."""
    named = {line.contract_id for line in lines if line.contract_id is not None}
    # the lock of a contract keeps two orders from giving one number
    locked = Contract.objects.select_for_update(no_key=True).filter(organisation_id=placed.organisation_id, pk__in=named)
    contracts: dict[int | None, Contract] = {contract.pk: contract for contract in locked.order_by("pk")}
    if any(line.contract_id is None for line in lines):
        contracts[None] = open_contract(placed.organisation, on=placed.ordered_on)
    return [_subscribed(placed, line, contracts[line.contract_id]) for line in lines]


def _subscribed(placed: Order, line: OrderLine, contract: Contract) -> Effect:
    if line.product is None:
        raise HouseRule(f"line {line.position} of order {placed.number} names no product")
    subscription = Subscription.objects.create(
        organisation=placed.organisation,
        contract=contract,
        product=line.product,
        number=_next_number(contract),
        term=line.term,
        anchor_day=line.anchor_day or line.start.day,
        automatic_renewal=True,
        payment_method=placed.payment_method,
        paid_with=placed.paid_with,
        seats_now=line.quantity,
        seats_at_renewal=line.quantity,
        starts_on=line.start,
        renews_on=line.end,
        lapses_on=line.end,
    )
    _first_entry(placed, line, subscription)
    return Effect(subscription, Sale.Kind.PURCHASE, [line], line.quantity, 0, _first_period(placed, line, subscription))


def _first_period(placed: Order, line: OrderLine, subscription: Subscription) -> Period:
    return Period.objects.create(
        organisation=placed.organisation,
        subscription=subscription,
        start=line.start,
        end=line.end,
        days=line.denominator,
        term=line.term,
        kind=Period.Kind.PURCHASE,
        price_minor=line.unit_minor,
        currency=line.currency,
        price_kind=line.price_kind,
    )


def _first_entry(placed: Order, line: OrderLine, subscription: Subscription) -> None:
    SeatEntry.objects.create(
        organisation=placed.organisation,
        subscription=subscription,
        seq=1,
        on=line.start,
        kind=SeatEntry.Kind.PURCHASE,
        change_now=line.quantity,
        change_at_renewal=line.quantity,
        seats_now=line.quantity,
        seats_at_renewal=line.quantity,
        order=placed,
    )


def _next_number(contract: Contract) -> str:
    """The contract's number and a count: numbers of the old centre hold no dash."""
    own = Subscription.objects.filter(organisation_id=contract.organisation_id, contract=contract)
    return f"{contract.number}-{own.filter(number__startswith=f'{contract.number}-').count() + 1}"


def _no_effect(placed: Order, subscription: Subscription, lines: Sequence[OrderLine], on: date) -> Effect:
    raise HouseRule(f"order {placed.number} buys, and so names no subscription")


MAKES[Verb.BUY] = _bought
EFFECTS[Verb.BUY] = Settling.one_by_one(_no_effect, Events.SUBSCRIPTION_BOUGHT)
