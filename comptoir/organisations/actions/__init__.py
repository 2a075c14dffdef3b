"""The only code that writes customers, their members, roles, groups and tokens."""

from .billing_details import change_billing_details
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
from .limits import set_spending_limit
from .registering import Company, accept_terms, register_customer
from .tokens import Secret, create_token

__all__ = [
    "Company",
    "FormerGroup",
    "Secret",
    "accept_terms",
    "change_billing_details",
    "create_token",
    "end_group",
    "import_customers",
    "import_groups",
    "import_members",
    "import_resellers",
    "import_roles",
    "join_group",
    "leave_group",
    "make_group",
    "note_customers_imported",
    "out_of_all_groups",
    "put_into",
    "register_customer",
    "rename_group",
    "set_spending_limit",
]
