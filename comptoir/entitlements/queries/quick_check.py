"""The licence check of an activated device in one round trip; what needs more than that is answered by the rule itself.

It is asked by every product at every start, so it costs one statement (`entitlements_licence_of_device`, in the migrations) and
says `yes` only where nobody has to be counted.
"""

from datetime import date
from typing import NamedTuple

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from comptoir.kernel.prepared import with_settings
from comptoir.kernel.unmoved import kept_at

from ..ports import Ports
from .keys import digest_of

SEEN_MINUTES = 10  # a device is noted as seen at most once in so many
_ASK = "SELECT * FROM entitlements_licence_of_device(%s, %s, {}, {}, {}, {}, {})"


class Quick(NamedTuple):
    """What one look tells of an activation. `verdict`: yes, ask (the rule has to say), ended, other (another product).

    `house`: the newest line of the house's log, in which versions come out; `unseen`: not noted as seen for minutes.
    """

    verdict: str
    device: int
    organisation: int
    member: int | None
    product: int
    on: date
    house: str | None
    in_use: bool | None
    unseen: bool


def quick_check(secret: str, product: str) -> Quick | None:
    """One look at the activation with that secret; None: there is none. One statement, outside any transaction.

    A connection that was lost is made anew once, instead of being tried before each look: asking twice changes nothing.
    """
    if connection.in_atomic_block:
        return _asked(secret, product)
    connection.health_check_done = True  # type: ignore[attr-defined]
    try:
        return _asked(secret, product)
    except (OperationalError, InterfaceError):
        connection.close()
        return _asked(secret, product)


def _asked(secret: str, product: str) -> Quick | None:
    told = (settings.GRACE_DAYS, settings.SANDBOX, settings.BILLING_ZONE, settings.LICENCE_USE_MINUTES, SEEN_MINUTES)
    with connection.cursor() as cursor:
        cursor.execute(with_settings(_ASK, told), [digest_of(secret), product])
        row = cursor.fetchone()
    return None if row is None else Quick._make(row)


def may_be_too_old(quick: Quick, version: str) -> bool:
    """Whether a version has to be looked at: it is no longer among those that everybody may install. No query as a rule."""
    if not version:
        return False
    # a house without a line has published nothing since it was set up
    head = quick.house or f"no line in {connection.settings_dict['NAME']}"
    known = kept_at(head, ("too_old", quick.product, quick.on), lambda: _too_old(quick.product, quick.on))
    return version in known


def _too_old(product: int, on: date) -> frozenset[str]:
    found = Ports.releases.versions([product], on).get(product)
    return frozenset(found.too_old) if found else frozenset()
