"""The API of customers and their people."""

from collections import defaultdict
from datetime import date
from typing import Annotated

from ninja import Field, Router, Schema
from pydantic import ConfigDict

from comptoir.kernel.api import PROBLEMS, operation
from comptoir.kernel.cursors import place_of
from comptoir.kernel.gate import GateRequest
from comptoir.kernel.paging import Place
from comptoir.permissions import Can

from . import actions, queries

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
def people(request: GateRequest, customer: str, cursor: str = "") -> PeoplePage:
    """The people that one may see, by name, 50 a page."""
    place_of(cursor, (str, int))
    page = queries.page_of_people(request.actor, words="", role="", place=Place(after=cursor))
    roles: dict[int, list[RoleOut]] = defaultdict(list)
    for grant in queries.grants_of(request.actor, [row["id"] for row in page.rows]):
        roles[grant.membership_id].append(RoleOut(role=grant.role, contract_id=grant.contract_id))
    items = [PersonRow.model_validate({**row, "roles": roles[row["id"]]}) for row in page.rows]
    return PeoplePage(items=items, next=page.next or None)
