"""Reads of customers and who belongs to them."""

from .entering import Buyers, Grants, Staff, customers_of
from .invitations import Invitation, invitation_of, invitations_for, ticket_of
from .leaving import endings, grants_among, managers_among
from .limits import refuse_over_limit, spending_limit_of, spending_limits, who_may_spend
from .people import (
    Contact,
    PeopleFigures,
    grants_of,
    managers_of,
    member,
    members,
    members_by_id,
    own_organisation,
    page_of_people,
    people_figures,
    role_words,
    roles_of_groups,
    roles_with,
    who_may,
    who_may_where,
    without_accents,
)

__all__ = [
    "Buyers",
    "Contact",
    "Grants",
    "Invitation",
    "PeopleFigures",
    "Staff",
    "customers_of",
    "endings",
    "grants_among",
    "grants_of",
    "invitation_of",
    "invitations_for",
    "managers_among",
    "managers_of",
    "member",
    "members",
    "members_by_id",
    "own_organisation",
    "page_of_people",
    "people_figures",
    "refuse_over_limit",
    "role_words",
    "roles_of_groups",
    "roles_with",
    "spending_limit_of",
    "spending_limits",
    "ticket_of",
    "who_may",
    "who_may_spend",
    "who_may_where",
    "without_accents",
]
