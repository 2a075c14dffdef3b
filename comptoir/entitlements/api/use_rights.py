"""Home use and previous versions: what one may have and why not, ask, give, end (F3.1)."""

from datetime import date
from typing import Annotated, Any, Literal

from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from comptoir.kernel import asking
from comptoir.kernel.api import PROBLEMS, Limit, Text, operation
from comptoir.kernel.gate import GateRequest
from comptoir.kernel.paging import PAGE_SIZE, Place
from comptoir.permissions import Can
from comptoir.subscriptions.queries.seats import subscription_of

from ..actions.use_rights import end_use_right, give_home_use, give_previous_version
from ..queries.use_pages import Shown, choices, own_rights, page_of_rights, rights_of_member, shown
from ..queries.use_requests import VERB, arguments_of
from ..queries.use_rights import Wanted, reasons_in_codes, refuse_use, right_of
from ..rules.use_rights import UseKind
from .seats import AskedOut, Id

router = Router(tags=["Home use and previous versions"])
RIGHTS, LINE = "/customers/{customer}/use-rights", "/customers/{customer}/subscriptions/{number}"
Country = Annotated[Text, Field(min_length=2, max_length=2)]
Version = Annotated[Text, Field(min_length=1, max_length=50)]
Serial = Annotated[Text, Field(max_length=200)]


class UseRightOut(Schema):
    """A licence beside a seat. `state`: counts, rests (there is no seat for it), ended; `ends_on` is the first day without."""

    id: int
    member: int
    name: str
    product: str
    subscription: str
    kind: Literal["home", "previous"]
    version: str
    number: str
    given_on: date
    ends_on: date
    state: Literal["counts", "rests", "ended"]


class UseRightPage(Schema):
    """One page of a list; `next` is the cursor of the page after, or null."""

    items: list[UseRightOut]
    next: str | None


class UseChoiceOut(Schema):
    """One's product: the codes of all reasons why not, at home and in a previous version; empty: it can be had."""

    subscription: str
    product: str
    home: list[str]
    previous: list[str]
    installable: list[str]
    previous_versions: list[str]


class HomeBody(Schema):
    """Home use of a member, in a country (two letters)."""

    model_config = ConfigDict(extra="forbid")
    member: Id
    country: Country
    serial: Serial = ""


class PreviousBody(Schema):
    """A previous version for a member."""

    model_config = ConfigDict(extra="forbid")
    member: Id
    version: Version
    serial: Serial = ""


class AskHomeBody(Schema):
    """In which country one's home is, and why one asks."""

    model_config = ConfigDict(extra="forbid")
    country: Country
    reason: Annotated[Text, Field(max_length=500)] = ""


class AskPreviousBody(Schema):
    """Which version, and why one asks."""

    model_config = ConfigDict(extra="forbid")
    version: Version
    reason: Annotated[Text, Field(max_length=500)] = ""


@router.get(RIGHTS, response={200: UseRightPage, **PROBLEMS}, operation_id="use_rights")
@operation(Can.SEE_PRODUCTS)
def use_rights(
    request: GateRequest,
    customer: str,
    whose: Literal["mine", "all"] = "mine",
    cursor: str | None = None,
    limit: Limit = PAGE_SIZE,
) -> UseRightPage:
    """One's own, the newest first; `whose=all`: everybody's that one may give and end."""
    if whose == "mine":
        return UseRightPage(items=[_out(each) for each in own_rights(request.actor, request.today)], next=None)
    page = page_of_rights(request.actor, Place(after=cursor or "", size=limit), request.today)
    return UseRightPage(items=[_out(each) for each in page.rows], next=page.next or None)


