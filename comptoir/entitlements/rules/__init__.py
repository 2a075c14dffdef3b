"""The pure rules of entitlements. Source: `docs/rules.md`, section 9."""

from .benefits import DEFAULT_FOR_SEATED, Benefit, Choice, Source, Standing, Wish, standing_of
from .seats import (
    CHANGES,
    Beyond,
    Room,
    SeatsPaid,
    Verdict,
    judged,
    listed,
    seats_on,
    shortfall,
    who_sits,
    who_stands,
)

__all__ = [
    "CHANGES",
    "DEFAULT_FOR_SEATED",
    "Benefit",
    "Beyond",
    "Choice",
    "Room",
    "SeatsPaid",
    "Source",
    "Standing",
    "Verdict",
    "Wish",
    "judged",
    "listed",
    "seats_on",
    "shortfall",
    "standing_of",
    "who_sits",
    "who_stands",
]
