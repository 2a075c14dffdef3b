"""The rows of entitlements."""

from .benefits import BenefitChoice
from .groups import Bundle, BundleItem, GroupSeat
from .leases import Lease
from .licences import Device, LicenceKey
from .offline import FileNumber, LicenceFile, SigningKey
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
    "Lease",
    "LicenceFile",
    "LicenceKey",
    "SerialNumber",
    "SigningKey",
    "UseRight",
    "VersionException",
]
