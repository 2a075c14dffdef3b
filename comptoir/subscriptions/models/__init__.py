"""Subscriptions: paid periods, the seat ledger, plans, orders, renewals."""

from .feed import CalendarFeed
from .order import Order, OrderInvoice, OrderLine, Sale
from .price_quote import PriceQuote, PriceQuoteLine
from .run import AlignmentWish, Parked, RenewalRun, WishedAlignment
from .subscription import Period, PlannedChange, SeatEntry, Subscription
from .tally import Occupancy, Tally

__all__ = [
    "AlignmentWish",
    "CalendarFeed",
    "Occupancy",
    "Order",
    "OrderInvoice",
    "OrderLine",
    "Parked",
    "Period",
    "PlannedChange",
    "PriceQuote",
    "PriceQuoteLine",
    "RenewalRun",
    "Sale",
    "SeatEntry",
    "Subscription",
    "Tally",
    "WishedAlignment",
]
