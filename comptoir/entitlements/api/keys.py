"""Licence keys, devices and serial numbers, for the customer's own people and programs."""

from datetime import date, datetime
from typing import Annotated, Any

from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from comptoir.kernel.api import PROBLEMS, Text, operation
from comptoir.kernel.gate import GateRequest
from comptoir.permissions import Can
from comptoir.subscriptions.queries.seats import subscription_of

from ..actions.licences import end_device, end_key, make_key
from ..actions.serials import give_serial
from ..queries.devices import DeviceTold, device_of, devices_of_member, own_devices, told_of
from ..queries.entitled import entitled_on
from ..queries.keys import KeyTold, NewKey, SerialTold, keys_of, one_key, serials_of, subscription_with_keys
from .licences import DeviceOut, PathId
from .seats import Id

router = Router(tags=["Licence keys and devices"])
ENTITLED = "/customers/{customer}/people/{member}/products/{code}/entitled"
LINE = "/customers/{customer}/subscriptions/{number}"


class LicenceKeyOut(Schema):
    """A licence key; `member` is null for a machine's. Only its last characters can be shown."""

    id: int
    name: str
    member: int | None
    person: str
    ending: str
    made_on: date
    ended_at: datetime | None
    devices: int


class NewLicenceKeyOut(LicenceKeyOut):
    """A new licence key. `key` is shown this once; a twin of the call is told nothing of it."""

    key: str


class LicenceKeyBody(Schema):
    """A key for a member with a seat; without one for a machine, on a seat that nobody has."""

    model_config = ConfigDict(extra="forbid")
    member: Id | None = None
    name: Annotated[Text, Field(max_length=100)] = ""


class SerialNumberOut(Schema):
    """A serial number, with whom it was given to."""

    id: int
    number: str
    version: str
    group_label: str
    subscription: str
    product: str
    member: int | None
    person: str
    given_on: date | None


class SerialPersonBody(Schema):
    """Whom a serial number is given to."""

    model_config = ConfigDict(extra="forbid")
    member: Id


class EntitledOut(Schema):
    """Whether a member was entitled to use a product on a day, and by what: seat, home_use, perpetual; else the reasons."""

    member: int
    product: str
    on: date
    entitled: bool
    ground: str | None
    subscription: str
    reasons: list[str]


@router.get(f"{LINE}/licence-keys", response={200: list[LicenceKeyOut], **PROBLEMS}, operation_id="licence_keys")
@operation(Can.MANAGE_KEYS)
def licence_keys(request: GateRequest, customer: str, number: str) -> list[LicenceKeyOut]:
    """The keys of a subscription, those that live first."""
    return [LicenceKeyOut(**_key(told)) for told in keys_of(request.actor, subscription_with_keys(request.actor, number))]


@router.post(f"{LINE}/licence-keys", response={200: NewLicenceKeyOut, **PROBLEMS}, operation_id="make_licence_key")
@operation(Can.MANAGE_KEYS)
def make_licence_key(request: GateRequest, customer: str, number: str, body: LicenceKeyBody) -> NewLicenceKeyOut:
    """Make a key; it is shown this once."""
    row, new = subscription_with_keys(request.actor, number), NewKey()
    secret = {"digest": new.digest, "ending": new.ending}
    made = make_key(request.actor, row, member=body.member, name=body.name, **secret, on=request.today)
    return NewLicenceKeyOut(**_key(one_key(request.actor, row, made.pk)), key=new.text if made.digest == new.digest else "")


@router.api_operation(
    ["DELETE"], f"{LINE}/licence-keys/{{pk}}", response={200: LicenceKeyOut, **PROBLEMS}, operation_id="end_licence_key"
)
@operation(Can.MANAGE_KEYS)
def end_licence_key(request: GateRequest, customer: str, number: str, pk: PathId) -> LicenceKeyOut:
    """End a key, and what was activated with it."""
    row = subscription_with_keys(request.actor, number)
    end_key(request.actor, row, key=pk, on=request.today)
    return LicenceKeyOut(**_key(one_key(request.actor, row, pk)))


@router.get("/customers/{customer}/devices", response={200: list[DeviceOut], **PROBLEMS}, operation_id="devices")
@operation(Can.END_DEVICES)
def devices(
    request: GateRequest, customer: str, member: Annotated[int, Query(ge=1, le=2**63 - 1)] | None = None
) -> list[DeviceOut]:
    """One's own devices; with `member` those of a member, of the products that one gives keys of."""
    found = own_devices(request.actor) if member is None else devices_of_member(request.actor, member)
    return [_device(told) for told in found]


@router.api_operation(
    ["DELETE"], "/customers/{customer}/devices/{pk}", response={200: DeviceOut, **PROBLEMS}, operation_id="end_device"
)
@operation(Can.END_DEVICES)
def end_one(request: GateRequest, customer: str, pk: PathId) -> DeviceOut:
    """End the activation of a device."""
    return _device(told_of(end_device(request.actor, device_of(request.actor, pk), on=request.today)))


@router.get(f"{LINE}/serial-numbers", response={200: list[SerialNumberOut], **PROBLEMS}, operation_id="serial_numbers")
@operation(Can.ASSIGN_SEATS)
def serial_numbers(request: GateRequest, customer: str, number: str) -> list[SerialNumberOut]:
    """The serial numbers of a subscription, with whom each was given to."""
    return [SerialNumberOut(**_serial(told)) for told in serials_of(request.actor, subscription_of(request.actor, number))]


@router.post(
    f"{LINE}/serial-numbers/{{pk}}/person", response={200: SerialNumberOut, **PROBLEMS}, operation_id="give_serial_number"
)
@operation(Can.ASSIGN_SEATS)
def give_serial_number(request: GateRequest, customer: str, number: str, pk: PathId, body: SerialPersonBody) -> SerialNumberOut:
    """Give a serial number to a member, with whom it stays."""
    row = subscription_of(request.actor, number)
    give_serial(request.actor, row, serial=pk, member=body.member, on=request.today)
    [told] = [each for each in serials_of(request.actor, row) if each.id == pk]
    return SerialNumberOut(**_serial(told))


@router.get(ENTITLED, response={200: EntitledOut, **PROBLEMS}, operation_id="entitled")
@operation(Can.ASSIGN_SEATS)
def entitled(request: GateRequest, customer: str, member: PathId, code: str, on: date | None = None) -> EntitledOut:
    """Whether a member was entitled to use a product on a day, today or before (audits)."""
    found = entitled_on(request.actor, member, code, on or request.today, today=request.today)
    reasons, ground = list(found.verdict.reasons), found.verdict.ground
    return EntitledOut(
        member=member,
        product=code,
        on=found.on,
        entitled=found.verdict.may,
        ground=ground.value if ground else None,
        subscription=found.verdict.subscription,
        reasons=reasons,
    )


def _key(told: KeyTold) -> dict[str, Any]:
    return {name: getattr(told, name) for name in LicenceKeyOut.model_fields}


def _serial(told: SerialTold) -> dict[str, Any]:
    return {name: getattr(told, name) for name in SerialNumberOut.model_fields}


def _device(told: DeviceTold) -> DeviceOut:
    return DeviceOut(**{name: getattr(told, name) for name in DeviceOut.model_fields if name != "product"}, product=told.code)
