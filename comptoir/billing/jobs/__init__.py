"""What a worker runs for billing; importing this registers all of it."""

from . import charging, hearing, mailing, methods

__all__ = ["charging", "hearing", "mailing", "methods"]
