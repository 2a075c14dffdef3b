"""Codes that people type."""

import secrets

from ..rules import CODE_LENGTH, LETTERS, code_as_typed


def new_user_code() -> str:
    """A code to type, such as WDJB-MJHT: 34 bits that are good for ten minutes, and few may be tried."""
    return code_as_typed("".join(secrets.choice(LETTERS) for _letter in range(CODE_LENGTH)))
