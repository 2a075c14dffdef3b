"""Keys, devices, licence files and leases as a story leaves them, and how each check of `comptoir verify` is broken."""

import secrets
from datetime import date

from comptoir.entitlements.actions.leases import borrow_lease, return_lease, take_lease
from comptoir.entitlements.actions.licences import activate, end_device, make_key, use
from comptoir.entitlements.actions.offline import issue_file, revoke_file
from comptoir.entitlements.actions.signing import rotate_signing_key, withdraw_signing_key
from comptoir.entitlements.models import Device, LicenceKey
from comptoir.entitlements.queries.bearers import actor_of, opening_of, person_in
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.house import the_house
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership
from comptoir.subscriptions.models import Subscription
from tests import lent
from tests.cast import Cast, seat


def ran_offline_and_floated(cast: Cast, manager: Actor, day: date) -> None:
    """Camille (the manager) carries files to a ship; a machine has a key and a file; Oskar takes a floating seat along."""
    seat(cast.subscription, cast.camille)
    _carries_files(cast, manager, day)
    _a_machine_too(cast, manager, day)
    with wall_opened(read=[cast.est.pk], write=cast.est.pk):
        Subscription.objects.filter(pk=cast.foreign_subscription.pk).update(sharing="multi_user")
        cast.foreign_subscription.refresh_from_db()
    _floats(cast, day)


def _activated(actor: Actor, holder: Membership | LicenceKey, name: str, day: date) -> Device:
    told = {"name": name, "platform": "", "version": "", "digest": secrets.token_hex()}
    return activate(actor, holder, key=None, product="SCLT", fingerprint=f"a print of {name}", **told, on=day)


def _carries_files(cast: Cast, manager: Actor, day: date) -> None:
    own = person_in(cast.camille)
    with wall_opened(house=True):
        first = rotate_signing_key(Actor.operator(), the_house())
    with wall_opened(**opening_of(own)):
        desk, ship, old = (_activated(own, cast.camille, name, day) for name in ("Desk", "Ship", "Old"))
        issue_file(own, cast.subscription, device=ship.pk, on=day)
    with wall_opened(house=True):
        withdraw_signing_key(Actor.operator(), the_house(), kid=first.kid, reason="A laptop was stolen")
    with wall_opened(**opening_of(own)):
        use(own, desk, at=now())
        for device in (ship, ship, old):
            issue_file(own, cast.subscription, device=device.pk, on=day)
        third = issue_file(own, cast.subscription, device=desk.pk, on=day)
        revoke_file(manager, cast.subscription, file=third.pk, on=day)
        end_device(own, old, on=day)


def _a_machine_too(cast: Cast, manager: Actor, day: date) -> None:
    with wall_opened(**opening_of(manager)):
        told = {"name": "Render farm", "digest": "of a farm", "ending": "FARM"}
        key = make_key(manager, cast.subscription, member=None, **told, on=day)
    machine = actor_of(key)
    with wall_opened(**opening_of(machine)):
        farm = _activated(machine, key, "Farm", day)
        issue_file(machine, cast.subscription, device=farm.pk, on=day)


def _floats(cast: Cast, day: date) -> None:
    oskar, line = person_in(cast.oskar), cast.foreign_subscription
    with wall_opened(**opening_of(oskar)):
        for borrows in (False, True):
            lease = take_lease(oskar, line, fingerprint="a print of Sea", name="Sea", on=day)
            if borrows:
                sea = _activated(oskar, cast.oskar, "Sea", day)
                borrow_lease(oskar, line, lease=lease.pk, device=sea.pk, days=7, on=day)
            else:
                return_lease(oskar, line, lease=lease.pk, on=day)


def _off(table: str) -> str:
    return f"ALTER TABLE {table} DISABLE TRIGGER USER"


DEVICE, FILE, LEASE, NUMBER = (f"entitlements_{name}" for name in ("device", "licencefile", "lease", "filenumber"))
HELD = f"UPDATE {FILE} SET {{}} WHERE ended_at IS NULL AND lease_id IS NULL"
LENT = f"UPDATE {LEASE} SET {{}} WHERE ended_at IS NULL"
LEFT = "UPDATE organisations_membership SET left_on = joined_on WHERE id IN (SELECT membership_id FROM {})"
KEYS = "UPDATE entitlements_signingkey SET {}"
COLUMNS = "organisation_id, membership_id, product_id, fingerprint, name, platform, version, activated_at, last_seen_at, used_at"
ANOTHER = (
    f"INSERT INTO {DEVICE} ({COLUMNS}, in_use, place, digest) SELECT {COLUMNS}, in_use, 3, name || {{}} FROM {DEVICE} "
    "WHERE membership_id IS NOT NULL AND ended_at IS NULL AND name = 'Desk' AND place < 3"
)
LEASES = "organisation_id, subscription_id, membership_id, fingerprint, device_name, taken_on, taken_at, heard_on, heard_at"
MORE_LEASES = (
    f"INSERT INTO {LEASE} ({LEASES}, free_at, why, number) SELECT {LEASES}, free_at, '', 'more' || nth "
    f"FROM {LEASE}, generate_series(1, {{}}) nth WHERE ended_at IS NULL"
)

