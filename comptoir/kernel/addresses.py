"""E-mail addresses: what mail can be sent to."""

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email


def is_address(email: str) -> bool:
    """Whether mail can be sent there: ASCII before the @, and behind it a domain that comes back from the DNS as it is written.

    The library takes an ı, an ſ or a wide letter too: an address that is seen as another one, and reaches nobody or that other.
    """
    try:
        validate_email(email)
    except ValidationError:
        return False
    return not _looks_like_another(email)


def _looks_like_another(email: str) -> bool:
    local, _at, domain = email.rpartition("@")
    return not local.isascii() or not (domain.isascii() or _comes_back(domain.lower()))


def _comes_back(domain: str) -> bool:
    try:
        return domain.encode("idna").decode("idna") == unicodedata.normalize("NFC", domain)
    except UnicodeError:
        return False


def refuse_no_address(email: str) -> None:
    """A form's validator beside the library's, in its words. Raises ValidationError."""
    if _looks_like_another(email):
        raise ValidationError(validate_email.message, code=validate_email.code, params={"value": email})
