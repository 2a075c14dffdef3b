"""The customer's wall: what the database itself lets a transaction see and write.

Every customer-owned table has `organisation_id` and a policy over two lists that a transaction sets once: the customers it
may read, and the one that it may write. Unset means no rows. `docs/invariants.md` lists every policy with its test.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypedDict, Unpack

from django.db import connection, migrations, models, transaction

STANDARD = "organisation_id = ANY(app_read())"
STANDARD_CHECK = "organisation_id = app_write()"
OWN = "(organisation_id IS NULL AND person_id = app_person())"
HOUSES = "(organisation_id IS NULL AND person_id IS NULL AND app_house())"


class CustomerOwned(models.Model):
    """A row that belongs to one customer. Its table is walled in the migration that makes it."""

    organisation_id: int | None

    class Meta:
        abstract = True


_OPEN = (
    "SELECT set_config('app.read', %s, true), set_config('app.write', %s, true), set_config('app.person', %s, true), "
    "set_config('app.desk', %s, true), set_config('app.house', %s, true)"
)
# What was open is read before it changes: the rows of a materialised query are there first.
_EXCHANGE = (
    "WITH before AS MATERIALIZED (SELECT current_setting('app.read', true) AS read, current_setting('app.write', true) AS write, "
    "current_setting('app.person', true) AS person, current_setting('app.desk', true) AS desk, "
    "current_setting('app.house', true) AS house) SELECT before.read, before.write, before.person, before.desk, before.house, "
    f"{_OPEN.removeprefix('SELECT ')} FROM before"
)


class Opening(TypedDict, total=False):
    """What a transaction may be let to: see `open_wall`."""

    read: Iterable[int]
    write: int | None
    person: int | None
    desk: bool
    house: bool


def open_wall(**opening: Unpack[Opening]) -> None:
    """Let the running transaction see the customers in `read`, write for `write`, and act for `person`.

    With `desk` it reads what the person's roles as staff reach, with `house` it writes the log of the house itself.
    Must be called inside a transaction: all of it ends with it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, _settings(**opening))


def opening_of(**opening: Unpack[Opening]) -> tuple[str, list[str]]:
    """The statement that `open_wall` sends, and its values: for who sends another one with it."""
    return _OPEN, _settings(**opening)


def _settings(
    read: Iterable[int] = (), write: int | None = None, person: int | None = None, desk: bool = False, house: bool = False
) -> list[str]:
    listed = "{" + ",".join(str(int(number)) for number in read) + "}"
    ids = ["" if number is None else str(int(number)) for number in (write, person)]
    return [listed, *ids, "yes" if desk else "", "yes" if house else ""]


@contextmanager
def wall_opened(**opening: Unpack[Opening]) -> Iterator[None]:
    """Open the wall for a block, and put back what was open before (matters only inside a longer transaction)."""
    if not connection.in_atomic_block:
        with transaction.atomic():
            open_wall(**opening)
            yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_EXCHANGE, _settings(**opening))
        before = cursor.fetchone()[:5]
        yield
        cursor.execute(_OPEN, [value or "" for value in before])


@contextmanager
def wall_of_request(**opening: Unpack[Opening]) -> Iterator[None]:
    """Open the wall for what is left of a transaction that ends with the block: nothing is put back.

    Inside a longer transaction (a test's) it is `wall_opened`.
    """
    if len(connection.atomic_blocks) > 1:
        with wall_opened(**opening):
            yield
    else:
        open_wall(**opening)
        yield


def _functions() -> str:
    setting = "nullif(current_setting('app.{}', true), '')"
    return "\n".join(
        [
            "CREATE FUNCTION app_read() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS "
            f"$$ SELECT coalesce({setting.format('read')}::bigint[], '{{}}'::bigint[]) $$;",
            "CREATE FUNCTION app_write() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS "
            f"$$ SELECT {setting.format('write')}::bigint $$;",
            "CREATE FUNCTION app_person() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS "
            f"$$ SELECT {setting.format('person')}::bigint $$;",
            "CREATE FUNCTION app_signing_in() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS "
            f"$$ SELECT {setting.format('signing_in')} IS NOT NULL $$;",
            "CREATE FUNCTION app_token() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS "
            f"$$ SELECT {setting.format('token')} $$;",
            "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$;",
        ]
    )


