"""Customers, who belongs to them, with which roles, in which groups."""

from .groups import Group, GroupMember
from .organisation import Organisation, Reseller
from .people import AcceptedTerms, AccessToken, Membership, RoleGrant, SpendingLimit

__all__ = [
    "AcceptedTerms",
    "AccessToken",
    "Group",
    "GroupMember",
    "Membership",
    "Organisation",
    "Reseller",
    "RoleGrant",
    "SpendingLimit",
]
