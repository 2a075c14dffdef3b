"""The only code that writes customers, their members, roles, groups and tokens."""

from .appointing import appoint_manager
from .billing_details import change_billing_details
from .checking import check_roles
from .groups import (
    FormerGroup,
    end_group,
    import_groups,
    join_group,
    leave_group,
    make_group,
    out_of_all_groups,
    put_into,
    rename_group,
)
from .importing import import_customers, import_members, import_resellers, import_roles, note_customers_imported
from .joining import approve_joining, ask_to_join, decline_joining, list_domain, note_wish, unlist_domain
from .limits import set_spending_limit
from .merging import unite_members
from .people import accept_invitation, add_person, come_in, invite_again, own_groups, refuse_beyond_reach, remove_people
from .people_lists import add_listed_people, add_people, forget_lists, invite_wave, read_people_list
from .registering import Company, accept_terms, register_customer
from .roles import Place, check_place, give, give_role, hand_over, keep_managed, take_role
from .tokens import Secret, create_token

__all__ = [
    "Company",
    "FormerGroup",
    "Place",
    "Secret",
    "accept_invitation",
    "accept_terms",
    "add_listed_people",
    "add_people",
    "add_person",
    "appoint_manager",
    "approve_joining",
    "ask_to_join",
    "change_billing_details",
    "check_place",
    "check_roles",
    "come_in",
    "create_token",
    "decline_joining",
    "end_group",
    "forget_lists",
    "give",
    "give_role",
    "hand_over",
    "import_customers",
    "import_groups",
    "import_members",
    "import_resellers",
    "import_roles",
    "invite_again",
    "invite_wave",
    "join_group",
    "keep_managed",
    "leave_group",
    "list_domain",
    "make_group",
    "note_customers_imported",
    "note_wish",
    "out_of_all_groups",
    "own_groups",
    "put_into",
    "read_people_list",
    "refuse_beyond_reach",
    "register_customer",
    "remove_people",
    "rename_group",
    "set_spending_limit",
    "take_role",
    "unite_members",
    "unlist_domain",
]
