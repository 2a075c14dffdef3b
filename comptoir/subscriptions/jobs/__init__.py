"""What a worker runs for subscriptions."""

from . import mails, orders

__all__ = ["mails", "orders"]
