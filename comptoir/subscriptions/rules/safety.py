"""Bounds that a charge must stay within before it is made by itself: a slip in the price book must not empty accounts.

What breaks one is parked: nothing is charged, and the desk decides. Source: issue 3.10.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from comptoir.kernel.money import Money


class Bound(StrEnum):
    """Which bound was broken. Codes are stable: parked rows keep them."""

    PRICE_JUMPED = "price_jumped"
    PRICE_COLLAPSED = "price_collapsed"
    TWICE_IN_A_DAY = "twice_in_a_day"
    INVOICE_JUMPED = "invoice_jumped"


@dataclass(frozen=True, slots=True)
class Limits:
    """How many times the last amount is too many."""

    price_times: int = 1_000
    invoice_times: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What was charged last: the subscription's price per seat and term, its customer's invoice, the subscription's days.

    None where nothing is known to compare with: what was never charged can't jump.
    """

    unit: Money | None = None
    invoice: Money | None = None
    charged_on: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """What is about to be charged: the price per seat and term, the whole invoice, both without tax, and the day."""

    unit: Money
    invoice: Money
    on: date


@dataclass(frozen=True, slots=True)
class Finding:
    """A bound that was broken, with what it compares; None where it is about days."""

    bound: Bound
    was: Money | None = None
    now: Money | None = None


USUAL = Limits()


def bounds(before: Before, now: Now, limits: Limits = USUAL) -> tuple[Finding, ...]:
    """Every bound that the charge breaks, in the order of `Bound`; none: it may be made by itself.

    Amounts of another currency, and those of zero, compare with nothing.
    """
    found: list[Finding] = []
    if _times(before.unit, now.unit, limits.price_times):
        found.append(Finding(Bound.PRICE_JUMPED, before.unit, now.unit))
    if _times(now.unit, before.unit, limits.price_times):
        found.append(Finding(Bound.PRICE_COLLAPSED, before.unit, now.unit))
    if now.on in before.charged_on:
        found.append(Finding(Bound.TWICE_IN_A_DAY))
    if _times(before.invoice, now.invoice, limits.invoice_times):
        found.append(Finding(Bound.INVOICE_JUMPED, before.invoice, now.invoice))
    return tuple(found)


def _times(small: Money | None, large: Money | None, times: int) -> bool:
    """Whether one amount is at least so many times the other."""
    if small is None or large is None or small.currency != large.currency or small.minor <= 0:
        return False
    return large.minor >= small.minor * times
