"""The API of secret addresses for machines."""

from datetime import date
from typing import Annotated, Literal

from django.conf import settings
from django.urls import reverse
from ninja import Field, Router, Schema, Status
from ninja import Path as InPath
from pydantic import ConfigDict

from comptoir.kernel.api import PROBLEMS, NotBlank, operation
from comptoir.kernel.gate import GateRequest
from comptoir.permissions import Can

from ..actions.downloads import make_address, revoke_address
from ..queries import pages
from ..queries.entitled import own_membership
from ..queries.links import digest_of, new_secret

router = Router(tags=["Downloads"])
AnId = Annotated[int, InPath(ge=1, le=2**63 - 1)]


class AddressBody(Schema):
    """A secret address for machines, or for one's own programs."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[NotBlank, Field(max_length=100)]
    purpose: Literal["machines", "own"]


class AddressOut(Schema):
    """A secret address. `url` is told once, when it is made."""

    id: int
    name: str
    purpose: str
    made_on: date
    url: str | None = None


@router.get(
    "/customers/{customer}/secret-addresses", response={200: list[AddressOut], **PROBLEMS}, operation_id="secret_addresses"
)
@operation(Can.KEEP_ADDRESSES)
def addresses(request: GateRequest, customer: str) -> list[AddressOut]:
    """The living secret addresses; the secrets themselves are kept nowhere."""
    return [
        AddressOut(id=row.pk, name=row.name, purpose=row.purpose, made_on=row.made_on) for row in pages.addresses(request.actor)
    ]


@router.post("/customers/{customer}/secret-addresses", response={201: AddressOut, **PROBLEMS}, operation_id="make_secret_address")
@operation(Can.KEEP_ADDRESSES)
def new_address(request: GateRequest, customer: str, body: AddressBody) -> Status[AddressOut]:
    """Make one; its `url` is told this once, and not again to a twin of the call."""
    secret = new_secret()
    made = make_address(request.actor, own_membership(request.actor), **body.dict(), digest=digest_of(secret), on=request.today)
    base = settings.BASE_URL + reverse("machine_packages", args=(secret,)).removesuffix("packages.json")
    url = base if made.digest == digest_of(secret) else None
    return Status(201, AddressOut(id=made.pk, name=made.name, purpose=made.purpose, made_on=made.made_on, url=url))


@router.post(
    "/customers/{customer}/machines/{pk}/revocation",
    response={200: AddressOut, **PROBLEMS},
    operation_id="revoke_secret_address",
)
@operation(Can.KEEP_ADDRESSES)
def revoke(request: GateRequest, customer: str, pk: AnId) -> AddressOut:
    """End one."""
    ended = revoke_address(request.actor, pages.address(request.actor, pk), on=request.today)
    return AddressOut(id=ended.pk, name=ended.name, purpose=ended.purpose, made_on=ended.made_on)
