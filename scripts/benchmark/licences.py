"""The licence check: how many a second, of how many different people, against the bare one-query page of the same run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

from .load import Load, Served
from .place import Place, Serving
from .report import Figure

DEVICES = 20_000
# people with a seat of something that works, each with one device; the secret is made of the member's number
ACTIVATED = """
INSERT INTO entitlements_device (organisation_id, membership_id, product_id, place, fingerprint, name, platform, version, digest,
    activated_at, last_seen_at, in_use)
SELECT DISTINCT ON (a.membership_id, s.product_id) a.organisation_id, a.membership_id, s.product_id, 1, 'bench-0123456789',
    'Bench', 'linux', '', encode(sha256(convert_to('cpta_' || a.membership_id || '-' || s.product_id, 'UTF8')), 'hex'),
    now(), now(), false
FROM entitlements_assignment a
JOIN subscriptions_subscription s ON s.id = a.subscription_id
JOIN organisations_organisation o ON o.id = a.organisation_id
JOIN organisations_membership m ON m.id = a.membership_id
WHERE o.number = %s AND a.ended_on IS NULL AND NOT a.waiting AND m.left_on IS NULL AND m.active
AND s.renews_on > %s AND s.lapses_on > %s AND s.ended_on IS NULL
LIMIT %s RETURNING membership_id, product_id
"""
CODES = "SELECT id, code FROM catalogue_product"
# as a database leaves them that has been at work for a day: rows just written cost who reads them first
SETTLED = "VACUUM ANALYZE entitlements_device, entitlements_assignment, subscriptions_subscription, subscriptions_seatentry"


def licence_checks(
    place: Place, visitor: Any, server: Serving, day: str, bar: float, seconds: float, load: Callable[[Load, str], Served]
) -> list[Figure]:
    """Checks of as many people as have a seat, each with the secret of their own device, at random."""
    codes = dict(place.ask(CODES))
    made = place.ask(ACTIVATED, visitor.customer, day, day, DEVICES)
    with psycopg.connect(place.owner_url, autocommit=True) as owner:
        owner.execute(SETTLED)
    requests = [
        f"GET /api/v1/licences/check?product={codes[product]}&version=2099 HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        f"Authorization: Bearer cpta_{member}-{product}\r\n\r\n"
        for member, product in made
    ]
    before = server.cpu_seconds()
    served = load(Load(server.port, 16, seconds, requests), f"licence checks of {len(made):,} devices")
    cpu = (server.cpu_seconds() - before) / max(1, served.answers) * 1000
    note = f"of {len(made):,} devices; p50 {served.p50_ms:.0f}, p95 {served.p95_ms:.0f} ms; {cpu:.2f} ms of CPU each"
    least = max(900.0, 0.6 * bar)
    return [Figure("licence check", served.per_second, "/s", bar, "bare Django", least, note=note)]
