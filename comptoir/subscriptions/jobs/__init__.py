"""What a worker runs for subscriptions."""

from . import mails, orders, renewals

__all__ = ["mails", "orders", "renewals"]
