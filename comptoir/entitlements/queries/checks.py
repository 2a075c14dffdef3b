"""What `comptoir verify` recomputes of seats, devices, licence files and leases (rules 9, docs/licences.md)."""

import secrets
import warnings
from collections.abc import Iterator

from django.conf import settings

from comptoir.kernel.clock import now
from comptoir.kernel.verifying import check, check_by, whole_asked

from ..models import LicenceFile, SigningKey
from ..rules.licences import DEVICES_EACH
from .signing import ALGORITHM, opens, revoked

SAMPLE = 50  # files whose signature is checked each time; `--whole` checks all

check(
    "no_more_people_than_seats",
    "No subscription has more people on its seats than seats.",
    """
    SELECT 'subscription ' || s.number || ': ' || count(*) || ' people, ' || s.seats_now || ' seats'
    FROM entitlements_assignment a JOIN subscriptions_subscription s ON s.id = a.subscription_id
    WHERE a.ended_on IS NULL AND NOT a.waiting GROUP BY s.id HAVING count(*) > s.seats_now
    """,
)
check(
    "occupancy_of_subscriptions",
    "How many sit and wait is kept with each subscription, and that there are more people than seats, today or at its renewal.",
    """
    SELECT 'subscription ' || s.number FROM subscriptions_subscription s
    LEFT JOIN (SELECT subscription_id, count(*) FILTER (WHERE NOT waiting) AS people, count(*) FILTER (WHERE waiting) AS in_line
               FROM entitlements_assignment WHERE ended_on IS NULL GROUP BY subscription_id) a ON a.subscription_id = s.id
    LEFT JOIN subscriptions_occupancy o ON o.subscription_id = s.id
    WHERE (coalesce(o.people, 0), coalesce(o.in_line, 0), coalesce(o.crowded, false)) <>
          (coalesce(a.people, 0), coalesce(a.in_line, 0), coalesce(a.people, 0) > least(s.seats_now, s.seats_at_renewal))
    """,
)
check(
    "seat_ended_after_given",
    "A seat is not taken back before it was given, and the seat ledger had begun when it was given.",
    """
    SELECT 'assignment ' || a.id FROM entitlements_assignment a
    WHERE a.ended_on < a.given_on
       OR a.given_on < (SELECT min(e."on") FROM subscriptions_seatentry e WHERE e.subscription_id = a.subscription_id)
    """,
)
check(
    "no_more_home_use_than_seats",
    "On the day on which a home-use licence was given, no more ran than its subscription had seats.",
    """
    SELECT 'home-use licence ' || u.id || ' of subscription ' || s.number
    FROM entitlements_useright u JOIN subscriptions_subscription s ON s.id = u.subscription_id
    WHERE u.kind = 'home' AND (
        SELECT count(*) FROM entitlements_useright o WHERE o.subscription_id = u.subscription_id AND o.kind = 'home'
        AND o.ends_on > u.given_on AND (o.given_on, o.id) <= (u.given_on, u.id)
    ) > coalesce((
        SELECT max(e.seats_now) FROM subscriptions_seatentry e
        WHERE e.subscription_id = u.subscription_id AND e."on" <= u.given_on AND e.seq >= coalesce((
            SELECT max(b.seq) FROM subscriptions_seatentry b WHERE b.subscription_id = u.subscription_id AND b."on" < u.given_on
        ), 0)
    ), 0)
    """,
)
check(
    "devices_at_most_three",
    "A person, or a key without one, has at most three living devices of a product, and uses one of them at a time.",
    f"""
    SELECT 'the devices of ' || coalesce('member ' || d.membership_id, 'key ' || d.key_id) || ': ' || count(*) || ', '
        || count(*) FILTER (WHERE d.in_use) || ' in use'
    FROM (SELECT membership_id, CASE WHEN membership_id IS NULL THEN key_id END AS key_id, product_id, in_use
          FROM entitlements_device WHERE ended_at IS NULL) d
    GROUP BY d.membership_id, d.key_id, d.product_id
    HAVING count(*) > {DEVICES_EACH} OR count(*) FILTER (WHERE d.in_use) > 1
    """,
)
check(
    "ended_devices_are_not_used",
    "Nothing that was activated with a key outlives it, and nothing that has ended is in use.",
    """
    SELECT 'device ' || d.id FROM entitlements_device d LEFT JOIN entitlements_licencekey k ON k.id = d.key_id
    WHERE d.ended_at IS NOT NULL AND d.in_use
       OR d.ended_at IS NULL AND d.membership_id IS NULL AND k.ended_at IS NOT NULL
    """,
)
check(
    "licence_files_had_their_ground",
    "When a licence file was signed its device lived, and its seat, its key or its lease was held.",
    """
    SELECT 'licence file ' || f.id || ' of device ' || f.device_id
    FROM entitlements_licencefile f JOIN entitlements_filenumber n ON n.id = f.number_id
    JOIN entitlements_device d ON d.id = f.device_id
    LEFT JOIN entitlements_lease l ON l.id = f.lease_id
    WHERE NOT (
        -- what had ended before two accounts became one stays with the one that was closed
        f.ended_at IS NOT NULL AND d.membership_id IS DISTINCT FROM f.membership_id AND EXISTS (
            SELECT 1 FROM organisations_membership m WHERE m.id = f.membership_id AND m.left_on IS NOT NULL)
    ) AND (
        d.membership_id IS DISTINCT FROM f.membership_id OR d.activated_at > n.issued_at OR d.ended_at < n.issued_at
        OR CASE
            WHEN f.lease_id IS NOT NULL THEN
                l.subscription_id <> f.subscription_id OR l.taken_at > n.issued_at OR l.ended_at < n.issued_at
                OR l.membership_id IS DISTINCT FROM f.membership_id OR l.key_id IS DISTINCT FROM
                    CASE WHEN f.membership_id IS NULL THEN d.key_id END
            WHEN f.membership_id IS NOT NULL THEN NOT EXISTS (
                SELECT 1 FROM entitlements_assignment a
                WHERE a.organisation_id = f.organisation_id AND a.subscription_id = f.subscription_id
                AND a.membership_id = f.membership_id AND NOT a.waiting
                AND a.given_on <= f.issued_on AND (a.ended_on IS NULL OR a.ended_on >= f.issued_on))
            ELSE NOT EXISTS (
                SELECT 1 FROM entitlements_licencekey k
                WHERE k.id = d.key_id AND k.subscription_id = f.subscription_id AND k.membership_id IS NULL
                AND k.made_on <= f.issued_on AND (k.ended_at IS NULL OR k.ended_at >= n.issued_at))
        END
    )
    """,
)
check(
    "licence_files_revoked_in_the_list",
    "A licence file that ended before its time is on the list of revoked files; what is on it has ended, or lost its key.",
    """
    SELECT 'licence file ' || coalesce(f.id::text, 'number ' || n.number)
    FROM entitlements_filenumber n LEFT JOIN entitlements_licencefile f ON f.number_id = n.id
    JOIN entitlements_signingkey k ON k.id = n.key_id
    WHERE f.id IS NULL
       OR f.ended_at < n.ends_at AND f.why <> 'renewed' AND n.revoked_at IS NULL
       OR n.revoked_at IS NOT NULL AND f.ended_at IS NULL AND k.withdrawn_at IS NULL
       OR n.revoked_at < n.issued_at
    """,
)
check(
    "licence_files_signed_by_a_key_of_then",
    "A licence file was signed by a key whose time had come and that had not been withdrawn; a withdrawn key left no file open.",
    """
    SELECT 'licence file ' || n.number || ', key ' || k.kid
    FROM entitlements_filenumber n JOIN entitlements_signingkey k ON k.id = n.key_id
    WHERE k.signs_from > n.issued_at OR k.withdrawn_at < n.issued_at
       OR k.withdrawn_at IS NOT NULL AND n.revoked_at IS NULL AND n.ends_at > k.withdrawn_at
    """,
)


