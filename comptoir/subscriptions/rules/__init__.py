"""The pure rules of subscriptions: seats, quotes, states, availability. Source: `docs/rules.md`, sections 3, 6, 8."""

from .availability import Alignable, Channel, Facts, Plan, ProductStatus, Returnable, SoldBy, Verb, reasons
from .lifecycle import RULES_6, Lengths, State, renewable_from, returnable_until, state_of
from .quote import Moved, Quote, moved, quote_of
from .reason import Reason
from .seats import (
    MOST_SEATS_AT_ONCE,
    AddSeats,
    LineKind,
    PaidPeriod,
    SeatLine,
    SeatPlan,
    SeatState,
    plan_added_seats,
)

__all__ = [
    "MOST_SEATS_AT_ONCE",
    "RULES_6",
    "AddSeats",
    "Alignable",
    "Channel",
    "Facts",
    "Lengths",
    "LineKind",
    "Moved",
    "PaidPeriod",
    "Plan",
    "ProductStatus",
    "Quote",
    "Reason",
    "Returnable",
    "SeatLine",
    "SeatPlan",
    "SeatState",
    "SoldBy",
    "State",
    "Verb",
    "moved",
    "plan_added_seats",
    "quote_of",
    "reasons",
    "renewable_from",
    "returnable_until",
    "state_of",
]
