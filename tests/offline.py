"""Signed licence files and leases: a row of each, and what the database must not let pass."""

import json
from datetime import date, timedelta

from joserfc.jwk import OKPKey

from comptoir.entitlements.models import Device, FileNumber, Lease, LicenceFile, SigningKey
from comptoir.kernel.clock import now
from comptoir.kernel.sealing import sealed
from tests.cast import Cast
from tests.staying import Copy, copy

FULL = "UPDATE subscriptions_subscription SET seats_now = 1, seats_at_renewal = 1"
SECOND = copy("entitlements_licencefile", number_id="(SELECT max(id) FROM entitlements_filenumber)")
ANOTHER = copy(
    "entitlements_lease",
    number="'other'",
    membership_id="(SELECT max(id) FROM organisations_membership WHERE id <> membership_id)",
)

# constraint -> statements, of which the last one breaks it and nothing else
BREAKS: dict[str, list[str | Copy]] = {
    "entitlements_filenumber_number_key": [copy("entitlements_filenumber")],
    "entitlements_signingkey_kid_key": [copy("entitlements_signingkey")],
    "file_ends_after_it_was_issued": ["UPDATE entitlements_filenumber SET ends_at = issued_at"],
    "lease_borrowed_for_a_day": ["UPDATE entitlements_lease SET borrowed_until = taken_on"],
    "lease_ended_for_a_reason": ["UPDATE entitlements_lease SET ended_at = now()"],
    "lease_is_free_after_it_was_heard": ["UPDATE entitlements_lease SET free_at = heard_at"],
    "lease_number_once": [copy("entitlements_lease", ended_at="now()", why="'returned'")],
    "lease_of_a_person_or_a_key": ["UPDATE entitlements_lease SET membership_id = NULL"],
    "lease_within_seats_kept": [FULL, "UPDATE entitlements_lease SET heard_at = heard_at"],
    "lease_within_seats_taken": [FULL, ANOTHER],
    "licence_file_ended_for_a_reason": ["UPDATE entitlements_licencefile SET ended_at = now()"],
    "licence_file_lasts_a_day": ["UPDATE entitlements_licencefile SET ends_on = issued_on"],
    "entitlements_licencefile_number_id_key": [copy("entitlements_licencefile", ended_at="now()", why="'device'")],
    "one_lease_each": [copy("entitlements_lease", number="'other'")],
    "one_licence_file_per_device": [copy("entitlements_filenumber", number="'m'"), SECOND],
    "key_is_made_before_it_signs": ["UPDATE entitlements_signingkey SET signs_from = made_at - interval '1 second'"],
    "key_is_withdrawn_with_a_reason": ["UPDATE entitlements_signingkey SET withdrawn_at = now()"],
}


def one_row_each(cast: Cast, day: date) -> dict[str, int]:
    """Camille of Atelier Nord, whose wall is open, holds a floating seat and a file for her device."""
    at = now()
    nord = {"organisation": cast.nord}
    private = sealed(json.dumps(OKPKey.generate_key("Ed25519", private=True).as_dict(private=True)).encode())
    key = SigningKey.objects.create(kid="k", public="x", private=private, made_at=at, signs_from=at)
    number = FileNumber.objects.create(number="n", key=key, issued_at=at, ends_at=at + timedelta(days=30))
    used = {"product": cast.sculpt, "place": 3, "fingerprint": "offline", "name": "Laptop", "digest": "offline"}
    device = Device.objects.create(**nord, membership=cast.camille, **used, activated_at=at, last_seen_at=at)
    theirs = {**nord, "subscription": cast.subscription, "membership": cast.camille}
    heard = {"taken_on": day, "taken_at": at, "heard_on": day, "heard_at": at, "free_at": at + timedelta(minutes=15)}
    lease = Lease.objects.create(**theirs, **heard, number="l", fingerprint="offline", device_name="Laptop")
    days = {"issued_on": day, "ends_on": day + timedelta(days=30)}
    file = LicenceFile.objects.create(**theirs, **days, device=device, lease=lease, number=number, text="x.x.x")
    return {"licence_file": file.pk, "lease": lease.pk}
