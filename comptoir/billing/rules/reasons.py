"""Why a credit note was issued. Source: rules 6."""

from enum import StrEnum


class CreditReason(StrEnum):
    """The codes that our own verbs give; the desk may write its own words instead."""

    RETURN = "returned"  # within the window
    UNPAID = "unpaid"  # an addition or alignment that nobody paid is taken back
    LATE_RENEWAL = "late_renewal"  # renewed late in suspension: the renewal that was open falls away
    CANCELLATION = "cancellation"  # the subscription is cancelled with its renewal still open