@check_by("licence_files_are_what_was_signed", "A licence file bears the signature of its key, and says what its row says.")
def files_of_another_hand() -> Iterator[str]:
    """Files whose signature or whose claims are others than those of their rows."""
    rows = LicenceFile.objects.select_related("number__key", "device__product", "subscription").order_by("-pk")
    if not whole_asked():
        known = list(rows.values_list("pk", flat=True))
        rows = rows.filter(pk__in=secrets.SystemRandom().sample(known, min(SAMPLE, len(known))))
    for row in rows.iterator():
        if why := _differs(row):
            yield f"licence file {row.pk}: {why}"


def _differs(row: LicenceFile) -> str:
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import OKPKey

    number, key = row.number, row.number.key
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            public = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": key.public})
            read = jwt.decode(row.text, public, algorithms=[ALGORITHM])
    except (JoseError, ValueError):
        return f"it does not bear the signature of key {key.kid}"
    told = {
        "jti": number.number,
        "aud": row.device.product.code,
        "device": row.device.fingerprint,
        "subscription": row.subscription.number,
        "exp": int(number.ends_at.timestamp()),
    }
    wrong = [name for name, value in told.items() if read.claims.get(name) != value]
    if read.header.get("kid") != key.kid:
        wrong.append("kid")
    return f"it says another {', '.join(wrong)}" if wrong else ""


@check_by("signing_keys_open", "Every key of licence files that was not withdrawn can be opened with COMPTOIR_SEAL_KEYS.")
def keys_that_are_shut() -> Iterator[str]:
    """Keys that this copy can't sign with."""
    for key in SigningKey.objects.filter(withdrawn_at=None).order_by("pk"):
        if not opens(key):
            yield f"key {key.kid} was sealed with a key that is not among COMPTOIR_SEAL_KEYS, or is another one's"


