"""What the vendor's products ask: activate a device, may it run, begin to use it, end it. Outside the customers' addresses.

Whoever asks holds an access token of the portal's OpenID provider with the scope `licences`, a licence key, or the secret of an
activation; the customer is found from it. `docs/licences.md` tells it to the makers of products.
"""

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache, wraps
from typing import Annotated, Any, Literal

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.crypto import salted_hmac
from ninja import Field, Path, Router, Schema
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer
from pydantic import ConfigDict

from comptoir.kernel.api import PROBLEMS, Problem, Text, request_key_of
from comptoir.kernel.clock import business_day, now
from comptoir.kernel.errors import Refused
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.gate import GateRequest, refuse_unprintable
from comptoir.kernel.quick import quick_answer

from ..actions.licences import activate, end_device, note_seen, stop_using, take_over, use
from ..adapters import note_guess, refuse_guesser
from ..queries.bearers import Bearer, bearer_of, caller_of, device_asked, inside, refuse_device
from ..queries.devices import DeviceTold, in_use_elsewhere, living_devices, refuse_elsewhere, told_of
from ..queries.keys import SECRET_PREFIX, digest_of
from ..queries.licences import refuse_unlicensed
from ..queries.quick_check import Quick, may_be_too_old, quick_check
from ..rules.licences import Ground

router = Router(tags=["Licences of the vendor's products"])
ANSWERS = {**PROBLEMS, 429: Problem}
ALL, ONE = "/licences/activations", "/licences/activations/{pk}"
PathId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Code = Annotated[Text, Field(min_length=1, max_length=50)]
Words = Annotated[Text, Field(max_length=200)]


class LicenceBearer(HttpBearer):
    """`Authorization: Bearer <access token | licence key | secret of an activation>`."""

    def authenticate(self, request: HttpRequest, token: str) -> str:
        """The secret itself: the gate looks up whose it is."""
        return token


class ActivationBody(Schema):
    """A device: `fingerprint` is a digest that the product computes, the same for the same device and person."""

    model_config = ConfigDict(extra="forbid")
    product: Code
    fingerprint: Annotated[Text, Field(min_length=16, max_length=200)]
    name: Annotated[Text, Field(min_length=1, max_length=100)]
    platform: Words = ""
    version: Annotated[Text, Field(max_length=50)] = ""


class UseBody(Schema):
    """`take_over`: go on here where another device is in use."""

    model_config = ConfigDict(extra="forbid")
    take_over: bool = False


class DeviceOut(Schema):
    """An activation."""

    id: int
    product: str
    name: str
    platform: str
    version: str
    activated_at: datetime
    last_seen_at: datetime
    in_use: bool
    ended_at: datetime | None


class ActivationOut(DeviceOut):
    """A new activation. `secret` is shown this once; `ground`: by what the product may be used."""

    secret: str
    ground: Ground


class CheckOut(Schema):
    """Yes. `ground`: by what; `device` and `in_use` of the activation that asked; no is a problem with its reasons."""

    allowed: Literal[True]
    ground: Ground
    product: str
    on: str
    device: int | None
    in_use: bool


class UseOut(Schema):
    """The use of a device. It ends by itself at `until` unless it is said again before."""

    id: int
    in_use: bool
    until: datetime | None


class LicenceRequest(GateRequest):
    """A request of a product's, once it is known whose secret it brought."""

    bearer: Bearer
    key: str | None  # that makes it once


def _secret(request: HttpRequest) -> str:
    text: str = request.auth  # type: ignore[attr-defined]
    return text


def by_secret(body: Callable[..., Any]) -> Callable[..., Any]:
    """An operation for whoever holds one of the three; 401 for everybody else, and 429 for who guesses."""

    @wraps(body)
    def run(request: LicenceRequest, *args: Any, **kwargs: Any) -> Any:
        refuse_unprintable(*kwargs.values())
        refuse_guesser(request)
        with transaction.atomic():
            bearer = bearer_of(_secret(request))
            if bearer is not None:
                request.bearer, request.key, request.today = bearer, request_key_of(request), business_day()
                answer = body(request, *args, **kwargs)
                failpoint("gate.before_commit")
        if bearer is None:
            note_guess(request)
            raise AuthenticationError
        failpoint("gate.after_commit")
        return answer

    run.permission = None  # type: ignore[attr-defined]
    return run


@router.post(
    "/licences/activations", auth=LicenceBearer(), response={200: ActivationOut, **ANSWERS}, operation_id="activate_device"
)
@by_secret
def activate_device(request: LicenceRequest, body: ActivationBody) -> ActivationOut:
    """Activate a product on a device: by signing in, or by a licence key. Three devices of one person live at most.

    The same device again gets a new secret; a fourth is refused with the names of the three, until one is ended.
    """
    if request.bearer.device is not None:
        raise AuthenticationError  # an activation activates nothing else
    caller = caller_of(request.bearer, body.product, body.version, request.today, request.key)
    secret = _secret_of(request, body)
    with inside(caller.actor):
        refuse_unlicensed(caller.actor, caller.verdict, caller.wanted)
        told = body.model_dump()
        key = caller.key.pk if caller.key is not None else None
        device = activate(caller.actor, caller.holder, key=key, **told, digest=digest_of(secret), on=request.today)
        shown = secret if device.digest == digest_of(secret) else ""  # a later activation of this device has replaced it
        return ActivationOut(**_device(told_of(device)), secret=shown, ground=_ground(caller.verdict.ground))


