"""What becomes of attempts to charge and of refunds, in whatever order the answers come. Source: rules 6."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ENDED = frozenset({"succeeded", "declined", "cancelled", "reversed"})
UNDER_WAY = frozenset({"created", "sent", "unknown", "pending", "needs_action"})
REFUND_UNDER_WAY = frozenset({"created", "sent", "unknown", "pending"})
AT_ONCE = 50  # attempts of one customer in one job
HOURS_TO_CONFIRM = 24  # that a charge waits for its holder


def next_state(now: str, told: str) -> str | None:
    """The state that an attempt takes when the provider tells `told`; None where nothing changes.

    What has ended stays; no answer leaves what is known, and an attempt that was never heard of is as before.
    """
    if now in ENDED or told in {now, "absent"}:
        return None
    if told == "unknown":
        return "unknown" if now in {"created", "sent"} else None
    if told == "failed":
        return "declined"
    return told


def next_refund_state(now: str, told: str) -> str | None:
    """The same for a refund. One that had succeeded can still fail: the bank sends it back."""
    if now in {"by_hand", "paid_out", "failed"} or told in {now, "absent"}:
        return None
    if now == "succeeded":
        return "failed" if told == "failed" else None
    if told == "unknown":
        return "unknown" if now in {"created", "sent"} else None
    return "failed" if told in {"declined", "cancelled"} else told


@dataclass(frozen=True, slots=True)
class Part:
    """What of one payment, or of one invoice (by its id) is meant: to be given back, or taken off."""

    of: int
    minor: int


def from_latest(owed: int, paid: Mapping[int, int]) -> Sequence[Part]:
    """How much of each makes up `owed`, the latest first (rules 6: money goes back the way it came).

    `paid` says what each payment still pays, by its id; less than `owed` is made up where they don't reach.
    """
    parts = []
    for pk in sorted(paid, reverse=True):
        minor = min(owed, paid[pk])
        if minor > 0:
            parts.append(Part(pk, minor))
            owed -= minor
    return parts
