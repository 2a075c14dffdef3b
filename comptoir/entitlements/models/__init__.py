"""The rows of entitlements."""

from .benefits import BenefitChoice
from .groups import Bundle, BundleItem, GroupSeat
from .seats import Assignment, SerialNumber
from .use_rights import UseRight, VersionException

__all__ = [
    "Assignment",
    "BenefitChoice",
    "Bundle",
    "BundleItem",
    "GroupSeat",
    "SerialNumber",
    "UseRight",
    "VersionException",
]
