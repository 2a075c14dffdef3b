"""Customers, who belongs to them, with which roles, in which groups."""

from .appointments import Appointment
from .checking import RoleCheck
from .groups import Group, GroupMember
from .joining import EmailDomain, JoinRequest, PeopleImport
from .organisation import Organisation, Reseller
from .people import AcceptedTerms, AccessToken, Membership, MemberWord, RoleGrant, SpendingLimit

__all__ = [
    "AcceptedTerms",
    "AccessToken",
    "Appointment",
    "EmailDomain",
    "Group",
    "GroupMember",
    "JoinRequest",
    "MemberWord",
    "Membership",
    "Organisation",
    "PeopleImport",
    "Reseller",
    "RoleCheck",
    "RoleGrant",
    "SpendingLimit",
]
