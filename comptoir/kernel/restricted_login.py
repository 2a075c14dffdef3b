"""The login that serves people: made, and given exactly what it needs, by the owner of the tables."""

from __future__ import annotations

import os

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from comptoir.kernel.local_postgres import APP_LOGIN
from comptoir.kernel.logins import LoginError, derived_password, login_of, password_of

_MAY = sql.SQL("LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION")


def have_restricted_login() -> str:
    """Make the restricted login if it is missing, let it read and write every table, and return its name.

    Never TRUNCATE, never CREATE: what it does is seen by triggers and policies. Raises LoginError, with the statement
    to run, when the owner's login may not do this.
    """
    url = os.environ.get("DATABASE_RESTRICTED_URL", "")
    login = login_of(url) or APP_LOGIN
    with connection.cursor() as cursor:
        try:
            _have_role(cursor, login, url)
            _grant(cursor, login)
        except Exception as error:
            if isinstance(error.__cause__, InsufficientPrivilege):
                raise LoginError(
                    f"The owner's login may not make or change the login {login} ({error.__cause__.diag.message_primary}): "
                    f'ask the server\'s administrator for CREATE ROLE "{login}" LOGIN and for a password, then put its '
                    "address into DATABASE_URL."
                ) from None
            raise
    return login


def _have_role(cursor: CursorWrapper, login: str, url: str) -> None:
    owner_password = str(connection.settings_dict["PASSWORD"])
    password = password_of(url) or (derived_password(owner_password) if owner_password else "")
    cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", [login])
    found = cursor.fetchone()
    if found is None:
        cursor.execute(_statement("CREATE ROLE {login} {may} {password}", login, password))
    elif found[0]:
        raise LoginError(
            f"The login {login} could pass the wall between customers: "
            f'ask the server\'s administrator for ALTER ROLE "{login}" NOSUPERUSER NOBYPASSRLS.'
        )
    elif login == APP_LOGIN and password and (not url or password_of(url) == derived_password(owner_password)):
        # The password follows the owner's, which may have been changed.
        cursor.execute(_statement("ALTER ROLE {login} {password}", login, password))


def _statement(text: str, login: str, password: str) -> str:
    # The server is sent the password's hash, so that its log never shows the password.
    database = connection.connection
    secret: sql.Composable = sql.SQL("")
    if password:
        hashed = database.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256").decode()
        secret = sql.SQL("PASSWORD {}").format(sql.Literal(hashed))
    parts = {"login": sql.Identifier(login), "may": _MAY, "password": secret}
    return sql.SQL(text).format(**parts).as_string(database)


def _grant(cursor: CursorWrapper, login: str) -> None:
    statements = [
        "GRANT CONNECT ON DATABASE {database} TO {login}",
        "REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO {login}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {login}",
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {login}",
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {login}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {login}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {login}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO {login}",
    ]
    names = {"login": sql.Identifier(login), "database": sql.Identifier(connection.settings_dict["NAME"])}
    for statement in statements:
        cursor.execute(sql.SQL(statement).format(**names).as_string(connection.connection))