# how each check of seats, devices, licence files and leases is broken, for `comptoir verify`
BREAKS: dict[str, list[list[str]]] = {
    "no_more_people_than_seats": [
        [
            "ALTER TABLE subscriptions_subscription DROP CONSTRAINT at_least_one_seat",
            "UPDATE subscriptions_subscription SET seats_now = 1",
        ]
    ],
    "no_more_home_use_than_seats": [lent.MORE_THAN_SEATS],
    "seat_ended_after_given": [
        ["UPDATE entitlements_assignment SET ended_on = given_on - 1"],
        ["UPDATE entitlements_assignment SET given_on = '2020-01-01'"],
    ],
    "devices_at_most_three": [
        [
            *(f"DROP INDEX {name}" for name in ("one_device_in_a_place", "device_activated_once", "one_device_in_use")),
            f"UPDATE {DEVICE} SET in_use = false",
            *(ANOTHER.format(f"'{nth}'") for nth in range(2)),
        ],
        [
            *(f"DROP INDEX {name}" for name in ("one_device_in_a_place", "device_activated_once", "one_device_in_use")),
            f"UPDATE {DEVICE} SET ended_at = now(), in_use = false WHERE name = 'Ship'",
            ANOTHER.format("'x'"),
        ],
    ],
    "ended_devices_are_not_used": [
        [f"ALTER TABLE {DEVICE} DROP CONSTRAINT device_in_use_lives", f"UPDATE {DEVICE} SET ended_at = now() WHERE in_use"],
        ["UPDATE entitlements_licencekey SET ended_at = now()"],
    ],
    "licence_files_had_their_ground": [
        ["UPDATE entitlements_assignment SET ended_on = given_on - 1"],
        ["UPDATE entitlements_assignment SET given_on = given_on + 1"],
        ["UPDATE entitlements_assignment SET waiting = true"],
        ["UPDATE entitlements_licencekey SET made_on = made_on + 1"],
        ["UPDATE entitlements_licencekey SET ended_at = '2020-01-01'"],
        [f"UPDATE {DEVICE} SET activated_at = activated_at + interval '1 hour' WHERE ended_at IS NULL"],
        [f"UPDATE {DEVICE} SET membership_id = NULL, key_id = (SELECT id FROM entitlements_licencekey) WHERE name = 'Ship'"],
        [_off(LEASE), LENT.format("taken_at = taken_at + interval '1 hour'")],
        [_off(LEASE), f"UPDATE {FILE} SET lease_id = NULL WHERE lease_id IS NOT NULL"],
    ],
    "licence_files_revoked_in_the_list": [
        [f"UPDATE {NUMBER} SET revoked_at = NULL WHERE revoked_at IS NOT NULL"],
        [f"UPDATE {NUMBER} SET revoked_at = now() WHERE id IN (SELECT number_id FROM {FILE} WHERE ended_at IS NULL)"],
        [f"UPDATE {NUMBER} SET revoked_at = issued_at - interval '1 second'"],
        [f"DELETE FROM {FILE}"],
        [HELD.format("ended_at = now(), why = 'seat'")],
    ],
    "licence_files_signed_by_a_key_of_then": [
        [KEYS.format("signs_from = signs_from + interval '1 hour'")],
        [KEYS.format("withdrawn_at = '2020-01-01', withdrawn_because = 'x'")],
        [f"UPDATE {NUMBER} SET revoked_at = NULL"],
    ],
    "licence_files_are_what_was_signed": [
        [HELD.format("text = text || 'x'")],
        [HELD.format("text = 'no file'")],
        [f"UPDATE {NUMBER} SET key_id = (SELECT min(id) FROM entitlements_signingkey)"],
        [f"UPDATE {NUMBER} SET number = md5(number)"],
        [f"UPDATE {NUMBER} SET ends_at = ends_at + interval '1 day'"],
        [f"UPDATE {DEVICE} SET fingerprint = 'another' WHERE name = 'Ship'"],
    ],
    "signing_keys_open": [
        [KEYS.format("private = 'sealed by somebody else'")],
        [KEYS.format("public = 'another one'")],
    ],
    "revoked_files_are_published": [
        [
            f"INSERT INTO {NUMBER} (number, key_id, issued_at, ends_at, revoked_at) "
            f"SELECT 'of nobody', key_id, issued_at, ends_at, now() FROM {NUMBER} LIMIT 1"
        ],
    ],
    "no_more_leases_than_seats": [
        [_off(LEASE), "DROP INDEX one_lease_each", MORE_LEASES.format(12)],
        [
            _off(LEASE),
            "DROP INDEX one_lease_each",
            MORE_LEASES.format(12),
            LENT.format("borrowed_until = taken_on + 3, heard_at = taken_at - interval '1 second'"),
        ],
    ],
    "leases_borrowed_within_their_limit": [
        [_off(LEASE), LENT.format("borrowed_until = taken_on + 31")],
        [_off(LEASE), LENT.format("borrowed_until = borrowed_until - 1")],
        [f"UPDATE {FILE} SET ends_on = ends_on + 1 WHERE lease_id IS NOT NULL"],
        [f"UPDATE {FILE} SET lease_id = NULL WHERE lease_id IS NOT NULL"],
    ],
    "one_lease_each": [
        [_off(LEASE), "DROP INDEX one_lease_each", MORE_LEASES.format(1)],
        [
            "UPDATE organisations_membership SET left_on = joined_on "
            f"WHERE id IN (SELECT membership_id FROM {LEASE} WHERE ended_at IS NULL)"
        ],
    ],
    "who_left_holds_nothing": [
        [LEFT.format("entitlements_assignment WHERE ended_on IS NULL")],
        [LEFT.format("entitlements_device WHERE ended_at IS NULL")],
    ],
}
