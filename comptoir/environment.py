"""What the environment says, read without Django: the home directory, the keys, the vendor, the form of a log line."""

import base64
import contextlib
import hashlib
import json
import logging
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def home() -> Path:
    """COMPTOIR_HOME: everything that this copy keeps (database, files, keys). Default: `.comptoir/` in the checkout."""
    default = Path(__file__).resolve().parent.parent / ".comptoir"
    return Path(os.environ.get("COMPTOIR_HOME") or default).resolve()


def secret_key(keep: Path) -> str:
    """COMPTOIR_SECRET, or a key of this copy's own, made once and kept in `keys/secret` for the owner's eyes only."""
    return os.environ.get("COMPTOIR_SECRET") or _kept(keep / "keys" / "secret", lambda: secrets.token_urlsafe(64))


def release_key(keep: Path) -> str:
    """COMPTOIR_RELEASE_KEY, or a key of this copy's own in `keys/releases`: the 32 bytes of an Ed25519 key, base64.

    Files of releases are signed with it. Exits with a sentence if it is no such key.
    """
    given = os.environ.get("COMPTOIR_RELEASE_KEY") or _kept(
        keep / "keys" / "releases", lambda: base64.b64encode(secrets.token_bytes(32)).decode()
    )
    try:
        fits = len(base64.b64decode(given, validate=True)) == 32
    except ValueError:
        fits = False
    if not fits:
        raise SystemExit("comptoir: COMPTOIR_RELEASE_KEY is no key: it takes 32 bytes in base64.")
    return given


def seal_keys(keep: Path) -> tuple[str, ...]:
    """COMPTOIR_SEAL_KEYS, or a key of this copy's own in `keys/seal`: the first seals what the database keeps, all open it.

    Each is 32 bytes, base64 for addresses. Exits with a sentence if one is no such key.
    """
    given = tuple(os.environ.get("COMPTOIR_SEAL_KEYS", "").split()) or (
        _kept(keep / "keys" / "seal", lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()),
    )
    for key in given:
        try:
            fits = len(base64.urlsafe_b64decode(key)) == 32
        except ValueError:
            fits = False
        if not fits:
            raise SystemExit("comptoir: COMPTOIR_SEAL_KEYS names something that is no key: each takes 32 bytes in base64.")
    return given


def openid_keys(keep: Path) -> tuple[str, ...]:
    """COMPTOIR_OPENID_KEYS, or keys of this copy's own in `keys/openid`: PEM, the first signs ID tokens, all are published.

    Exits with a sentence if there is no key in it.
    """
    given = os.environ.get("COMPTOIR_OPENID_KEYS", "").replace("\\n", "\n") or _kept(keep / "keys" / "openid", new_openid_key)
    found = re.findall(r"-----BEGIN PRIVATE KEY-----.+?-----END PRIVATE KEY-----", given, re.DOTALL)
    if not found:
        raise SystemExit("comptoir: COMPTOIR_OPENID_KEYS holds no key: it takes private RSA keys as PEM (PKCS #8).")
    return tuple(f"{key}\n" for key in found)


def new_openid_key() -> str:
    """A new private RSA key of 2,048 bits, as PEM."""
    from cryptography.hazmat.primitives import serialization as written
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(written.Encoding.PEM, written.PrivateFormat.PKCS8, written.NoEncryption()).decode()


def _kept(path: Path, make: Callable[[], str]) -> str:
    """A secret of this copy's own, made once and kept for the owner's eyes only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(make())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # fails if another process was first, whose key then counts
        draft.unlink()
    return path.read_text().strip()


def release_storage(keep: Path) -> dict[str, object]:
    """Where the files of releases lie, as Django takes it: under COMPTOIR_HOME, or where COMPTOIR_S3_BUCKET is given, there."""
    if not (bucket := os.environ.get("COMPTOIR_S3_BUCKET")):
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": keep / "files"}}
    address = os.environ.get("COMPTOIR_S3_URL") or None
    options = {
        "bucket_name": bucket,
        "endpoint_url": address,
        "region_name": os.environ.get("COMPTOIR_S3_REGION") or None,
        "access_key": os.environ.get("COMPTOIR_S3_KEY") or None,
        "secret_key": os.environ.get("COMPTOIR_S3_SECRET") or None,
        "default_acl": None,
        "file_overwrite": True,
        "querystring_auth": True,
        "client_config": _client_of_s3(address),
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def _client_of_s3(address: str | None) -> object:
    """How a store is spoken to, and how many seconds it is waited for if it does not answer: not botocore's minutes."""
    from botocore.config import Config  # here: loaded only where a bucket is given

    waits = {"connect_timeout": 3, "read_timeout": 30, "retries": {"total_max_attempts": 2, "mode": "standard"}}
    return Config(s3={"addressing_style": "path" if address else None}, signature_version="s3v4", **waits)