@router.get(f"{RIGHTS}/choices", response={200: list[UseChoiceOut], **PROBLEMS}, operation_id="use_choices")
@operation(Can.SEE_PRODUCTS)
def use_choices(request: GateRequest, customer: str) -> list[UseChoiceOut]:
    """What one may have of each product that one has a seat of, and why not: before asking."""
    found = choices(request.actor, request.today)
    codes = reasons_in_codes(request.actor, [each.subscription for each in found], request.today)
    return [
        UseChoiceOut(
            subscription=each.subscription.number,
            product=each.subscription.product.code,
            home=codes[UseKind.HOME][each.subscription.pk],
            previous=codes[UseKind.PREVIOUS][each.subscription.pk],
            installable=list(each.versions.allowed) + list(each.excepted),
            previous_versions=list(each.previous_versions),
        )
        for each in found
    ]


@router.post(f"{LINE}/home-use", response={200: list[UseRightOut], **PROBLEMS}, operation_id="give_home_use")
@operation(Can.GIVE_USE_RIGHTS)
def give_home(request: GateRequest, customer: str, number: str, body: HomeBody) -> list[UseRightOut]:
    """Give a member a home-use licence. Answers with theirs, the newest first."""
    row = subscription_of(request.actor, number)
    give_home_use(request.actor, row, **body.dict(), on=request.today)
    return [_out(each) for each in rights_of_member(request.actor, body.member, request.today)]


@router.post(f"{LINE}/previous-version", response={200: list[UseRightOut], **PROBLEMS}, operation_id="give_previous_version")
@operation(Can.GIVE_USE_RIGHTS)
def give_previous(request: GateRequest, customer: str, number: str, body: PreviousBody) -> list[UseRightOut]:
    """Give a member a licence of a previous version. Answers with theirs, the newest first."""
    row = subscription_of(request.actor, number)
    give_previous_version(request.actor, row, **body.dict(), on=request.today)
    return [_out(each) for each in rights_of_member(request.actor, body.member, request.today)]


@router.post(f"{LINE}/home-use/requests", response={201: AskedOut, **PROBLEMS}, operation_id="ask_for_home_use")
@operation(Can.ASK)
def ask_home(request: GateRequest, customer: str, number: str, body: AskHomeBody) -> Status[AskedOut]:
    """Ask for home use for oneself."""
    return _ask(request, number, Wanted(UseKind.HOME, country=body.country), body.reason)


@router.post(f"{LINE}/previous-version/requests", response={201: AskedOut, **PROBLEMS}, operation_id="ask_for_previous_version")
@operation(Can.ASK)
def ask_previous(request: GateRequest, customer: str, number: str, body: AskPreviousBody) -> Status[AskedOut]:
    """Ask for a previous version for oneself."""
    return _ask(request, number, Wanted(UseKind.PREVIOUS, version=body.version), body.reason)


@router.post(f"{RIGHTS}/{{pk}}/end", response={200: UseRightOut, **PROBLEMS}, operation_id="end_use_right")
@operation(Can.END_USE_RIGHTS)
def end(request: GateRequest, customer: str, pk: int) -> UseRightOut:
    """End a licence before its time: one's own, or one that one could give. Its number is kept."""
    end_use_right(request.actor, right_of(request.actor, pk), on=request.today)
    return _out(shown(request.actor, [pk], request.today)[0])


def _ask(request: GateRequest, number: str, wanted: Wanted, reason: str) -> Status[AskedOut]:
    actor, row = request.actor, subscription_of(request.actor, number)
    refuse_use(actor, row, actor.member_id, wanted, request.today)
    told: dict[str, Any] = {"verb": VERB[wanted.kind], "arguments": arguments_of(actor, wanted)}
    asked = asking.ask(actor, row, **told, reason=reason, on=request.today)
    return Status(201, AskedOut(id=asked.pk, state=asked.state, asked_on=asked.asked_on))


def _out(each: Shown) -> UseRightOut:
    return UseRightOut(
        id=each.pk,
        member=each.member,
        name=each.name,
        product=each.product,
        subscription=each.subscription,
        kind=each.kind.value,
        version=each.version,
        number=each.number,
        given_on=each.given_on,
        ends_on=each.ends_on,
        state=each.state.value,
    )
