"""What a subscription was on any past day."""

from datetime import date

from django.core.exceptions import ObjectDoesNotExist
from ninja import Router, Schema

from comptoir.kernel.api import PROBLEMS, operation
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest
from comptoir.permissions import Can

from ..queries.any_day import told_on
from ..queries.detail import subscription_for_reading
from .orders import Amount

router = Router(tags=["Subscriptions"])


class PaidOut(Schema):
    """What an invoice or (less than nothing) credit note charged by that day, and whether it was paid by then."""

    number: str
    issued_on: date
    ordered_by: str | None
    net: Amount
    paid: bool


class DayOut(Schema):
    """A subscription on one day, as it stood then. `price` per seat and term: null where not known or not to be seen."""

    on: date
    seats: int
    seats_working: int
    seats_at_renewal: int
    state: str
    paid: bool
    term: str
    currency: str
    price: Amount | None
    invoices: list[PaidOut]


@router.get(
    "/customers/{customer}/subscriptions/{number}/on/{day}",
    response={200: DayOut, **PROBLEMS},
    operation_id="subscription_on",
)
@operation(Can.SEE_CONTRACTS)
def subscription_on(request: GateRequest, customer: str, number: str, day: date) -> DayOut:
    """Seats, price, state and what had been paid on any past day; 404 before the subscription began."""
    row = subscription_for_reading(request.actor, number)
    if day > request.today:
        raise Refused("day_not_come", params={"today": request.today}, field="day", status=422)
    told = told_on(request.actor, row, day)
    if told is None:
        raise ObjectDoesNotExist(number)
    return DayOut(
        on=day,
        seats=told.day.seats,
        seats_working=told.day.seats_working,
        seats_at_renewal=told.day.seats_at_renewal,
        state=told.day.state,
        paid=told.day.paid,
        term=told.day.term,
        currency=row.organisation.currency,
        price=None if told.price is None else str(told.price),
        invoices=[
            PaidOut(number=each.number, issued_on=each.issued_on, ordered_by=each.by or None, net=str(each.net), paid=each.paid)
            for each in told.payments
        ],
    )