def static_root(keep: Path) -> Path:
    """Where the collected style sheets, scripts and fonts lie, hashed and compressed."""
    return keep / "static"


def static_stamp() -> str:
    """A digest of what is to be collected: it moves with every change of a style sheet or of a library that brings one."""
    package = Path(__file__).resolve().parent
    digest = hashlib.sha256("".join(version(name) for name in ("django", "django-htmx", "whitenoise")).encode())
    for path in sorted(package.glob("*/static/**/*")):
        if path.is_file():
            told = path.stat()
            digest.update(f"{path.relative_to(package)} {told.st_size} {told.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def static_is_collected(keep: Path) -> bool:
    """Whether what was collected is what there is now."""
    stamp = static_root(keep) / "stamp"
    return stamp.exists() and stamp.read_text() == static_stamp()


def billing_zone() -> str:
    """COMPTOIR_BILLING_ZONE: the time zone whose days count. Exits with a sentence if it names no zone."""
    name = os.environ.get("COMPTOIR_BILLING_ZONE", "Europe/Paris")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise SystemExit(f"comptoir: COMPTOIR_BILLING_ZONE is {name!r}; it takes a time zone such as Europe/Paris.") from None
    return name


@dataclass(frozen=True, slots=True)
class Vendor:
    """Who runs this portal and issues the invoices: its legal data."""

    name: str
    legal_name: str
    street: str
    postcode: str
    city: str
    country: str
    tax_number: str
    registration: str
    email: str
    phone: str
    iban: str
    bic: str
    support_hours: str

    @classmethod
    def from_environment(cls) -> "Vendor":
        """COMPTOIR_VENDOR_<FIELD>, each with a value for the sandbox."""
        values = {
            "name": "Atelier Sculpt",
            "legal_name": "Atelier Sculpt SAS",
            "street": "12 rue du Comptoir",
            "postcode": "69001",
            "city": "Lyon",
            "country": "FR",
            "tax_number": "FR40303265045",
            "registration": "RCS Lyon 303 265 045",
            "email": "bonjour@atelier-sculpt.example",
            "phone": "+33 4 00 00 00 00",
            "iban": "FR7630006000011234567890189",
            "bic": "AGRIFRPP",
            "support_hours": "9:00-17:00",
        }
        return cls(**{field: os.environ.get(f"COMPTOIR_VENDOR_{field.upper()}", value) for field, value in values.items()})


@dataclass(frozen=True, slots=True)
class PaymentSettings:
    """Which payment provider takes new cards and mandates, and the keys of Stripe."""

    provider: str  # stripe, sandbox or "": on invoice only
    stripe_key: str
    stripe_webhook_secret: str
    stripe_url: str

    @classmethod
    def from_environment(cls, *, sandbox: bool) -> "PaymentSettings":
        """COMPTOIR_PAYMENT_PROVIDER and COMPTOIR_STRIPE_*. Without any, a sandbox has its own provider, production none."""
        key = os.environ.get("COMPTOIR_STRIPE_KEY", "")
        usual = "stripe" if key else ("sandbox" if sandbox else "")
        given = os.environ.get("COMPTOIR_PAYMENT_PROVIDER", usual)
        secret = os.environ.get("COMPTOIR_STRIPE_WEBHOOK_SECRET", "")
        url = os.environ.get("COMPTOIR_STRIPE_URL", "https://api.stripe.com")
        return cls("" if given == "none" else given, key, secret, url)


class JsonLines(logging.Formatter):
    """A log record as one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's time, level, logger and message; the traceback where there is one."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
