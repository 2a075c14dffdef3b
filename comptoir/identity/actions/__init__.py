"""The only code that writes people."""

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
    note_address,
    upgrade_password,
)

__all__ = [
    "FormerPerson",
    "Newcomer",
    "People",
    "adopt_name",
    "confirm_address",
    "confirm_language",
    "end_staff_role",
    "find_or_make_people",
    "forget_unconfirmed",
    "give_staff_role",
    "import_people",
    "keep_tour",
    "note_address",
    "upgrade_password",
]
