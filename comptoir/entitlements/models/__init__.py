"""The rows of entitlements."""

from .benefits import BenefitChoice
from .groups import Bundle, BundleItem, GroupSeat
from .licences import Device, LicenceKey
from .offline import FileNumber, SigningKey
from .seats import Assignment, SerialNumber
from .use_rights import UseRight, VersionException

__all__ = [
    "Assignment",
    "BenefitChoice",
    "Bundle",
    "BundleItem",
    "Device",
    "FileNumber",
    "GroupSeat",
    "LicenceKey",
    "SerialNumber",
    "SigningKey",
    "UseRight",
    "VersionException",
]
