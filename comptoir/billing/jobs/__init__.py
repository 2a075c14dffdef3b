"""What a worker runs for billing; importing this registers all of it."""

from . import archives, bank, books, charging, hearing, mailing, methods

__all__ = ["archives", "bank", "books", "charging", "hearing", "mailing", "methods"]
