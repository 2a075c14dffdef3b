"""What the database itself says about walls: each function returns the names of what breaks a rule, none if all is well."""

from typing import Any

from django.apps import apps
from django.db import connection

OURS = "n.nspname = 'public'"
HAS_CUSTOMER = (
    "EXISTS (SELECT 1 FROM pg_attribute o WHERE o.attrelid = {0} AND o.attname = 'organisation_id' AND NOT o.attisdropped)"
)


def ask(sql: str, parameters: list[Any] | None = None) -> list[Any]:
    """The first column of every row."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [row[0] for row in cursor.fetchall()]


def tables() -> list[str]:
    """Every table there is."""
    return ask(
        f"SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        f"WHERE {OURS} AND c.relkind IN ('r', 'p') ORDER BY 1"
    )


def walled_tables() -> list[str]:
    """Tables with row-level security, forced on their owner too, one policy for every command and everybody, and two that
    keep what may only be read from being changed or deleted."""
    return ask(
        f"SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        f"WHERE {OURS} AND c.relkind IN ('r', 'p') AND c.relrowsecurity AND c.relforcerowsecurity "
        "AND (SELECT array_agg(p.polcmd::text || p.polpermissive::text || p.polroles::text || "
        "(p.polqual IS NOT NULL)::text || (p.polwithcheck IS NOT NULL)::text ORDER BY p.polcmd) "
        "FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname <> 'wall_desk') "
        '= \'{"*true{0}truetrue","dfalse{0}truefalse","wfalse{0}truefalse"}\' ORDER BY 1'
    )


def seen_at_desk() -> dict[str, str]:
    """The tables that the desk reads over all customers, each with the policy that says for whom: for SELECT alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename, qual FROM pg_policies WHERE policyname = 'wall_desk' AND cmd = 'SELECT'")
        return dict(cursor.fetchall())


def policies() -> dict[str, tuple[str, str]]:
    """Each policy of each table: what may be seen, what may be written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename, qual, with_check FROM pg_policies WHERE schemaname = 'public' AND cmd = 'ALL'")
        return {table: (" ".join(seen.split()), " ".join(written.split())) for table, seen, written in cursor.fetchall()}


def tables_of_customers() -> list[str]:
    """Tables with a column that names a customer."""
    return ask(
        f"SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        f"WHERE {OURS} AND c.relkind IN ('r', 'p') AND {HAS_CUSTOMER.format('c.oid')} ORDER BY 1"
    )


def functions_that_act_as_their_owner() -> list[str]:
    """SECURITY DEFINER: a function of the owner's that sees every customer."""
    return ask(f"SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {OURS} AND p.prosecdef")


def views_that_see_as_their_owner() -> list[str]:
    """Views without security_invoker."""
    return ask(
        f"SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {OURS} AND c.relkind = 'v' "
        "AND NOT coalesce(c.reloptions && ARRAY['security_invoker=true', 'security_invoker=on'], false)"
    )


def materialised_views() -> list[str]:
    """Copies of rows, which no policy guards."""
    return ask(f"SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {OURS} AND c.relkind = 'm'")


def foreign_keys_that_cross() -> list[str]:
    """Foreign keys between customers' tables that don't carry the customer on both sides."""
    return ask(
        f"SELECT f.conrelid::regclass::text || '.' || f.conname FROM pg_constraint f "
        f"WHERE f.contype = 'f' AND {HAS_CUSTOMER.format('f.conrelid')} AND {HAS_CUSTOMER.format('f.confrelid')} AND NOT EXISTS ("
        "SELECT 1 FROM unnest(f.conkey, f.confkey) AS pair(own, other) "
        "JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = pair.own AND a.attname = 'organisation_id' "
        "JOIN pg_attribute b ON b.attrelid = f.confrelid AND b.attnum = pair.other AND b.attname = 'organisation_id') ORDER BY 1"
    )


def unique_over_all_customers() -> list[str]:
    """Unique and exclusion constraints of customers' tables that don't start with the customer: each tells who else has it."""
    return ask(
        "SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid "
        "JOIN pg_namespace n ON n.oid = t.relnamespace "
        "LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0] "
        f"WHERE {OURS} AND (x.indisunique OR x.indisexclusion) AND NOT (x.indisprimary AND a.attname = 'id') "
        f"AND {HAS_CUSTOMER.format('t.oid')} AND a.attname IS DISTINCT FROM 'organisation_id' ORDER BY 1"
    )


def names_without_foreign_key() -> list[str]:
    """Columns of customers' tables that hold the id of a row elsewhere, and no foreign key that says of which."""
    return ask(
        f"SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        f"JOIN pg_attribute a ON a.attrelid = c.oid WHERE {OURS} AND c.relkind IN ('r', 'p') "
        f"AND {HAS_CUSTOMER.format('c.oid')} AND a.attname LIKE '%\\_id' AND a.atttypid IN ('int4'::regtype, 'int8'::regtype) "
        "AND NOT a.attisdropped AND NOT EXISTS (SELECT 1 FROM pg_constraint f "
        "WHERE f.contype = 'f' AND f.conrelid = c.oid AND a.attnum = ANY(f.conkey)) ORDER BY 1"
    )


def names_of_rules() -> list[str]:
    """Every check, unique and exclusion constraint, unique index and trigger of our own tables.

    Without three kinds that refuse nothing of the business: (customer, id), which foreign keys point to, Django's checks that a
    positive number is not negative, and the trigger that lists a new customer.
    """
    ours = f"^({'|'.join(config.label for config in apps.get_app_configs() if config.name.startswith('comptoir.'))})_"
    found = ask(
        "SELECT c.conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid "
        "WHERE c.contype IN ('c', 'u', 'x') AND t.relname ~ %s "
        "UNION SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid "
        "JOIN pg_class t ON t.oid = x.indrelid WHERE x.indisunique AND NOT x.indisprimary AND t.relname ~ %s "
        "UNION SELECT g.tgname FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid "
        "WHERE NOT g.tgisinternal AND t.relname ~ %s "
        "ORDER BY 1",
        [ours] * 3,
    )
    return [name for name in found if not name.endswith(("_in_customer", "_check", "_listed"))]
