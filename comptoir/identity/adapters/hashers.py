"""The password hashes of the old centre, as Django's hashers read them (F1.5)."""

import hashlib
import hmac
from typing import Any

from django.contrib.auth.hashers import BasePasswordHasher, make_password, mask_hash


class _OldHasher(BasePasswordHasher):
    """A hash of the old centre, `<algorithm>$<salt>$<hex>`. Any right password is stored anew by the first hasher."""

    def digest(self, password: str, salt: str) -> str:
        raise NotImplementedError

    def encode(self, password: str, salt: str) -> str:
        """The old centre's form; only tests and the import write it."""
        return f"{self.algorithm}${salt}${self.digest(password, salt)}"

    def verify(self, password: str, encoded: str) -> bool:
        """Whether the password is right. A wrong one takes the time of the current hasher, as everybody's does."""
        _algorithm, salt, kept = encoded.split("$", 2)
        right = hmac.compare_digest(self.digest(password, salt).encode(), kept.lower().encode())
        if not right:
            make_password(password)
        return right

    def safe_summary(self, encoded: str) -> dict[Any, Any]:
        """What may be shown of it."""
        algorithm, _salt, kept = encoded.split("$", 2)
        return {"algorithm": algorithm, "hash": mask_hash(kept)}

    def must_update(self, encoded: str) -> bool:
        """Always: it is of the past."""
        return True

    def harden_runtime(self, password: str, encoded: str) -> None:
        """`verify` has done it."""


class OldSha1Hasher(_OldHasher):
    """Hex of SHA-1(salt + password), as the old centre kept it until the first sign-in here."""

    algorithm = "old_sha1"

    def digest(self, password: str, salt: str) -> str:
        """Hex of the salted password."""
        return hashlib.sha1(f"{salt}{password}".encode(), usedforsecurity=False).hexdigest()


class OldPbkdf2Hasher(_OldHasher):
    """Hex of PBKDF2-HMAC-SHA-256 with 20,000 rounds, as the old centre kept it until the first sign-in here."""

    algorithm = "old_pbkdf2_sha256"
    iterations = 20_000

    def digest(self, password: str, salt: str) -> str:
        """Hex of the stretched password."""
        return hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), self.iterations).hex()
