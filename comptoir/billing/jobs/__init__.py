"""What a worker runs for billing; importing this registers all of it."""

from . import archives, charging, hearing, mailing, methods

__all__ = ["archives", "charging", "hearing", "mailing", "methods"]
