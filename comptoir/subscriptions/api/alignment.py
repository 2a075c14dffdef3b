"""Aligning payment dates, and how a subscription is paid."""

from datetime import date
from typing import Annotated, Literal

from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from comptoir.billing.rules.tax import percent_text
from comptoir.kernel.api import PROBLEMS, Text, operation
from comptoir.kernel.asking import ask
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest
from comptoir.kernel.ports import not_allowed
from comptoir.permissions import Can

from ..actions import alignment as verbs
from ..actions.methods import change_method
from ..queries.alignment import AlignmentPreview, Member, matched, members_of, options_of, preview_alignment
from ..queries.alignment_asking import alignment_to_ask_for, members_to_ask_for
from ..queries.alignment_page import wish_of, wishes_of
from ..queries.methods import subscription_to_pay
from ..queries.orders import order_of
from ..queries.requests import request_of
from ..queries.wishes import numbers_of
from .orders import Amount, Line, OrderOut, line_out, order_out
from .requests import RequestOut, request_out
from .seats import day_of, refuse_without_prices

router = Router(tags=["Alignment"])
Day = date  # of a field that is called `date`
Numbers = Annotated[list[Annotated[Text, Field(max_length=100)]], Field(min_length=2, max_length=1000)]


class AlignBody(Schema):
    """Which subscriptions, by number, get which of their renewal dates; no date: the latest."""

    model_config = ConfigDict(extra="forbid")
    subscriptions: Numbers
    date: Day | None = None
    quote: Annotated[Text, Field(max_length=80)] | None = None
    on: Day | None = None


class AskToAlignBody(Schema):
    """What to ask to be aligned, on which of their renewal dates (none: the latest), and why."""

    model_config = ConfigDict(extra="forbid")
    subscriptions: Numbers
    date: Day | None = None
    reason: Annotated[Text, Field(max_length=500)] = ""


class WishBody(Schema):
    """Which subscriptions are to be aligned once they all have this term."""

    model_config = ConfigDict(extra="forbid")
    subscriptions: Numbers
    term: Literal["month", "year", "3years"]


class MethodBody(Schema):
    """How to pay: `invoice`, or the id of a payment method."""

    model_config = ConfigDict(extra="forbid")
    method: Annotated[Text, Field(min_length=1, max_length=20)]


class Candidate(Schema):
    """A subscription that may be aligned; `steps` are the codes of what makes it match the others, none: it does."""

    subscription: str
    contract: str
    product: str
    term: str
    payment_method: str
    renews_on: Day
    seats: int
    steps: list[str]


class CandidateToAskFor(Schema):
    """A subscription that one may ask to align; `steps` as in a candidate."""

    subscription: str
    product: str
    term: str
    renews_on: Day
    seats: int
    steps: list[str]


class WishOut(Schema):
    """A wish that waits for its subscriptions to match; `ready`: they do, and the alignment can be confirmed."""

    id: int
    ready: bool
    subscriptions: list[str]


class Candidates(Schema):
    """What could be aligned, and the wishes that wait."""

    candidates: list[Candidate]
    wishes: list[WishOut]


class Option(Schema):
    """A possible common date (null: leave all as it is), without tax."""

    date: Day | None
    now: Amount
    at_renewal: Amount
    twelve_months: Amount


class ExtensionLine(Line):
    """One subscription moved to its new renewal date."""

    subscription: str
    contract: str


class AlignPreview(Schema):
    """What aligning would charge now and leave behind, and every other date beside it. Nothing has changed."""

    on: Day
    date: Day
    currency: str
    lines: list[ExtensionLine]
    net: Amount
    tax: Amount
    tax_rate_percent: Amount
    tax_treatment: str
    total: Amount
    payment_method: str
    options: list[Option]
    quote: str


class MethodOut(Schema):
    """How a subscription is paid from now on."""

    subscription: str
    payment_method: str
    method: str  # as it was given


@router.get("/customers/{customer}/alignment", response={200: Candidates, **PROBLEMS}, operation_id="alignment_candidates")
@operation(Can.ALIGN)
def candidates(request: GateRequest, customer: str) -> Candidates:
    """The subscriptions whose dates one may align, with what makes each match what most of them share."""
    found = members_of(request.actor, request.today)
    steps = {one.candidate.key: [step.code for step in one.steps] for one in matched(found).unmatched}
    return Candidates(
        candidates=[_candidate(member, steps.get(member.subscription.number, [])) for member in found],
        wishes=[WishOut(id=wish.pk, ready=wish.ready, subscriptions=list(wish.numbers)) for wish in wishes_of(request.actor)],
    )


@router.post(
    "/customers/{customer}/alignment/preview", response={200: AlignPreview, **PROBLEMS}, operation_id="preview_alignment"
)
@operation(Can.ALIGN)
def preview(request: GateRequest, customer: str, body: AlignBody) -> AlignPreview:
    """The lines and the tax of aligning exactly these, and every possible date beside the chosen one. Changes nothing."""
    refuse_without_prices(request.actor)
    on = day_of(request, body.on)
    found = _members(request, body.subscriptions, on)
    return _preview(preview_alignment(found, on, body.date), found, on)


@router.post("/customers/{customer}/alignment", response={201: OrderOut, **PROBLEMS}, operation_id="align")
@operation(Can.ALIGN)
def align(request: GateRequest, customer: str, body: AlignBody) -> Status[OrderOut]:
    """Align them, all or nothing: one order, one invoice for each contract. Send an `Idempotency-Key`."""
    refuse_without_prices(request.actor)
    on = day_of(request, body.on)
    first, *others = _in_order(_members(request, body.subscriptions, on))
    also = sorted(member.subscription.number for member in others)
    order = verbs.align(request.actor, first.subscription, also=also, to=body.date, on=on, quote=body.quote)
    return Status(201, order_out(order_of(request.actor, order.number)))


