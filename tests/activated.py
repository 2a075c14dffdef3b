"""Keys, devices and serial numbers: a row of each, and what the database must not let pass."""

from datetime import date

from comptoir.entitlements.models import Device, LicenceKey, SerialNumber
from comptoir.kernel.clock import now
from tests.cast import Cast
from tests.staying import Copy

COLUMNS = ("organisation_id", "membership_id", "key_id", "product_id", "place", "fingerprint", "name", "platform", "version")
MORE = ("digest", "activated_at", "last_seen_at", "in_use", "used_at", "ended_at")


def _another(name: str, **changed: str) -> str:
    """A second device like that one, with a secret of its own."""
    told = {"digest": "'another'", "place": "2", "fingerprint": "'another'", "in_use": "false", **changed}
    values = ", ".join(told.get(column, column) for column in (*COLUMNS, *MORE))
    listed = ", ".join((*COLUMNS, *MORE))
    return f"INSERT INTO entitlements_device ({listed}) SELECT {values} FROM entitlements_device WHERE name = '{name}'"


# constraint -> statements, of which the last one breaks it and nothing else
BREAKS: dict[str, list[str | Copy]] = {
    "device_activated_once": [_another("Desk", fingerprint="fingerprint")],
    "device_ends_after_it_was_activated": [
        "UPDATE entitlements_device SET in_use = false, ended_at = activated_at - interval '1 second' WHERE name = 'Desk'"
    ],
    "device_has_one_of_three_places": [_another("Desk", place="4")],
    "device_in_use_lives": ["UPDATE entitlements_device SET used_at = NULL WHERE name = 'Desk'"],
    "device_of_a_key_activated_once": [_another("Machine", fingerprint="fingerprint")],
    "device_of_a_person_or_a_key": ["UPDATE entitlements_device SET key_id = NULL WHERE name = 'Machine'"],
    "entitlements_device_digest_key": [_another("Desk", digest="digest")],
    "entitlements_licencekey_digest_key": [
        "INSERT INTO entitlements_licencekey (organisation_id, subscription_id, name, digest, ending, made_on) "
        "SELECT organisation_id, subscription_id, name, digest, ending, made_on FROM entitlements_licencekey LIMIT 1"
    ],
    "one_device_in_a_place": [_another("Desk", place="place")],
    "one_device_in_use": [_another("Desk", in_use="true")],
    "one_device_of_a_key_in_a_place": [_another("Machine", place="place")],
    "one_device_of_a_key_in_use": [_another("Machine", in_use="true")],
    "serial_given_to_somebody_on_a_day": ["UPDATE entitlements_serialnumber SET given_on = NULL WHERE number = 'S-GIVEN'"],
}


def one_row_each(cast: Cast, day: date) -> dict[str, int]:
    """Emil of Atelier Nord, whose wall is open, has a key and works on a device with it; a machine has a key of its own."""
    at = now()
    nord = {"organisation": cast.nord}
    theirs = {**nord, "subscription": cast.subscription, "made_on": day, "ending": "AB12"}
    key = LicenceKey.objects.create(**theirs, membership=cast.emil, name="Emil", digest="of-emil")
    machine = LicenceKey.objects.create(**theirs, name="Build machine", digest="of-a-machine")
    used = {**nord, "product": cast.sculpt, "place": 1, "activated_at": at, "last_seen_at": at, "in_use": True, "used_at": at}
    device = Device.objects.create(**used, membership=cast.emil, key=key, fingerprint="desk", name="Desk", digest="desk")
    Device.objects.create(**used, key=machine, fingerprint="machine", name="Machine", digest="machine")
    lent = {**nord, "subscription": cast.subscription, "membership": cast.emil, "given_on": day}
    serial = SerialNumber.objects.create(**lent, number="S-GIVEN")
    return {"licence_key": key.pk, "device": device.pk, "serial": serial.pk}
