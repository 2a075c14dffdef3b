"""Subscriptions, adding seats, orders."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from comptoir.billing.rules.tax import percent_text
from comptoir.kernel.actor import Actor
from comptoir.kernel.api import PROBLEMS, Limit, Text, operation
from comptoir.kernel.cursors import cursor_of, place_of
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest
from comptoir.kernel.house import FURTHEST
from comptoir.kernel.paging import PAGE_SIZE
from comptoir.kernel.ports import not_allowed
from comptoir.permissions import Can

from ..actions.seats import add_seats
from ..queries.availability import offers, refuse_unless_available
from ..queries.orders import order_of
from ..queries.renewal_states import planned_terms
from ..queries.rows import page_of_subscriptions
from ..queries.seats import SeatPreview, preview_added_seats, subscription_of
from ..rules import MOST_SEATS_AT_ONCE, Verb
from .orders import Amount, Line, OrderOut, line_out, order_out

if TYPE_CHECKING:
    from ..models import Subscription

router = Router(tags=["Subscriptions"])


class SubscriptionRow(Schema):
    """One subscription as lists show it."""

    number: str
    contract: str
    product: str
    product_name: str
    term: str
    seats_now: int
    seats_at_renewal: int
    renews_on: date
    automatic_renewal: bool
    payment_method: str
    planned_term: str | None = None  # of the next period, where it is planned to change


class SubscriptionPage(Schema):
    """One page of a list; `next` is the cursor of the page after, or null."""

    items: list[SubscriptionRow]
    next: str | None


class ActionState(Schema):
    """Whether an action is available, and the codes of every reason why not."""

    action: str
    available: bool
    reasons: list[str]


class SubscriptionDetail(SubscriptionRow):
    """One subscription with its actions."""

    version: int
    actions: list[ActionState]


class AddSeatsBody(Schema):
    """What to add. `quote` from a preview makes sure that the price is the one that was seen; `on` is for sandboxes."""

    model_config = ConfigDict(extra="forbid")
    add: Annotated[int, Field(ge=1, le=MOST_SEATS_AT_ONCE, strict=True)]
    quote: Annotated[Text, Field(max_length=80)] | None = None
    on: date | None = None


class Preview(Schema):
    """What adding seats would charge and leave behind. Nothing has changed."""

    add: int
    on: date
    currency: str
    lines: list[Line]
    net: Amount
    tax: Amount
    tax_rate_percent: Amount
    tax_treatment: str
    total: Amount
    seats_now_after: int
    seats_at_renewal_after: int
    renews_on: date
    at_renewal: Amount | None
    payment_method: str
    warnings: list[str]
    quote: str


@router.get("/customers/{customer}/subscriptions", response={200: SubscriptionPage, **PROBLEMS}, operation_id="subscriptions")
@operation(Can.SEE_CONTRACTS)
def subscriptions(
    request: GateRequest,
    customer: str,
    cursor: str | None = None,
    limit: Limit = PAGE_SIZE,
) -> SubscriptionPage:
    """The subscriptions that one may see, by number."""
    place = place_of(cursor, (str,))
    rows = page_of_subscriptions(request.actor, after=place[0] if place else "", size=limit)
    more = cursor_of(rows[limit - 1]["number"]) if len(rows) > limit else None
    # our own values: looking at each of them again takes longer than reading them did
    items = [SubscriptionRow.model_construct(**row) for row in rows[:limit]]
    return SubscriptionPage.model_construct(items=items, next=more)


@router.get(
    "/customers/{customer}/subscriptions/{number}", response={200: SubscriptionDetail, **PROBLEMS}, operation_id="subscription"
)
@operation(Can.SEE_CONTRACTS)
def subscription(request: GateRequest, customer: str, number: str) -> SubscriptionDetail:
    """One subscription, with every action and why it is not available."""
    row = subscription_of(request.actor, number)
    if not request.actor.may(Can.SEE_CONTRACTS, row.contract_id):
        raise ObjectDoesNotExist(number)
    actions = [
        ActionState(action=offer.verb, available=not offer.codes, reasons=list(offer.codes))
        for offer in offers(request.actor, row, request.today)
    ]
    return SubscriptionDetail(**_row(row), version=row.version, actions=actions)


@router.post(
    "/customers/{customer}/subscriptions/{number}/seats/preview",
    response={200: Preview, **PROBLEMS},
    operation_id="preview_added_seats",
)
@operation(Can.ADD_SEATS)
def preview(request: GateRequest, customer: str, number: str, body: AddSeatsBody) -> Preview:
    """The lines, the tax and the next renewal for more seats. Changes nothing."""
    refuse_without_prices(request.actor)
    on = day_of(request, body.on)
    row = subscription_of(request.actor, number)
    refuse_unless_available(request.actor, row, Verb.ADD_SEATS, on)
    return _preview(preview_added_seats(row, body.add, on))


@router.post("/customers/{customer}/subscriptions/{number}/seats", response={201: OrderOut, **PROBLEMS}, operation_id="add_seats")
@operation(Can.ADD_SEATS)
def seats(request: GateRequest, customer: str, number: str, body: AddSeatsBody) -> Status[OrderOut]:
    """Add seats. Send an `Idempotency-Key` so that sending it again does not add again."""
    refuse_without_prices(request.actor)
    row = subscription_of(request.actor, number)
    order = add_seats(request.actor, row, add=body.add, on=day_of(request, body.on), quote=body.quote)
    return Status(201, order_out(order_of(request.actor, order.number)))


def refuse_without_prices(actor: Actor) -> None:
    """Raise Refused `not_allowed` for a token whose scopes hide the prices that the answer would hold."""
    if actor.lacks_scope(Can.SEE_PRICES):
        raise not_allowed(actor, Can.SEE_PRICES)


def day_of(request: GateRequest, on: date | None) -> date:
    """The day that a call is about: today, in a sandbox the one that it names, as near as its clock may move.

    Raises Refused `on_in_sandbox_only` and `on_too_far`: an invoice of a far year would carry all later ones along.
    """
    if on is None:
        return request.today
    if not settings.SANDBOX:
        raise Refused("on_in_sandbox_only", field="on", status=422)
    if abs(on - request.today) > FURTHEST:
        raise Refused("on_too_far", params={"today": request.today, "on": on}, field="on", status=422)
    return on


def _row(row: "Subscription") -> dict[str, Any]:
    return {
        "number": row.number,
        "contract": row.contract.number,
        "product": row.product.code,
        "product_name": row.product.name,
        "term": row.term,
        "seats_now": row.seats_now,
        "seats_at_renewal": row.seats_at_renewal,
        "renews_on": row.renews_on,
        "automatic_renewal": row.automatic_renewal,
        "payment_method": row.payment_method,
        "planned_term": planned_terms([row.pk], row.organisation_id).get(row.pk),
    }


def _preview(found: SeatPreview) -> Preview:
    basis_points = found.treatment.rate_basis_points
    return Preview(
        add=found.add,
        on=found.on,
        currency=found.totals.net.currency,
        lines=[line_out(line) for line in found.plan.lines],
        net=str(found.totals.net),
        tax=str(found.totals.tax),
        tax_rate_percent=percent_text(basis_points),
        tax_treatment=found.treatment.code,
        total=str(found.totals.total),
        seats_now_after=found.plan.seats_now_after,
        seats_at_renewal_after=found.plan.seats_at_renewal_after,
        renews_on=found.renews_on,
        at_renewal=None if found.at_renewal is None else str(found.at_renewal),
        payment_method=found.payment_method,
        warnings=[warning.code for warning in found.plan.warnings],
        quote=found.quote,
    )
