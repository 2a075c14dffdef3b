"""The calendar of coming charges and what was spent, as the pages show them."""

from datetime import date

from django.core.exceptions import ObjectDoesNotExist
from ninja import Router, Schema

from comptoir.contracts.queries import contract as contract_of
from comptoir.kernel.api import PROBLEMS, operation
from comptoir.kernel.gate import GateRequest
from comptoir.permissions import Can, Permission

from ..queries.charges import calendar_of, every_charge
from ..queries.spending import spending_of
from .orders import Amount, Line, line_out

router = Router(tags=["Money"])


class ChargeOut(Schema):
    """One coming charge; without `automatic` it is only what renewing by hand would cost. `net` null: no price is known."""

    subscription: str
    contract: str
    on: date
    automatic: bool
    planned: bool
    lines: list[Line]
    net: Amount | None


class ChargesMonth(Schema):
    """One calendar month, by its first day."""

    month: date
    charges: int
    net: Amount
    ends: int
    net_if_renewed_by_hand: Amount


class ChargesOut(Schema):
    """Twelve calendar months of coming charges, without tax, with all that is planned today."""

    currency: str
    next_on: date | None
    next_net: Amount
    net: Amount
    months: list[ChargesMonth]
    charges: list[ChargeOut]


class SpentMonth(Schema):
    """What was invoiced less credited in one calendar month, by its first day."""

    month: date
    net: Amount


class SpentProduct(Schema):
    """What was spent on one product, or on all the others together."""

    product: str
    net: Amount
    months: list[SpentMonth]


class SpendingOut(Schema):
    """Twelve calendar months up to this one, without tax."""

    currency: str
    net: Amount
    net_before: Amount
    months: list[SpentMonth]
    products: list[SpentProduct]


@router.get("/customers/{customer}/charges", response={200: ChargesOut, **PROBLEMS}, operation_id="charges")
@operation(Can.SEE_PRICES)
def charges(request: GateRequest, customer: str) -> ChargesOut:
    """What will be charged in the next twelve months."""
    return _charges(request, None)


@router.get(
    "/customers/{customer}/contracts/{number}/charges",
    response={200: ChargesOut, **PROBLEMS},
    operation_id="contract_charges",
)
@operation(Can.SEE_PRICES)
def contract_charges(request: GateRequest, customer: str, number: str) -> ChargesOut:
    """The same for one contract."""
    return _charges(request, _contract(request, number, Can.SEE_PRICES))


def _contract(request: GateRequest, number: str, can: Permission) -> int:
    found = contract_of(request.actor, number)
    if not request.actor.may(can, found.pk):
        raise ObjectDoesNotExist(number)
    return found.pk


def _charges(request: GateRequest, contract_id: int | None) -> ChargesOut:
    currency = request.customer.currency
    found = calendar_of(request.actor, request.today, currency, contract_id)
    return ChargesOut(
        currency=currency,
        next_on=found.next_on,
        next_net=str(found.next_amount),
        net=str(found.total),
        months=[
            ChargesMonth(
                month=each.first,
                charges=each.charges,
                net=str(each.automatic),
                ends=each.ends,
                net_if_renewed_by_hand=str(each.by_hand),
            )
            for each in found.months
        ],
        charges=[
            ChargeOut(
                subscription=each.number,
                contract=each.contract,
                on=each.on,
                automatic=each.automatic,
                planned=each.planned,
                lines=[line_out(line) for line in each.coming.lines],
                net=None if each.net is None else str(each.net),
            )
            for each in every_charge(request.actor, request.today, currency, contract_id)
        ],
    )


@router.get("/customers/{customer}/spending", response={200: SpendingOut, **PROBLEMS}, operation_id="spending")
@operation(Can.SEE_INVOICES)
def spending(request: GateRequest, customer: str) -> SpendingOut:
    """What was spent in the twelve months up to this one."""
    return _spending(request, None)


@router.get(
    "/customers/{customer}/contracts/{number}/spending",
    response={200: SpendingOut, **PROBLEMS},
    operation_id="contract_spending",
)
@operation(Can.SEE_INVOICES)
def contract_spending(request: GateRequest, customer: str, number: str) -> SpendingOut:
    """The same for one contract."""
    return _spending(request, _contract(request, number, Can.SEE_INVOICES))


def _spending(request: GateRequest, contract_id: int | None) -> SpendingOut:
    currency = request.customer.currency
    found = spending_of(request.actor, request.today, currency, contract_id)
    return SpendingOut(
        currency=currency,
        net=str(found.total),
        net_before=str(found.before),
        months=[SpentMonth(month=month, net=str(net)) for month, net in zip(found.months, found.by_month, strict=True)],
        products=[
            SpentProduct(
                product=each.product,
                net=str(each.total),
                months=[SpentMonth(month=month, net=str(net)) for month, net in zip(found.months, each.by_month, strict=True)],
            )
            for each in found.products
        ],
    )
