"""What a worker runs for subscriptions."""

from . import mails, notices, order_mails, orders, renewals, wishes

__all__ = ["mails", "notices", "order_mails", "orders", "renewals", "wishes"]
