"""What a worker runs for subscriptions."""

from . import mails, order_mails, orders, renewals, wishes

__all__ = ["mails", "order_mails", "orders", "renewals", "wishes"]
