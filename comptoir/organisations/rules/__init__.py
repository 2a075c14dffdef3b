"""The pure rules of customers and their members."""

from .domains import domain_of, is_public
from .limits import beyond, spending_limit
from .names import sort_name, split_name
from .people_lists import (
    FIELDS,
    MOST_BYTES,
    MOST_ROWS,
    Known,
    ListRow,
    Unreadable,
    guess_fields,
    guess_without_heads,
    judge,
    read_list,
)

__all__ = [
    "FIELDS",
    "MOST_BYTES",
    "MOST_ROWS",
    "Known",
    "ListRow",
    "Unreadable",
    "beyond",
    "domain_of",
    "guess_fields",
    "guess_without_heads",
    "is_public",
    "judge",
    "read_list",
    "sort_name",
    "spending_limit",
    "split_name",
]
