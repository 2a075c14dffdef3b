"""Requests: asking for what only others may do, and answering it."""

from datetime import date
from typing import Annotated, Literal

from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from comptoir.kernel import asking
from comptoir.kernel.api import PROBLEMS, Text, operation
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest
from comptoir.permissions import Can

from ..queries.orders import order_of
from ..queries.requests import Request, kind_of, request_of, requests_of
from ..queries.seats import subscription_of
from ..rules import MOST_SEATS_AT_ONCE
from .orders import OrderOut, order_out
from .plans import Id
from .seats import refuse_without_prices

router = Router(tags=["Requests"])


class RequestOut(Schema):
    """Something that somebody asks for. `add` and `subscription` tell of seats to add; `title` says it in words."""

    id: int
    verb: str
    title: str
    about: str
    subscription: str | None
    add: int | None
    reason: str
    state: str
    asked_by: str | None
    asked_on: date
    decided_by: str | None
    answer: str


class AskBody(Schema):
    """What to ask for, and why."""

    model_config = ConfigDict(extra="forbid")
    add: Annotated[int, Field(ge=1, le=MOST_SEATS_AT_ONCE, strict=True)]
    reason: Annotated[Text, Field(max_length=500)] = ""


class ApprovalBody(Schema):
    """The quote of a preview, so that the price is the one that was seen.

    `paid_with` is for requests to buy: the id of a method, null: on invoice. Anything else is paid as its subscription is.
    `beyond` is for requests for a seat: "wait" puts whoever asks on the waiting list where none is left.
    `serial` is for requests for home use or a previous version: the serial number or key that is given with it.
    """

    model_config = ConfigDict(extra="forbid")
    paid_with: Id | None = None
    quote: Annotated[Text, Field(max_length=80)] | None = None
    beyond: Literal["refuse", "wait"] | None = None
    serial: Annotated[Text, Field(max_length=200)] | None = None


class AnswerBody(Schema):
    """A word with a refusal."""

    model_config = ConfigDict(extra="forbid")
    answer: Annotated[Text, Field(max_length=500)] = ""


@router.get("/customers/{customer}/requests", response={200: list[RequestOut], **PROBLEMS}, operation_id="requests")
@operation(Can.SEE_REQUESTS)
def requests(request: GateRequest, customer: str) -> list[RequestOut]:
    """The newest 100 requests that one sent or may answer, open ones first."""
    return [request_out(each) for each in requests_of(request.actor)]


@router.post(
    "/customers/{customer}/subscriptions/{number}/requests", response={201: RequestOut, **PROBLEMS}, operation_id="ask_for_seats"
)
@operation(Can.ASK)
def ask_for_seats(request: GateRequest, customer: str, number: str, body: AskBody) -> Status[RequestOut]:
    """Ask for seats."""
    asked = asking.ask(
        request.actor,
        subscription_of(request.actor, number),
        verb="subscriptions.add_seats",
        arguments={"add": body.add},
        reason=body.reason,
        on=request.today,
    )
    return Status(201, request_out(request_of(request.actor, asked.pk)))


@router.post(
    "/customers/{customer}/requests/{pk}/approval",
    response={200: OrderOut | RequestOut, **PROBLEMS},
    operation_id="approve_request",
)
@operation(Can.DECIDE_REQUESTS)
def approve(request: GateRequest, customer: str, pk: int, body: ApprovalBody) -> OrderOut | RequestOut:
    """Run what was asked for, as oneself: answers with the order, or with the request where nothing is ordered."""
    refuse_without_prices(request.actor)
    found = request_of(request.actor, pk)
    kind = kind_of(found.asked)
    fresh = dict(kind.fresh(request.today))
    if kind.pays:
        fresh["paid_with"] = body.paid_with
    elif body.paid_with is not None:
        raise Refused("paid_as_subscription", field="paid_with", status=422)
    fresh |= kind.chosen({name: value for name, value in (("beyond", body.beyond), ("serial", body.serial)) if value})
    order = asking.approve(request.actor, found.asked, on=request.today, quote=body.quote, **fresh)
    if not kind.orders:
        return request_out(request_of(request.actor, pk))
    return order_out(order_of(request.actor, order.number))


@router.post(
    "/customers/{customer}/requests/{pk}/refusal", response={200: RequestOut, **PROBLEMS}, operation_id="decline_request"
)
@operation(Can.DECIDE_REQUESTS)
def decline(request: GateRequest, customer: str, pk: int, body: AnswerBody) -> RequestOut:
    """Say no."""
    asking.decline(request.actor, request_of(request.actor, pk).asked, answer=body.answer)
    return request_out(request_of(request.actor, pk))


@router.post(
    "/customers/{customer}/requests/{pk}/withdrawal", response={200: RequestOut, **PROBLEMS}, operation_id="withdraw_request"
)
@operation(Can.WITHDRAW_REQUEST)
def withdraw(request: GateRequest, customer: str, pk: int) -> RequestOut:
    """Take one's own request back."""
    asking.withdraw(request.actor, request_of(request.actor, pk).asked)
    return request_out(request_of(request.actor, pk))


def request_out(found: Request) -> RequestOut:
    """A request as the API tells it."""
    return RequestOut(
        id=found.asked.pk,
        verb=found.asked.verb,
        title=found.title,
        about=found.about,
        subscription=found.subscription.number if found.subscription else None,
        add=found.asked.arguments.get("add"),
        reason=found.asked.reason,
        state=found.asked.state,
        asked_by=found.asker.name if found.asker else None,
        asked_on=found.asked.asked_on,
        decided_by=found.decider.name if found.decider else None,
        answer=found.asked.answer,
    )
