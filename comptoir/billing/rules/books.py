"""A provider's books of a day against ours: what is lost, unknown or altered. Source: rules 6, "a charge is made once"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .payments import REFUND_UNDER_WAY, UNDER_WAY

MONEY = frozenset({"succeeded", "pending", "needs_action"})  # states at a provider in which money moved or may still move
SAME = {"reversed": "succeeded", "paid_out": "failed"}  # what we go on to call what the provider calls otherwise


@dataclass(frozen=True, slots=True)
class Entry:
    """One charge or refund in one of the two books."""

    kind: str  # charge, refund
    reference: str
    provider_ref: str
    minor: int
    currency: str
    state: str
    customer: str = ""  # its number, in ours


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the books differ. `kind` is lost, unknown or altered."""

    kind: str
    ours: Entry | None
    theirs: Entry | None


@dataclass(frozen=True, slots=True)
class Compared:
    """What a day's comparison gives: the differences, and what of ours is to be asked for again because it is not known yet."""

    differences: Sequence[Difference]
    ask_again: Sequence[Entry]


def compare(ours: Mapping[tuple[str, str], Entry], theirs: Sequence[Entry]) -> Compared:
    """Compare the books, entry by entry; `ours` by kind and reference, all that the provider should know of that day."""
    differences, again, seen = [], [], set()
    for entry in theirs:
        own = ours.get((entry.kind, entry.reference))
        seen.add((entry.kind, entry.reference))
        if own is None:
            if entry.state in MONEY:
                differences.append(Difference("unknown", None, entry))
        elif (own.minor, own.currency) != (entry.minor, entry.currency):
            differences.append(Difference("altered", own, entry))
        elif own.state in UNDER_WAY | REFUND_UNDER_WAY:
            again.append(own)
        elif _differ(own.state, entry.state):
            differences.append(Difference("altered", own, entry))
    unseen = [ours[key] for key in sorted(set(ours) - seen)]
    differences += [Difference("lost", own, None) for own in unseen if own.state in {"succeeded", "reversed"}]
    return Compared(differences, again)


@dataclass(frozen=True, slots=True)
class Remedy:
    """What would put a difference right, in minor units: what pays an invoice and never came, or came and pays nothing."""

    take_off: int = 0
    give_back: int = 0


def remedy(ours: tuple[int, str] | None, theirs: tuple[int, str] | None) -> Remedy:
    """Of one charge: amount and state in both books, None where a book has none. Only what has succeeded is money."""
    here, there = (minor if state == "succeeded" else 0 for minor, state in (ours or (0, ""), theirs or (0, "")))
    return Remedy(take_off=max(0, here - there), give_back=max(0, there - here))


def _differ(ours: str, theirs: str) -> bool:
    same = SAME.get(ours, ours)
    ended_badly = {"declined", "cancelled", "failed"}
    return same != theirs and not (same in ended_badly and theirs in ended_badly)
