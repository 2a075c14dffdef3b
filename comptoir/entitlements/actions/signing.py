"""The keys that licence files are signed with: made, followed by the next, withdrawn (docs/licences.md)."""

import json
from datetime import datetime, timedelta

from django.conf import settings

from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.models import House
from comptoir.kernel.recording import record
from comptoir.kernel.sealing import resealed, sealed
from comptoir.permissions import Can

from ..models import FileNumber, SigningKey
from ..queries.signing import next_key, signing_key


@action(Can.KEEP_SIGNING_KEYS, step_up=True)
def rotate_signing_key(actor: Actor, house: House) -> SigningKey:
    """Make the next key: public at once, it signs a day from now, when whoever keeps the keys has fetched it.

    The first of all signs at once. Raises Refused `key_to_come` where the next one is made already.
    """
    at = now()
    if next_key(at) is not None:
        raise Refused("key_to_come")
    ahead = timedelta(hours=settings.LICENCE_KEY_HOURS) if signing_key(at) else timedelta()
    made = make_key(at, at + ahead)
    failpoint("signing_key.made")
    record(Events.SIGNING_KEY_MADE, house, kid=made.kid, signs_from=made.signs_from.isoformat(timespec="seconds"))
    return made


@action(Can.KEEP_SIGNING_KEYS, step_up=True)
def withdraw_signing_key(actor: Actor, house: House, *, kid: str, reason: str) -> SigningKey:
    """Withdraw a key that somebody else may have: it is public no longer, and every file that it signed is revoked.

    Where it was the one that signs, the next one signs at once; it is made where there is none. Raises Refused `reason_missing`,
    `signing_key_unknown`.
    """
    if not reason.strip():
        raise Refused("reason_missing", field="reason", status=422)
    key = SigningKey.objects.filter(kid=kid, withdrawn_at=None).first()
    if key is None:
        raise Refused("signing_key_unknown", params={"kid": kid}, field="kid", status=422)
    at = now()
    signed, coming = signing_key(at), next_key(at)
    key.withdrawn_at, key.withdrawn_because = at, reason.strip()
    key.save(update_fields=["withdrawn_at", "withdrawn_because"])
    ended = FileNumber.objects.filter(key=key, revoked_at=None, ends_at__gt=at).update(revoked_at=at)
    if signed is not None and signed.pk == key.pk:
        # never an earlier one again: nobody knows which of them were taken along
        if coming is None:
            make_key(at, at)
        else:
            coming.signs_from = at
            coming.save(update_fields=["signs_from"])
    failpoint("signing_key.withdrawn")
    record(Events.SIGNING_KEY_WITHDRAWN, house, kid=kid, files=ended, reason=key.withdrawn_because)
    return key


@action(Can.KEEP_SIGNING_KEYS)
def reseal_signing_keys(actor: Actor, house: House) -> House:
    """Seal every key anew with the first of COMPTOIR_SEAL_KEYS, so that the others can go."""
    keys = list(SigningKey.objects.order_by("pk"))
    for key in keys:
        key.private = resealed(key.private)
    SigningKey.objects.bulk_update(keys, ["private"])
    record(Events.SIGNING_KEYS_RESEALED, house, count=len(keys))
    return house


@step
def key_that_signs(at: datetime) -> SigningKey:
    """The key that signs now; the very first is made here."""
    found = signing_key(at)
    if found is None:
        House.objects.select_for_update(no_key=True).get(single=True)  # two that come first make one key
        found = signing_key(at) or make_key(at, at)
    return found


@step
def make_key(at: datetime, signs_from: datetime) -> SigningKey:
    """A new key of Ed25519, its private half sealed."""
    from joserfc.jwk import OKPKey

    made = OKPKey.generate_key("Ed25519", private=True)
    whole = made.as_dict(private=True)
    return SigningKey.objects.create(
        kid=made.thumbprint(),
        public=str(whole["x"]),
        private=sealed(json.dumps({name: whole[name] for name in ("kty", "crv", "x", "d")}).encode()),
        made_at=at,
        signs_from=signs_from,
    )
