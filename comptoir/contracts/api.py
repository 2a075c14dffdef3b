"""The API of contracts."""

from datetime import date

from ninja import Router, Schema

from comptoir.kernel.api import PROBLEMS, Limit, operation
from comptoir.kernel.cursors import place_of
from comptoir.kernel.gate import GateRequest
from comptoir.kernel.paging import PAGE_SIZE, Place
from comptoir.permissions import Can

from . import queries

router = Router(tags=["Contracts"])


class ContractRow(Schema):
    """One agreement with the customer."""

    number: str
    plan: str
    channel: str
    support_level: str
    started_on: date
    reseller: str | None


class ContractPage(Schema):
    """One page of a list; `next` is the cursor of the page after, or null."""

    items: list[ContractRow]
    next: str | None


@router.get("/customers/{customer}/contracts", response={200: ContractPage, **PROBLEMS}, operation_id="contracts")
@operation(Can.SEE_CONTRACTS)
def contracts(request: GateRequest, customer: str, cursor: str = "", limit: Limit = PAGE_SIZE) -> ContractPage:
    """The contracts that one may see, by number."""
    place_of(cursor, (str,))
    page = queries.page_of_contracts(request.actor, words="", place=Place(after=cursor, size=limit))
    # our own values: looking at each of them again takes longer than reading them did
    items = [ContractRow.model_construct(**row, reseller=row["reseller__name"]) for row in page.rows]
    return ContractPage.model_construct(items=items, next=page.next or None)


@router.get("/customers/{customer}/contracts/{number}", response={200: ContractRow, **PROBLEMS}, operation_id="contract")
@operation(Can.SEE_CONTRACTS)
def contract(request: GateRequest, customer: str, number: str) -> ContractRow:
    """One contract."""
    found = queries.contract(request.actor, number)
    return ContractRow(
        number=found.number,
        plan=found.plan,
        channel=found.channel,
        support_level=found.support_level,
        started_on=found.started_on,
        reseller=found.reseller.name if found.reseller else None,
    )
