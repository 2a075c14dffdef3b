"""The keys that licence files are signed with, what is signed, and which files are revoked (rules 9, docs/licences.md)."""

import json
import warnings
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from comptoir.kernel.sealing import unsealed

from ..models import FileNumber, SigningKey

if TYPE_CHECKING:
    from joserfc.jwk import OKPKey

ALGORITHM = "EdDSA"
REVOCATIONS = "comptoir-revocations+jwt"
NEXT_LIST = timedelta(hours=24)  # by then whoever keeps the list fetches it anew


def signing_key(at: datetime) -> SigningKey | None:
    """The key that signs at that moment: the newest whose time has come. One query."""
    return SigningKey.objects.filter(withdrawn_at=None, signs_from__lte=at).order_by("-signs_from", "-pk").first()


def public_keys(at: datetime) -> list[SigningKey]:
    """The keys that files are checked with: the one that signs, those to come, and each one until its last file has ended."""
    current = signing_key(at)
    running = FileNumber.objects.filter(key=OuterRef("pk"), ends_at__gt=at)
    counts = Q(signs_from__gt=at) | Q(pk=current.pk if current else None) | Exists(running)
    return list(SigningKey.objects.filter(counts, withdrawn_at=None).order_by("signs_from", "pk"))


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

    return OKPKey.import_key(json.loads(unsealed(key.private)))