def functions() -> migrations.RunSQL:
    """The functions that every policy reads."""
    names = ("app_read()", "app_write()", "app_person()", "app_signing_in()", "app_token()", "append_only()")
    return migrations.RunSQL(_functions(), "".join(f"DROP FUNCTION {name};" for name in names))


def wall(
    table: str, *, references: Mapping[str, str] | None = None, using: str = STANDARD, check: str = STANDARD_CHECK
) -> migrations.RunSQL:
    """Wall one table: row-level security with FORCE, and foreign keys that can't cross customers.

    `references` maps a column to the walled table that it points to; `using` and `check` differ from the standard only for the
    tables listed in `docs/invariants.md`.
    """
    do = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;",
        f"CREATE POLICY wall ON {table} USING ({using}) WITH CHECK ({check});",
        # what may only be read may not be changed, moved away or deleted: FOR ALL alone checks the row as it becomes
        f"CREATE POLICY wall_changed ON {table} AS RESTRICTIVE FOR UPDATE USING ({check});",
        f"CREATE POLICY wall_deleted ON {table} AS RESTRICTIVE FOR DELETE USING ({check});",
    ]
    undo = [
        f"DROP POLICY wall_deleted ON {table};",
        f"DROP POLICY wall_changed ON {table};",
        f"DROP POLICY wall ON {table};",
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;",
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
    ]
    for column, other in (references or {}).items():
        name = f"{table}_{column}_wall"
        do.append(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (organisation_id, {column}) "
            f"REFERENCES {other} (organisation_id, id) DEFERRABLE INITIALLY DEFERRED;"
        )
        undo.append(f"ALTER TABLE {table} DROP CONSTRAINT {name};")
    return migrations.RunSQL("\n".join(do), "\n".join(reversed(undo)))


def widened(table: str, *, using: str, check: str, before: tuple[str, str]) -> migrations.RunSQL:
    """Give a walled table another policy; `before` is what it used to see and to check."""

    def told(using: str, check: str) -> str:
        return (
            f"ALTER POLICY wall ON {table} USING ({using}) WITH CHECK ({check});"
            f"ALTER POLICY wall_changed ON {table} USING ({check}); ALTER POLICY wall_deleted ON {table} USING ({check});"
        )

    return migrations.RunSQL(told(using, check), told(*before))


def seen_at_desk(table: str, *roles: str, only: str = "true") -> migrations.RunSQL:
    """Let the vendor's staff with one of these roles read a table over all customers, on pages of the desk alone.

    `only`: a condition that its rows must meet.

    A policy of its own for SELECT: it writes nothing, and what a customer's pages see stays as it was.
    """
    listed = ", ".join(f"'{role}'" for role in roles)
    more = "" if only == "true" else f" AND ({only})"
    return migrations.RunSQL(
        f"CREATE POLICY wall_desk ON {table} FOR SELECT USING ((SELECT app_desk({listed})){more});",
        f"DROP POLICY wall_desk ON {table};",
    )


def appended(table: str) -> migrations.RunSQL:
    """Refuse every update, delete and truncate of a table."""
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_rows_stay BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION append_only();"
        f"CREATE TRIGGER {table}_all_stays BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION append_only();",
        f"DROP TRIGGER {table}_rows_stay ON {table}; DROP TRIGGER {table}_all_stays ON {table};",
    )


def in_customer(name: str) -> models.UniqueConstraint:
    """The key that composite foreign keys point to: (customer, id)."""
    return models.UniqueConstraint(fields=["organisation", "id"], name=f"{name}_in_customer")
