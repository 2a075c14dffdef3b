"""The only code that writes people."""

from .merging import brought_over, merge_accounts, merge_at, merge_at_desk
from .people import (
    FormerPerson,
    Newcomer,
    People,
    adopt_name,
    confirm_address,
    confirm_language,
    end_staff_role,
    find_or_make_people,
    forget_unconfirmed,
    give_staff_role,
    import_people,
    keep_tour,
    lead_on,
    note_address,
    upgrade_password,
)

__all__ = [
    "FormerPerson",
    "Newcomer",
    "People",
    "adopt_name",
    "brought_over",
    "confirm_address",
    "confirm_language",
    "end_staff_role",
    "find_or_make_people",
    "forget_unconfirmed",
    "give_staff_role",
    "import_people",
    "keep_tour",
    "lead_on",
    "merge_accounts",
    "merge_at",
    "merge_at_desk",
    "note_address",
    "upgrade_password",
]
