"""Renewing by hand: one subscription, or many that are paid in one way."""

from datetime import date
from typing import Annotated, Literal

from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from comptoir.billing.rules.tax import percent_text
from comptoir.kernel.api import PROBLEMS, Text, operation
from comptoir.kernel.calendar import Term
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest
from comptoir.kernel.ports import not_allowed
from comptoir.permissions import Can

from ..actions.renewing import renew
from ..queries.availability import refuse_unless_available
from ..queries.orders import order_of
from ..queries.renewing import Renewable, RenewalOrder, preview_renewals, renewables, renewables_of
from ..queries.seats import subscription_of
from ..rules import RenewByHand, Verb
from .orders import Amount, Line, OrderOut, line_out, order_out
from .seats import day_of, refuse_without_prices

router = Router(tags=["Renewal"])
Day = date
Quote = Annotated[Text, Field(max_length=80)]
Numbers = Annotated[list[Annotated[Text, Field(max_length=100)]], Field(min_length=1, max_length=1000)]


class RenewBody(Schema):
    """Renew one subscription; no term, no seats: as planned."""

    model_config = ConfigDict(extra="forbid")
    term: Literal["month", "year", "3years"] | None = None
    seats: Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)] | None = None
    quote: Quote | None = None
    on: Day | None = None


class RenewManyBody(Schema):
    """Renew these subscriptions, by number, as planned. To order, all must be paid in one way: one call for each order."""

    model_config = ConfigDict(extra="forbid")
    subscriptions: Numbers
    quote: Quote | None = None
    on: Day | None = None


class RenewalLine(Line):
    """What the next period of a subscription costs."""

    subscription: str
    contract: str


class Follows(Schema):
    """What follows for a subscription: the period that is paid, its seats, its term."""

    subscription: str
    starts_on: Day
    renews_on: Day
    seats: int
    term: str
    late: bool
    credits_open_invoice: bool


class OrderPreview(Schema):
    """One order: what is paid in one way, one invoice for each contract. Nothing has changed."""

    on: Day
    currency: str
    subscriptions: list[str]
    lines: list[RenewalLine]
    net: Amount
    tax: Amount
    tax_rate_percent: Amount
    tax_treatment: str
    total: Amount
    payment_method: str
    follows: list[Follows]
    quote: str


class OrderPreviews(Schema):
    """The orders that renewing these takes: one for each way in which they are paid."""

    orders: list[OrderPreview]


@router.post(
    "/customers/{customer}/subscriptions/{number}/renewal/preview",
    response={200: OrderPreview, **PROBLEMS},
    operation_id="preview_renewal",
)
@operation(Can.RENEW)
def preview(request: GateRequest, customer: str, number: str, body: RenewBody) -> OrderPreview:
    """The lines, the tax and what follows if it is renewed now. Changes nothing."""
    refuse_without_prices(request.actor)
    on = day_of(request, body.on)
    subscription = subscription_of(request.actor, number)
    refuse_unless_available(request.actor, subscription, Verb.RENEW, on)
    command = RenewByHand(Term(body.term) if body.term else None, body.seats)
    return _preview(preview_renewals(renewables_of(request.actor, [subscription], on, command), on)[0])


@router.post("/customers/{customer}/subscriptions/{number}/renewal", response={201: OrderOut, **PROBLEMS}, operation_id="renew")
@operation(Can.RENEW)
def renew_one(request: GateRequest, customer: str, number: str, body: RenewBody) -> Status[OrderOut]:
    """Renew it now. Send an `Idempotency-Key`."""
    refuse_without_prices(request.actor)
    on = day_of(request, body.on)
    subscription = subscription_of(request.actor, number)
    order = renew(request.actor, subscription, term=body.term, seats=body.seats, on=on, quote=body.quote)
    return Status(201, order_out(order_of(request.actor, order.number)))


@router.post("/customers/{customer}/renewals/preview", response={200: OrderPreviews, **PROBLEMS}, operation_id="preview_renewals")
@operation(Can.RENEW)
def preview_many(request: GateRequest, customer: str, body: RenewManyBody) -> OrderPreviews:
    """The orders that renewing exactly these takes. Changes nothing."""
    refuse_without_prices(request.actor)
    on = day_of(request, body.on)
    found = preview_renewals(_found(request, body.subscriptions, on), on)
    return OrderPreviews(orders=[_preview(each) for each in found])


@router.post("/customers/{customer}/renewals", response={201: OrderOut, **PROBLEMS}, operation_id="renew_many")
@operation(Can.RENEW)
def renew_many(request: GateRequest, customer: str, body: RenewManyBody) -> Status[OrderOut]:
    """Renew these, all or none: one order, one invoice for each contract. Send an `Idempotency-Key`."""
    refuse_without_prices(request.actor)
    on = day_of(request, body.on)
    found = sorted(_found(request, body.subscriptions, on), key=lambda each: each.subscription.pk)
    first, *others = [each.subscription for each in found]
    order = renew(request.actor, first, also=sorted(row.number for row in others), on=on, quote=body.quote)
    return Status(201, order_out(order_of(request.actor, order.number)))


def _found(request: GateRequest, numbers: list[str], on: Day) -> list[Renewable]:
    if not request.actor.may(Can.RENEW, anywhere=True):
        raise not_allowed(request.actor, Can.RENEW)
    found = renewables(request.actor, on, numbers)
    missing = sorted(set(numbers) - {each.subscription.number for each in found})
    if missing:
        raise Refused("subscription_unknown", params={"number": missing[0]}, field="subscriptions", status=422)
    return found


def _preview(found: RenewalOrder) -> OrderPreview:
    basis_points = found.treatment.rate_basis_points
    planned = [(each.subscription, each.plan) for each in found.renewed if each.plan is not None]
    return OrderPreview(
        on=found.on,
        currency=found.totals.net.currency,
        subscriptions=[row.number for row, _plan in planned],
        lines=[
            RenewalLine(**line_out(line).dict(), subscription=row.number, contract=row.contract.number)
            for row, plan in planned
            for line in plan.lines
        ],
        net=str(found.totals.net),
        tax=str(found.totals.tax),
        tax_rate_percent=percent_text(basis_points),
        tax_treatment=found.treatment.code,
        total=str(found.totals.total),
        payment_method="invoice" if found.paid_with is None else found.paid_with.kind,
        follows=[
            Follows(
                subscription=row.number,
                starts_on=plan.period.start,
                renews_on=plan.period.end,
                seats=plan.seats_after,
                term=plan.term_after,
                late=plan.late,
                credits_open_invoice=plan.credits_open_invoice,
            )
            for row, plan in planned
        ],
        quote=found.quote,
    )
