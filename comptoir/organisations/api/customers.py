"""The API of customers and their people."""

from collections import defaultdict
from datetime import date
from typing import Annotated

from ninja import Field, Router, Schema
from pydantic import ConfigDict

from comptoir.kernel.api import PROBLEMS, Limit, operation
from comptoir.kernel.cursors import place_of
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import GateRequest
from comptoir.kernel.money import Money
from comptoir.kernel.paging import PAGE_SIZE, Place
from comptoir.permissions import Can

from .. import actions, queries

router = Router(tags=["People"])
Line = Annotated[str, Field(pattern=r"^[^\u0000-\u001F\u007F-\u009F]*$")]  # what stands on one line


class CustomerOut(Schema):
    """The customer that the token belongs to."""

    number: str
    name: str
    country: str
    currency: str
    roles: list[str]


class RoleOut(Schema):
    """A role of somebody; `contract_id` null: on the whole customer."""

    role: str
    contract_id: int | None


class PersonRow(Schema):
    """Somebody who belongs to the customer. Everybody is an end user besides the roles listed."""

    id: int
    name: str
    email: str
    joined_on: date
    roles: list[RoleOut]


class PeoplePage(Schema):
    """One page of a list; `next` is the cursor of the page after, or null."""

    items: list[PersonRow]
    next: str | None


class LimitOut(Schema):
    """The most that one member, or everybody in a role, may order at once without approval, without tax."""

    member: int | None
    name: str | None
    role: str | None
    amount: str


class LimitsOut(Schema):
    """The spending limits that are set. Whoever is not named may order any sum."""

    currency: str
    items: list[LimitOut]


class LimitBody(Schema):
    """Whose limit: the id of a member, or a role. `amount` in the customer's currency, such as "1500.00"; null: no limit."""

    model_config = ConfigDict(extra="forbid")
    member: Annotated[int, Field(ge=1, le=2**63 - 1, strict=True)] | None = None
    role: Annotated[Line, Field(max_length=40)] = ""
    amount: Annotated[str, Field(max_length=20, pattern=r"^\d+(\.\d+)?$")] | None


class BillingBody(Schema):
    """What is to stand on the next invoices."""

    model_config = ConfigDict(extra="forbid")
    po_number: Annotated[Line, Field(max_length=100)] = ""
    invoice_email: Annotated[Line, Field(max_length=254)] = ""
    street: Annotated[Line, Field(max_length=200)] = ""
    postcode: Annotated[Line, Field(max_length=20)] = ""
    city: Annotated[Line, Field(max_length=100)] = ""
    tax_number: Annotated[Line, Field(max_length=30)] = ""


class BillingOut(Schema):
    """What the next invoices say of the customer. Its name and country are changed by the vendor."""

    name: str
    country: str
    po_number: str
    invoice_email: str
    street: str
    postcode: str
    city: str
    tax_number: str


@router.get("/customers/{customer}", response={200: CustomerOut, **PROBLEMS}, operation_id="customer")
@operation(Can.SEE_HOME)
def one_customer(request: GateRequest, customer: str) -> CustomerOut:
    """The customer, and the roles that the token's member has in it."""
    found = request.customer
    roles = sorted({str(grant.role) for grant in request.actor.grants})
    return CustomerOut(number=found.number, name=found.name, country=found.country, currency=found.currency, roles=roles)


@router.get("/customers/{customer}/billing-details", response={200: BillingOut, **PROBLEMS}, operation_id="billing_details")
@operation(Can.CHANGE_BILLING)
def billing_details(request: GateRequest, customer: str) -> BillingOut:
    """What the next invoices say of the customer."""
    return BillingOut.model_validate(queries.own_organisation(request.actor), from_attributes=True)


@router.put(
    "/customers/{customer}/billing-details", response={200: BillingOut, **PROBLEMS}, operation_id="change_billing_details"
)
@operation(Can.CHANGE_BILLING)
def change_billing_details(request: GateRequest, customer: str, body: BillingBody) -> BillingOut:
    """Change it, whole. Invoices that are issued stay as they are."""
    changed = actions.change_billing_details(request.actor, queries.own_organisation(request.actor), **body.model_dump())
    return BillingOut.model_validate(changed, from_attributes=True)


@router.get("/customers/{customer}/people", response={200: PeoplePage, **PROBLEMS}, operation_id="people")
@operation(Can.SEE_PEOPLE)
def people(request: GateRequest, customer: str, cursor: str = "", limit: Limit = PAGE_SIZE) -> PeoplePage:
    """The people that one may see, by name, 50 a page."""
    place_of(cursor, (str, int))
    page = queries.page_of_people(request.actor, words="", role="", place=Place(after=cursor, size=limit))
    roles: dict[int, list[RoleOut]] = defaultdict(list)
    for grant in queries.grants_of(request.actor, [row["id"] for row in page.rows]):
        roles[grant.membership_id].append(RoleOut.model_construct(role=grant.role, contract_id=grant.contract_id))
    # our own values: looking at each of them again takes longer than reading them did
    items = [PersonRow.model_construct(**row, roles=roles[row["id"]]) for row in page.rows]
    return PeoplePage.model_construct(items=items, next=page.next or None)


@router.get("/customers/{customer}/spending-limits", response={200: LimitsOut, **PROBLEMS}, operation_id="spending_limits")
@operation(Can.SET_SPENDING_LIMITS)
def spending_limits(request: GateRequest, customer: str) -> LimitsOut:
    """What each may order at once; a larger order becomes a request to somebody without such a limit."""
    return _limits(request)


@router.put("/customers/{customer}/spending-limits", response={200: LimitsOut, **PROBLEMS}, operation_id="set_spending_limit")
@operation(Can.SET_SPENDING_LIMITS)
def set_spending_limit(request: GateRequest, customer: str, body: LimitBody) -> LimitsOut:
    """Set one limit, or take it away; the others stay. It counts from the next order on."""
    minor = None if body.amount is None else _minor(body.amount, request.customer.currency)
    organisation = queries.own_organisation(request.actor)
    actions.set_spending_limit(request.actor, organisation, membership=body.member, role=body.role, minor=minor)
    return _limits(request)


def _minor(amount: str, currency: str) -> int:
    try:
        return Money.parse(amount, currency).minor
    except ValueError:
        raise Refused("amount_malformed", params={"currency": currency}, field="amount", status=422) from None


def _limits(request: GateRequest) -> LimitsOut:
    currency = request.customer.currency
    items = [
        LimitOut(
            member=row.membership_id,
            name=row.membership.name if row.membership else None,
            role=row.role or None,
            amount=str(Money(row.amount_minor, currency)),
        )
        for row in queries.spending_limits(request.actor)
    ]
    return LimitsOut(currency=currency, items=items)