def _secret_of(request: LicenceRequest, body: ActivationBody) -> str:
    """A new secret of 256 bits; the twin of a call is told the same one, though it is kept nowhere."""
    if request.key is None:
        return SECRET_PREFIX + secrets.token_urlsafe(32)
    told = json.dumps([_secret(request), request.key, body.product, body.fingerprint])
    made = salted_hmac("comptoir.entitlements.activation", told, algorithm="sha256").digest()
    return SECRET_PREFIX + urlsafe_b64encode(made).decode().rstrip("=")


def _ground(ground: Ground | None) -> Ground:
    return ground or Ground.SEAT


@router.get(ALL, auth=LicenceBearer(), response={200: list[DeviceOut], **ANSWERS}, operation_id="activations")
@by_secret
def activations(request: LicenceRequest, product: Code) -> list[DeviceOut]:
    """The living devices of whoever asks, for one product: to choose which is to be ended."""
    caller = caller_of(request.bearer, product, "", request.today)
    with inside(caller.actor):
        return [DeviceOut(**_device(told)) for told in living_devices(caller.holder, caller.wanted.product.pk)]


@router.get("/licences/check", auth=LicenceBearer(), response={200: CheckOut, **ANSWERS}, operation_id="check_licence")
@by_secret
def check_licence(request: LicenceRequest, product: Code, version: Annotated[Text, Field(max_length=50)] = "") -> CheckOut:
    """May it run? With the secret of an activation this is asked at every start: one look, a thousand times a second.

    403 with every reason in `params.reasons` and who can help; refused at the very next check after a seat was taken back.
    """
    device = request.bearer.device
    caller = caller_of(request.bearer, product, version, request.today)
    with inside(caller.actor):
        refuse_unlicensed(caller.actor, caller.verdict, caller.wanted)
        if device is not None:
            refuse_elsewhere(device)
        told = told_of(device) if device is not None else None
    return CheckOut(
        allowed=True,
        ground=_ground(caller.verdict.ground),
        product=product,
        on=request.today.isoformat(),
        device=device.pk if device is not None else None,
        in_use=told.in_use if told is not None else False,
    )


@lru_cache(maxsize=1_000)
def _asked_of(query: str) -> tuple[str, str]:
    """Product and version in the query of an address. Products and versions are few: each query is read once."""
    told = QueryDict(query)
    return told.get("product", ""), told.get("version", "")


@quick_answer("licences/check")
def quick(request: HttpRequest) -> HttpResponse | None:
    """Yes to an activated device whose person has a seat, in one round trip; everything else is left to the operation."""
    kind, _space, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if kind.lower() != "bearer" or not secret.startswith(SECRET_PREFIX):
        return None
    product, version = _asked_of(request.META["QUERY_STRING"])
    if not (product + version).isprintable():
        return None
    found = quick_check(secret, product)
    if found is None or found.verdict != "yes" or may_be_too_old(found, version):
        return None
    if found.unseen:
        _seen(found, secret)
    told = {"allowed": True, "ground": "seat", "product": product, "on": found.on.isoformat()}
    answer = json.dumps({**told, "device": found.device, "in_use": bool(found.in_use)})
    return HttpResponse(answer, content_type="application/json; charset=utf-8")


def _seen(found: Quick, secret: str) -> None:
    with transaction.atomic():
        bearer = bearer_of(secret)
        if bearer is not None:
            actor, device = device_asked(bearer, found.device)
            with inside(actor):
                note_seen(actor, device, at=now())


@router.post(f"{ONE}/use", auth=LicenceBearer(), response={200: UseOut, **ANSWERS}, operation_id="use_device")
@by_secret
def use_device(request: LicenceRequest, pk: PathId, body: UseBody) -> UseOut:
    """Begin to use it on that device, and say so again every few minutes: one device of a person is in use at a time.

    409 `device_in_use_elsewhere` names the other one; with `take_over` the use moves here.
    """
    actor, device = device_asked(request.bearer, pk, request.key)
    with inside(actor):
        if device.ended_at is not None:
            raise Refused("device_has_ended", status=401)
        refuse_device(request.bearer, _secret(request), actor, device, request.today)
        at = now()
        if body.take_over and in_use_elsewhere(device, at) is not None:
            used = take_over(actor, device, at=at, on=request.today)
        else:
            used = use(actor, device, at=at)
    until = used.used_at + timedelta(minutes=settings.LICENCE_USE_MINUTES) if used.used_at else None
    return UseOut(id=used.pk, in_use=used.in_use, until=until)


@router.api_operation(
    ["DELETE"], f"{ONE}/use", auth=LicenceBearer(), response={200: UseOut, **ANSWERS}, operation_id="stop_using_device"
)
@by_secret
def stop_using_device(request: LicenceRequest, pk: PathId) -> UseOut:
    """The product was closed there: another device may begin at once."""
    actor, device = device_asked(request.bearer, pk, request.key)
    with inside(actor):
        return UseOut(id=pk, in_use=stop_using(actor, device).in_use, until=None)


@router.api_operation(["DELETE"], ONE, auth=LicenceBearer(), response={200: DeviceOut, **ANSWERS}, operation_id="end_activation")
@by_secret
def end_activation(request: LicenceRequest, pk: PathId) -> DeviceOut:
    """End an activation of one's own: its secret is refused from now on, and another device may be activated."""
    actor, device = device_asked(request.bearer, pk, request.key)
    with inside(actor):
        return DeviceOut(**_device(told_of(end_device(actor, device, on=request.today))))


def _device(told: DeviceTold) -> dict[str, Any]:
    return {**{name: getattr(told, name) for name in DeviceOut.model_fields if name != "product"}, "product": told.code}
