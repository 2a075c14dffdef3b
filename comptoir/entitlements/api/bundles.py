"""Groups of products: listed, made, given, changed, ended, over the same verbs as the pages."""

from typing import Annotated, Any

from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from comptoir.kernel.api import PROBLEMS, Text, operation
from comptoir.kernel.gate import GateRequest
from comptoir.organisations.queries import own_organisation
from comptoir.permissions import Can

from ..actions.bundles import change_bundle, end_bundle, give_bundle, make_bundle
from ..actions.groups import give_to_group
from ..forms import MOST_IN_A_BUNDLE
from ..queries.bundle_changes import preview_change
from ..queries.bundles import bundle_of, bundles_of, subscriptions_named
from ..queries.groups import group_of
from .seats import GroupSeatsBody, Members, Rule

router = Router(tags=["Groups of products"])
BUNDLES = "/customers/{customer}/bundles"
Name = Annotated[Text, Field(min_length=1, max_length=100)]
Numbers = Annotated[list[Annotated[Text, Field(min_length=1, max_length=50)]], Field(min_length=1, max_length=MOST_IN_A_BUNDLE)]


class BundleItemOut(Schema):
    """One subscription in a group of products, with the seats that are free."""

    subscription: str
    product: str
    free: int


class BundleOut(Schema):
    """A group of products."""

    id: int
    name: str
    subscriptions: list[BundleItemOut]


class BundlesOut(Schema):
    """Every group of products that one may give."""

    items: list[BundleOut]


class BundleBody(Schema):
    """A name, and the numbers of the subscriptions in it."""

    model_config = ConfigDict(extra="forbid")
    name: Name
    subscriptions: Numbers


class BundleChangeBody(BundleBody):
    """What it is to be called and to hold. `beyond`: with `wait` those without a seat wait, else nothing is done."""

    beyond: Annotated[str, Field(pattern="^(refuse|wait)$")] = "refuse"
    quote: Annotated[Text, Field(max_length=80)] | None = None


class BundleMembersBody(Schema):
    """Who is given all of it."""

    model_config = ConfigDict(extra="forbid")
    members: Members
    beyond: Rule = "refuse"


class BundleMovesOut(Schema):
    """What happens in one subscription: these members get a seat, or lose theirs; `missing`: seats that there are not."""

    subscription: str
    members: list[int]
    missing: int


class BundleChangeOut(Schema):
    """What a change would do. Nothing has changed."""

    gains: list[BundleMovesOut]
    losses: list[BundleMovesOut]
    missing: int
    quote: str


@router.get(BUNDLES, response={200: BundlesOut, **PROBLEMS}, operation_id="bundles")
@operation(Can.ASSIGN_SEATS)
def bundles(request: GateRequest, customer: str) -> BundlesOut:
    """The groups of products of which one may give something, by name."""
    return BundlesOut(items=[_told(found) for found in bundles_of(request.actor, request.today)])


@router.post(BUNDLES, response={201: BundleOut, **PROBLEMS}, operation_id="make_bundle")
@operation(Can.ASSIGN_SEATS)
def make(request: GateRequest, customer: str, body: BundleBody) -> Status[BundleOut]:
    """Put subscriptions together under a name."""
    ids = list(subscriptions_named(request.actor, body.subscriptions).values())
    made = make_bundle(request.actor, own_organisation(request.actor), name=body.name, subscriptions=ids, on=request.today)
    return Status(201, _one(request, made.pk))


@router.get(f"{BUNDLES}/{{pk}}", response={200: BundleOut, **PROBLEMS}, operation_id="bundle")
@operation(Can.ASSIGN_SEATS)
def bundle(request: GateRequest, customer: str, pk: int) -> BundleOut:
    """One of them."""
    return _one(request, pk)


@router.post(
    f"{BUNDLES}/{{pk}}/change/preview", response={200: BundleChangeOut, **PROBLEMS}, operation_id="preview_bundle_change"
)
@operation(Can.ASSIGN_SEATS)
def preview(request: GateRequest, customer: str, pk: int, body: BundleChangeBody) -> BundleChangeOut:
    """Who would get and who would lose a seat, and where there are too few."""
    found = bundle_of(request.actor, pk, request.today)
    ids = list(subscriptions_named(request.actor, body.subscriptions).values())
    change = preview_change(request.actor, found.bundle, body.name, ids, request.today)
    gains, losses = ([_moves(each) for each in some] for some in (change.gains, change.losses))
    return BundleChangeOut(gains=gains, losses=losses, missing=change.short, quote=change.quote)


@router.post(f"{BUNDLES}/{{pk}}/change", response={200: BundleOut, **PROBLEMS}, operation_id="change_bundle")
@operation(Can.ASSIGN_SEATS)
def change(request: GateRequest, customer: str, pk: int, body: BundleChangeBody) -> BundleOut:
    """Rename it, put subscriptions in, take some out: whoever holds all of it gets and loses accordingly, all or nothing."""
    found = bundle_of(request.actor, pk, request.today)
    ids = list(subscriptions_named(request.actor, body.subscriptions).values())
    change_bundle(
        request.actor,
        found.bundle,
        name=body.name,
        subscriptions=ids,
        beyond=body.beyond,
        quote=body.quote,
        on=request.today,
    )
    return _one(request, pk)


@router.post(f"{BUNDLES}/{{pk}}/assignments", response={200: BundleOut, **PROBLEMS}, operation_id="give_bundle")
@operation(Can.ASSIGN_SEATS)
def give(request: GateRequest, customer: str, pk: int, body: BundleMembersBody) -> BundleOut:
    """Give each of these members a seat of everything in it."""
    found = bundle_of(request.actor, pk, request.today)
    give_bundle(request.actor, found.bundle, members=body.members, beyond=body.beyond, on=request.today)
    return _one(request, pk)


@router.post(f"{BUNDLES}/{{pk}}/groups", response={200: BundleOut, **PROBLEMS}, operation_id="give_bundle_to_group")
@operation(Can.ASSIGN_SEATS)
def give_group(request: GateRequest, customer: str, pk: int, body: GroupSeatsBody) -> BundleOut:
    """Give everybody in a group of people a seat of everything in it; newcomers get theirs as they come."""
    found = bundle_of(request.actor, pk, request.today)
    ids = [each.subscription.pk for each in found.inside]
    give_to_group(request.actor, group_of(request.actor, body.group), subscriptions=ids, beyond=body.beyond, on=request.today)
    return _one(request, pk)


@router.post(f"{BUNDLES}/{{pk}}/end", response={200: BundleOut, **PROBLEMS}, operation_id="end_bundle")
@operation(Can.ASSIGN_SEATS)
def end(request: GateRequest, customer: str, pk: int) -> BundleOut:
    """Forget the name; whoever has seats keeps them. Answers with what it held."""
    found = bundle_of(request.actor, pk, request.today)
    end_bundle(request.actor, found.bundle, on=request.today)
    return _told(found)


def _one(request: GateRequest, pk: int) -> BundleOut:
    return _told(bundle_of(request.actor, pk, request.today))


def _told(found: Any) -> BundleOut:
    items = [
        BundleItemOut(subscription=each.subscription.number, product=each.subscription.product.name, free=each.free)
        for each in found.inside
    ]
    return BundleOut(id=found.bundle.pk, name=found.bundle.name, subscriptions=items)


def _moves(each: Any) -> BundleMovesOut:
    return BundleMovesOut(subscription=each.subscription.number, members=list(each.members), missing=each.short)
