"""Secrets that must be used again, such as a key that signs: the database keeps them sealed, and not what opens them."""

from typing import TYPE_CHECKING

from django.conf import settings

from .errors import HouseRule

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


def sealed(secret: bytes) -> str:
    """A secret as the database keeps it, sealed with the first of the keys."""
    return _keys().encrypt(secret).decode()


def unsealed(kept: str) -> bytes:
    """The secret, opened by whichever key sealed it. HouseRule where none of them did: the keys are another copy's."""
    from cryptography.fernet import InvalidToken

    try:
        return _keys().decrypt(kept.encode())
    except InvalidToken:
        raise HouseRule("a secret was sealed with a key that is not among COMPTOIR_SEAL_KEYS") from None


def resealed(kept: str) -> str:
    """The same secret, sealed anew with the first of the keys."""
    return sealed(unsealed(kept))


def _keys() -> "MultiFernet":
    from cryptography.fernet import Fernet, MultiFernet  # here: only who opens a seal needs it

    return MultiFernet([Fernet(key) for key in settings.SEAL_KEYS])