@check_by("revoked_files_are_published", "The list of revoked files names every revoked file that has not ended, and no other.")
def list_differs() -> Iterator[str]:
    """Numbers that are on one side alone."""
    at = now()
    ended = LicenceFile.objects.filter(number__ends_at__gt=at, number__revoked_at__lte=at)
    here, there = set(ended.values_list("number__number", flat=True)), set(revoked(at))
    yield from (f"number {each} is revoked and not on the list" for each in sorted(here - there))
    yield from (f"number {each} is on the list and of no file" for each in sorted(there - here))


_SEATS_SINCE = """coalesce((
        SELECT max(e.seats_now) FROM subscriptions_seatentry e
        WHERE e.subscription_id = {subscription} AND e.seq >= coalesce((
            SELECT max(b.seq) FROM subscriptions_seatentry b WHERE b.subscription_id = {subscription} AND b."on" < {day}
        ), 0)
    ), 0)"""

check(
    "no_more_leases_than_seats",
    "When a lease was last heard of there was a seat for it, after people and earlier leases; what is borrowed stays free.",
    f"""
    SELECT 'lease ' || l.number || ' of subscription ' || s.number
    FROM entitlements_lease l JOIN subscriptions_subscription s ON s.id = l.subscription_id
    WHERE l.ended_at IS NULL AND 1 + (
        SELECT count(*) FROM entitlements_assignment a
        WHERE a.subscription_id = l.subscription_id AND NOT a.waiting AND a.given_on < l.heard_on
        AND (a.ended_on IS NULL OR a.ended_on > l.heard_on)
    ) + (
        SELECT count(*) FROM entitlements_lease o
        WHERE o.subscription_id = l.subscription_id AND o.id < l.id AND o.taken_at <= l.heard_at
        AND (o.ended_at IS NULL OR o.ended_at > l.heard_at)
        AND CASE WHEN o.borrowed_until IS NOT NULL THEN o.borrowed_until > l.heard_on ELSE o.free_at > l.heard_at END
    ) > {_SEATS_SINCE.format(subscription="l.subscription_id", day="l.heard_on")}
    UNION ALL
    SELECT 'subscription ' || s.number || ': ' || lent.count || ' borrowed' FROM (
        SELECT subscription_id, count(*) AS count, min(taken_on) AS since FROM entitlements_lease
        WHERE ended_at IS NULL AND borrowed_until > %(day)s GROUP BY subscription_id
    ) lent JOIN subscriptions_subscription s ON s.id = lent.subscription_id
    WHERE lent.count + (
        SELECT count(*) FROM entitlements_assignment a
        WHERE a.subscription_id = lent.subscription_id AND NOT a.waiting AND a.ended_on IS NULL
    ) > {_SEATS_SINCE.format(subscription="lent.subscription_id", day="lent.since")}
    """,
)
check(
    "leases_borrowed_within_their_limit",
    "What is borrowed comes back within the days that are allowed, has its file, and the file ends with it.",
    f"""
    SELECT 'lease ' || l.number FROM entitlements_lease l
    WHERE l.ended_at IS NULL AND l.borrowed_until IS NOT NULL AND (
        l.borrowed_until > l.heard_on + {int(settings.LEASE_BORROW_DAYS)}
        OR NOT EXISTS (SELECT 1 FROM entitlements_licencefile f WHERE f.lease_id = l.id AND f.ends_on = l.borrowed_until)
        OR EXISTS (SELECT 1 FROM entitlements_licencefile f WHERE f.lease_id = l.id AND f.ends_on > l.borrowed_until)
    )
    """,
)
check(
    "one_lease_each",
    "A person, or a key, holds one floating seat of a subscription; who has left and a key that has ended hold none.",
    """
    SELECT 'subscription ' || l.subscription_id || ', ' || coalesce('member ' || l.membership_id, 'key ' || l.key_id)
    FROM entitlements_lease l LEFT JOIN organisations_membership m ON m.id = l.membership_id
    LEFT JOIN entitlements_licencekey k ON k.id = l.key_id
    WHERE l.ended_at IS NULL GROUP BY l.subscription_id, l.membership_id, l.key_id
    HAVING count(*) > 1 OR bool_or(m.left_on IS NOT NULL) OR bool_or(k.ended_at IS NOT NULL)
    """,
)
check(
    "who_left_holds_nothing",
    "Who has left a customer before today holds no seat, key or device there, and no licence beside a seat.",
    """
    SELECT 'member ' || m.id || ' of customer ' || m.organisation_id FROM organisations_membership m
    WHERE m.left_on < %(day)s AND (
        EXISTS (SELECT 1 FROM entitlements_assignment a WHERE a.membership_id = m.id AND a.ended_on IS NULL)
        OR EXISTS (SELECT 1 FROM entitlements_licencekey k WHERE k.membership_id = m.id AND k.ended_at IS NULL)
        OR EXISTS (SELECT 1 FROM entitlements_device d WHERE d.membership_id = m.id AND d.ended_at IS NULL)
        OR EXISTS (SELECT 1 FROM entitlements_useright u WHERE u.membership_id = m.id AND NOT u.closed AND u.ends_on > %(day)s)
    )
    """,
)
