"""Signed files for devices without a network: asked for by products, and by a customer's own people."""

from datetime import date
from typing import Annotated, Any

from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from comptoir.kernel.api import Text, operation
from comptoir.kernel.clock import now
from comptoir.kernel.gate import GateRequest
from comptoir.permissions import Can

from ..actions.offline import issue_file, revoke_file
from ..actions.unconnected import issue_file_for
from ..queries.bearers import device_asked, inside
from ..queries.offline import (
    FileTold,
    file_by_id,
    file_told,
    files_of,
    member_here,
    renew_from,
    subscription_of_device,
    subscription_to_sign_for,
)
from .licences import ANSWERS, LicenceBearer, LicenceRequest, by_secret
from .seats import Id

router = Router(tags=["Files for devices without a network"])
FILES = "/customers/{customer}/subscriptions/{number}/licence-files"


class FileBody(Schema):
    """`activation`: which of one's devices; left out where its own secret asks."""

    model_config = ConfigDict(extra="forbid")
    activation: Id | None = None


class DeviceFileBody(Schema):
    """A member's device without a network: the fingerprint that the product shows there, and a name for people."""

    model_config = ConfigDict(extra="forbid")
    member: Id
    fingerprint: Annotated[Text, Field(min_length=16, max_length=200)]
    name: Annotated[Text, Field(min_length=1, max_length=100)]


class FileOut(Schema):
    """A signed file: `file` is a compact JWS, to be kept as it is; from `renew_from` on it should be renewed."""

    number: str
    product: str
    subscription: str
    device: str
    issued_on: date
    ends_on: date
    renew_from: date
    borrowed: bool
    file: str


class MembersFileOut(FileOut):
    """The same as those see it who give keys; `id` names it to be revoked."""

    id: int
    member: int | None
    person: str


@router.post("/licences/files", auth=LicenceBearer(), response={201: FileOut, **ANSWERS}, operation_id="licence_file")
@by_secret
def licence_file(request: LicenceRequest, body: FileBody) -> Status[FileOut]:
    """A file with which the product runs on an activated device without a network: 30 days, or less. Again: renewed."""
    own = request.bearer.device
    pk = body.activation or (own.pk if own is not None else 0)
    actor, device = device_asked(request.bearer, pk, request.key)
    with inside(actor):
        subscription = subscription_of_device(actor, device, request.today)
        made = issue_file(actor, subscription, device=device.pk, on=request.today)
        return Status(201, FileOut(**told(file_told(made))))


@router.get(FILES, response={200: list[MembersFileOut], **ANSWERS}, operation_id="licence_files")
@operation(Can.SIGN_FILES)
def licence_files(request: GateRequest, customer: str, number: str) -> list[MembersFileOut]:
    """The files of a subscription that hold, the newest first: everybody's for who gives keys, one's own for others."""
    return [_members(each) for each in files_of(request.actor, subscription_to_sign_for(request.actor, number), now())]


@router.post(FILES, response={201: MembersFileOut, **ANSWERS}, operation_id="licence_file_for_device")
@operation(Can.SIGN_FILES)
def file_for_device(request: GateRequest, customer: str, number: str, body: DeviceFileBody) -> Status[MembersFileOut]:
    """A file for a device that has no network, one's own or a member's: the device is activated with it."""
    row = subscription_to_sign_for(request.actor, number)
    member = member_here(request.actor, body.member)
    device = {"fingerprint": body.fingerprint, "name": body.name}
    made = issue_file_for(request.actor, member, subscription=row.pk, **device, on=request.today)
    return Status(201, _members(file_told(made)))


@router.post(f"{FILES}/{{pk}}/revocation", response={200: MembersFileOut, **ANSWERS}, operation_id="revoke_licence_file")
@operation(Can.SIGN_FILES)
def revoke(request: GateRequest, customer: str, number: str, pk: int) -> MembersFileOut:
    """Revoke the files of a device: whoever reads the list of revoked files refuses them."""
    row = file_by_id(request.actor, pk)
    found = revoke_file(request.actor, subscription_to_sign_for(request.actor, number), file=row.pk, on=request.today)
    return _members(file_told(found))


def told(file: FileTold) -> dict[str, Any]:
    """A file as its schema takes it."""
    return {
        "number": file.number,
        "product": file.code,
        "subscription": file.subscription,
        "device": file.device,
        "issued_on": file.issued_on,
        "ends_on": file.ends_on,
        "renew_from": renew_from(file),
        "borrowed": file.borrowed,
        "file": file.text,
    }


def _members(file: FileTold) -> MembersFileOut:
    return MembersFileOut(id=file.pk, member=file.member, person=file.person, **told(file))