@router.get(
    "/customers/{customer}/alignment/requests",
    response={200: list[CandidateToAskFor], **PROBLEMS},
    operation_id="alignment_to_ask_for",
)
@operation(Can.ASK)
def to_ask_for(request: GateRequest, customer: str) -> list[CandidateToAskFor]:
    """The subscriptions whose alignment one may only ask for."""
    found = members_to_ask_for(request.actor, request.today)
    steps = {one.candidate.key: [step.code for step in one.steps] for one in matched(found).unmatched}
    return [_to_ask_for(member, steps.get(member.subscription.number, [])) for member in found]


@router.post("/customers/{customer}/alignment/requests", response={201: RequestOut, **PROBLEMS}, operation_id="ask_for_alignment")
@operation(Can.ASK)
def ask_for_alignment(request: GateRequest, customer: str, body: AskToAlignBody) -> Status[RequestOut]:
    """Ask somebody who may to align them."""
    subscription, arguments = alignment_to_ask_for(request.actor, request.today, body.subscriptions, body.date)
    verb, reason, on = "subscriptions.align", body.reason, request.today
    asked = ask(request.actor, subscription, verb=verb, arguments=arguments, reason=reason, on=on)
    return Status(201, request_out(request_of(request.actor, asked.pk)))


@router.post("/customers/{customer}/alignment/wishes", response={201: WishOut, **PROBLEMS}, operation_id="wish_alignment")
@operation(Can.ALIGN)
def wish(request: GateRequest, customer: str, body: WishBody) -> Status[WishOut]:
    """Plan the term for those that have another, and keep the wish to align them until they match."""
    first, *others = _in_order(_members(request, body.subscriptions, request.today))
    also = sorted(member.subscription.number for member in others)
    made = verbs.wish_alignment(request.actor, first.subscription, also=also, term=body.term, on=request.today)
    return Status(201, WishOut(id=made.pk, ready=False, subscriptions=sorted({first.subscription.number, *also})))


@router.post(
    "/customers/{customer}/alignment/wishes/{pk}/withdrawal", response={200: WishOut, **PROBLEMS}, operation_id="withdraw_wish"
)
@operation(Can.ALIGN)
def withdraw(request: GateRequest, customer: str, pk: int) -> WishOut:
    """Give a wish up; planned terms stay planned."""
    wish = wish_of(request.actor, pk)
    verbs.withdraw_wish(request.actor, wish, on=request.today)
    return WishOut(id=pk, ready=False, subscriptions=numbers_of(wish)[1])


@router.post(
    "/customers/{customer}/subscriptions/{number}/payment-method",
    response={200: MethodOut, **PROBLEMS},
    operation_id="change_method",
)
@operation(Can.PAY)
def method(request: GateRequest, customer: str, number: str, body: MethodBody) -> MethodOut:
    """Change how a subscription is paid from now on."""
    row = subscription_to_pay(request.actor, number)
    changed = change_method(request.actor, row, method=body.method, on=request.today)
    return MethodOut(subscription=changed.number, payment_method=changed.payment_method, method=body.method)


def _members(request: GateRequest, numbers: list[str], on: Day) -> list[Member]:
    if not request.actor.may(Can.ALIGN, anywhere=True):
        raise not_allowed(request.actor, Can.ALIGN)
    found = members_of(request.actor, on, numbers)
    missing = sorted(set(numbers) - {member.subscription.number for member in found})
    if missing:
        raise Refused("subscription_unknown", params={"number": missing[0]}, field="subscriptions", status=422)
    return found


def _in_order(found: list[Member]) -> list[Member]:
    """The first is the one that the door locks."""
    return sorted(found, key=lambda member: member.subscription.pk)


def _candidate(member: Member, steps: list[str]) -> Candidate:
    row = member.subscription
    return Candidate(
        subscription=row.number,
        contract=row.contract.number,
        product=row.product.code,
        term=row.term,
        payment_method=row.payment_method,
        renews_on=row.renews_on,
        seats=member.candidate.seats,
        steps=steps,
    )


def _to_ask_for(member: Member, steps: list[str]) -> CandidateToAskFor:
    row = member.subscription
    return CandidateToAskFor(
        subscription=row.number,
        product=row.product.code,
        term=row.term,
        renews_on=row.renews_on,
        seats=member.candidate.seats,
        steps=steps,
    )


def _preview(found: AlignmentPreview, members: list[Member], on: Day) -> AlignPreview:
    basis_points = found.treatment.rate_basis_points
    return AlignPreview(
        on=found.on,
        date=found.plan.common.day,
        currency=found.totals.net.currency,
        lines=[
            ExtensionLine.model_construct(
                **vars(line_out(each.line)), subscription=each.candidate.key, contract=each.candidate.contract
            )
            for each in found.plan.extensions
        ],
        net=str(found.totals.net),
        tax=str(found.totals.tax),
        tax_rate_percent=percent_text(basis_points),
        tax_treatment=found.treatment.code,
        total=str(found.totals.total),
        payment_method="invoice" if found.paid_with is None else found.paid_with.kind,
        options=[
            Option(
                date=option.common.day if option.common else None,
                now=str(option.now),
                at_renewal=str(option.at_renewal),
                twelve_months=str(option.twelve_months),
            )
            for option in options_of(members, on)
        ],
        quote=found.quote,
    )
