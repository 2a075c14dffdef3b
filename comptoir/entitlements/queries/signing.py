"""The keys that licence files are signed with, what is signed, and which files are revoked (rules 9, docs/licences.md)."""

import json
import logging
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Count, Exists, Max, OuterRef, Q

from comptoir.kernel.errors import HouseRule, Refused
from comptoir.kernel.sealing import unsealed

from ..models import FileNumber, SigningKey
from ..rules.offline import KeyState

if TYPE_CHECKING:
    from joserfc.jwk import OKPKey

log = logging.getLogger(__name__)
ALGORITHM = "EdDSA"
REVOCATIONS = "comptoir-revocations+jwt"
NEXT_LIST = timedelta(hours=24)  # by then whoever keeps the list fetches it anew


def signing_key(at: datetime) -> SigningKey | None:
    """The key that signs at that moment: the newest whose time has come. One query."""
    return SigningKey.objects.filter(withdrawn_at=None, signs_from__lte=at).order_by("-signs_from", "-pk").first()


def next_key(at: datetime) -> SigningKey | None:
    """The key that is made and does not sign yet. One query."""
    return SigningKey.objects.filter(withdrawn_at=None, signs_from__gt=at).order_by("signs_from", "pk").first()


def public_keys(at: datetime) -> list[SigningKey]:
    """The keys that files are checked with: the one that signs, those to come, and each one until its last file has ended."""
    current = signing_key(at)
    running = FileNumber.objects.filter(key=OuterRef("pk"), ends_at__gt=at)
    counts = Q(signs_from__gt=at) | Q(pk=current.pk if current else None) | Exists(running)
    return list(SigningKey.objects.filter(counts, withdrawn_at=None).order_by("signs_from", "pk"))


@dataclass(frozen=True, slots=True)
class KeyTold:
    """A key as the desk and the operator are told of it. `files`: those that it signed and that somebody can still use."""

    kid: str
    state: KeyState
    made_at: datetime
    signs_from: datetime
    signed_until: datetime | None  # when the next one took over
    files: int
    last_ends_at: datetime | None  # of those files
    withdrawn_at: datetime | None
    because: str


def keys_told(at: datetime) -> list[KeyTold]:
    """Every key, the newest first. Four queries."""
    current, public = signing_key(at), {key.pk for key in public_keys(at)}
    lasting = FileNumber.objects.filter(ends_at__gt=at, revoked_at=None).order_by().values("key_id")
    counts = lasting.annotate(files=Count("pk"), last=Max("ends_at")).values_list("key_id", "files", "last")
    counted = {pk: (files, last) for pk, files, last in counts}
    found: list[KeyTold] = []
    after: datetime | None = None
    for key in SigningKey.objects.order_by("-signs_from", "-pk"):
        state = _state(key, current, at, is_public=key.pk in public)
        over = [each for each in (after, key.withdrawn_at) if each is not None and state not in {KeyState.NEXT, KeyState.SIGNS}]
        days = (key.made_at, key.signs_from, min(over, default=None))
        files, last = counted.get(key.pk, (0, None))
        found.append(KeyTold(key.kid, state, *days, files, last, key.withdrawn_at, key.withdrawn_because))
        after = after if key.withdrawn_at else key.signs_from
    return found


def _state(key: SigningKey, current: SigningKey | None, at: datetime, *, is_public: bool) -> KeyState:
    if key.withdrawn_at is not None:
        return KeyState.WITHDRAWN
    if key.signs_from > at:
        return KeyState.NEXT
    if current is not None and key.pk == current.pk:
        return KeyState.SIGNS
    return KeyState.VERIFIES if is_public else KeyState.PAST


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What withdrawing a key would do. `then`: the key that is to come and signs at once, None: another one is made for it.

    Whoever keeps the list of revoked files refuses them by `refused_by` at the latest.
    """

    key: KeyTold
    then: str | None
    refused_by: datetime


def withdrawal_of(kid: str, at: datetime) -> Withdrawal:
    """The preview of it. Raises SigningKey.DoesNotExist for a key that is unknown or withdrawn already."""
    key = next((each for each in keys_told(at) if each.kid == kid and each.state != KeyState.WITHDRAWN), None)
    if key is None:
        raise SigningKey.DoesNotExist
    coming = next_key(at)
    return Withdrawal(key, coming.kid if coming else None, at + NEXT_LIST)


def key_set(at: datetime) -> dict[str, list[dict[str, str]]]:
    """These keys as a JWK set (RFC 7517, 8037)."""
    told = {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": ALGORITHM}
    return {"keys": [{**told, "kid": key.kid, "x": key.public} for key in public_keys(at)]}


def revoked(at: datetime) -> Sequence[str]:
    """The numbers of the files that were revoked and would not have ended yet. One query."""
    rows = FileNumber.objects.filter(ends_at__gt=at, revoked_at__isnull=False)
    return list(rows.order_by("number").values_list("number", flat=True))


def revocation_list(at: datetime) -> str | None:
    """They as a signed document; None as long as there is no key."""
    key = signing_key(at)
    if key is None:
        return None
    told = {
        "iss": settings.BASE_URL,
        "iat": int(at.timestamp()),
        "exp": int((at + NEXT_LIST).timestamp()),
        "revoked": revoked(at),
    }
    return signed(key, told, REVOCATIONS)


def signed(key: SigningKey, told: Mapping[str, Any], kind: str) -> str:
    """These claims as a compact JWS (RFC 7515) of that `typ`, signed with Ed25519."""
    from joserfc import jws

    header = {"alg": ALGORITHM, "typ": kind, "kid": key.kid}
    payload = json.dumps(told, separators=(",", ":"), ensure_ascii=False)
    with warnings.catch_warnings():
        # RFC 9864 would say Ed25519 for it, which the libraries of most products don't know yet
        warnings.simplefilter("ignore")
        return jws.serialize_compact(header, payload, _private(key), algorithms=[ALGORITHM])


def _private(key: SigningKey) -> "OKPKey":
    from joserfc.jwk import OKPKey

    try:
        return OKPKey.import_key(json.loads(unsealed(key.private)))
    except HouseRule as sealed:  # a restored copy without the key that sealed it: told to whoever waits, and by `verify`
        log.error("the key %s of licence files can't be opened: %s", key.kid, sealed)
        raise Refused("signing_key_shut", status=503) from None


def opens(key: SigningKey) -> bool:
    """Whether a key's private half can be opened here, and is that of its public one."""
    try:
        return str(_private(key).as_dict(private=False)["x"]) == key.public
    except (Refused, ValueError):
        return False
