"""The keys that sign ID tokens, as they lie in a file of this copy."""

import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from oauth2_provider.utils import jwk_from_pem

BITS = 2048


def kept_at() -> Path:
    """The file that holds them, the one that signs first."""
    return Path(settings.COMPTOIR_HOME) / "keys" / "openid"


def named(pem: str) -> str:
    """The name of a key, as ID tokens and the published list give it (RFC 7638)."""
    name: str = jwk_from_pem(pem).thumbprint()
    return name


def rotated(pems: Sequence[str], *, keep: int) -> tuple[str, ...]:
    """Put a new key before the others and keep that many of all; the file is replaced as a whole."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    how = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    kept = (key.private_bytes(*how).decode(), *pems)[:keep]
    path = kept_at()
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text("".join(kept))
    draft.replace(path)
    return kept
