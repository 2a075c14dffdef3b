"""The two logins of the database: the owner's for migrate, import and backup, the restricted one that serves people.

Read from the environment, and from the server where a login's powers decide. No Django: this runs before it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

import psycopg

from comptoir.kernel.local_postgres import APP_LOGIN

CONNECT_SECONDS = 10


class LoginError(RuntimeError):
    """The environment names no login that would do; the message is one sentence that says what to set."""


@dataclass(frozen=True)
class Logins:
    """Addresses of one database: the owner's (None when it was not given) and the restricted login's."""

    owner: str | None
    app: str

    def for_owner(self) -> str:
        """The owner's address, once the server has said that this login may read every customer's rows.

        Raises LoginError if it was not given or may not.
        """
        if self.owner is None:
            raise LoginError(
                f"DATABASE_URL names {login_of(self.app)}, a restricted login, and this command needs the owner of the "
                "tables: set DATABASE_OWNER_URL as well."
            )
        powers = powers_of(self.owner)
        if not (powers.is_superuser or powers.bypasses_walls):
            raise LoginError(
                f"The owner's login {powers.login} cannot read past the wall between customers, so it could neither "
                f'verify nor back up: ask the server\'s administrator for ALTER ROLE "{powers.login}" BYPASSRLS.'
            )
        return self.owner


@dataclass(frozen=True)
class Powers:
    """What a login may do on its server and in its database."""

    login: str
    is_superuser: bool
    bypasses_walls: bool
    owns: bool


def logins_given(environment: Mapping[str, str]) -> Logins | None:
    """The logins of DATABASE_URL and DATABASE_OWNER_URL; None when neither is set.

    With one of them only, an owner's address gives the restricted one too. Raises LoginError.
    """
    app = _address(environment, "DATABASE_URL")
    owner = _address(environment, "DATABASE_OWNER_URL")
    if app and owner:
        return Logins(owner, app)
    if owner:
        return Logins(owner, restricted_url(owner))
    if app:
        powers = powers_of(app)
        if powers.is_superuser or powers.bypasses_walls or powers.owns:
            return Logins(app, restricted_url(app))
        return Logins(None, app)
    return None


def restricted_url(owner: str) -> str:
    """The address of `comptoir_app` beside an owner's: same server and database, a password derived from the owner's."""
    parts = urlsplit(owner)
    password = password_of(owner)
    secret = f":{quote(derived_password(password), safe='')}" if password else ""
    query = [(name, value) for name, value in parse_qsl(parts.query) if name not in ("user", "password")]
    netloc = f"{APP_LOGIN}{secret}@{parts.netloc.rpartition('@')[2]}"
    # libpq reads %20 as a space and + as a plus.
    return urlunsplit(parts._replace(netloc=netloc, query=urlencode(query, quote_via=quote, safe="/")))


def derived_password(owner_password: str) -> str:
    """The password of `comptoir_app` that follows from the owner's: nobody has to keep a second secret."""
    digest = hmac.new(owner_password.encode(), APP_LOGIN.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def login_of(url: str) -> str:
    """The login that an address names; empty when it leaves that to libpq."""
    parts = urlsplit(url)
    named = parts.netloc.rpartition("@")[0].partition(":")[0]
    return unquote(named) or dict(parse_qsl(parts.query)).get("user", "")


def password_of(url: str) -> str:
    """The password in an address; empty when there is none."""
    parts = urlsplit(url)
    given = parts.netloc.rpartition("@")[0].partition(":")[2]
    return unquote(given) or dict(parse_qsl(parts.query)).get("password", "")


def powers_of(url: str) -> Powers:
    """What the login of this address may do, asked of its server. Raises LoginError if that does not answer."""
    try:
        with psycopg.connect(url, connect_timeout=CONNECT_SECONDS) as connection:
            row = connection.execute(
                "SELECT r.rolname, r.rolsuper, r.rolbypassrls, d.datdba = r.oid OR EXISTS"
                " (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid AND c.relnamespace = to_regnamespace('public'))"
                " FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()"
            ).fetchone()
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
        raise LoginError(f"The database does not answer {login_of(url) or 'this login'}: {reason}") from None
    if row is None:
        raise LoginError(f"The server does not know what {login_of(url)} may do.")
    return Powers(*row)


def _address(environment: Mapping[str, str], name: str) -> str | None:
    url = environment.get(name, "").strip()
    if not url:
        return None
    if urlsplit(url).scheme not in ("postgresql", "postgres"):
        raise LoginError(f"{name} should look like postgresql://login:password@host:5432/database and does not.")
    return url
