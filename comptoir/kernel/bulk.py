"""Rows in bulk: what an import or a seed brings, in a few statements per table, whatever the number of rows."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from operator import attrgetter
from typing import Any

from django.db import connection, models

BATCH = 2_000  # rows in one INSERT
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """What a table holds of the rows that were brought: all their ids by key, and the keys that were not there before."""

    ids: Mapping[Key, int]
    new: frozenset[Key]


def add_missing(model: type[models.Model], key: Sequence[str], rows: Iterable[models.Model]) -> Added:
    """Add the rows whose key is not there yet; one that is there stays as it is, whatever the new one says. For steps.

    `key` names columns, `organisation_id` first on a customer's table. Two rows of one key: the first is meant.
    """
    told: dict[Key, models.Model] = {}
    for row in rows:
        told.setdefault(tuple(getattr(row, name) for name in key), row)
    ids = _known(model, key, told)
    new = {at: row for at, row in told.items() if at not in ids}
    for at, made in zip(new, model._default_manager.bulk_create(new.values(), batch_size=BATCH), strict=True):
        ids[at] = made.pk
    return Added(ids, frozenset(new))


def _known(model: type[models.Model], key: Sequence[str], told: Mapping[Key, models.Model]) -> dict[Key, int]:
    if not told:
        return {}
    found = model._default_manager.filter(**{f"{key[0]}__in": {at[0] for at in told}}).values_list("pk", *key)
    return {tuple(at): pk for pk, *at in found if tuple(at) in told}


def insert_new(rows: Sequence[models.Model], *, beside: tuple[str, Sequence[Any]] = ("", ())) -> None:
    """Write new rows of one table in one statement and give each its id: a quarter of what `bulk_create` computes. For steps.

    Every column has a value, but for those that the row's own field sets as it is saved. `beside`: another statement that
    writes, and its values, of the same round trip. Raises TypeError for a value that JSON has no word for.
    """
    if not rows:
        return
    shape = _shape(type(rows[0]))
    for row in rows:
        for field in shape.set_on_save:
            field.pre_save(row, add=True)
    told = json.dumps([dict(zip(shape.columns, shape.values(row), strict=True)) for row in rows], default=_word)
    also, values = beside
    with connection.cursor() as cursor:
        cursor.execute(f"WITH beside AS ({also}) {shape.insert}" if also else shape.insert, [*values, told])
        for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = pk
            row._state.adding, row._state.db = False, connection.alias


@dataclass(frozen=True, slots=True)
class _Shape:
    columns: tuple[str, ...]
    values: Callable[[models.Model], tuple[Any, ...]]
    set_on_save: "tuple[models.Field[Any, Any], ...]"
    insert: str


@cache
def _shape(model: type[models.Model]) -> _Shape:
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    columns = tuple(field.column for field in fields if field.column)
    table, listed = connection.ops.quote_name(model._meta.db_table), ", ".join(map(connection.ops.quote_name, columns))
    return _Shape(
        columns,
        attrgetter(*(field.attname for field in fields)),
        tuple(field for field in fields if type(field).pre_save is not models.Field.pre_save),
        f"INSERT INTO {table} ({listed}) SELECT {listed} FROM json_populate_recordset(NULL::{table}, %s) RETURNING id",
    )


def tell_planner(*, vacuum: bool = False) -> None:
    """Have the planner learn the sizes of the tables that have rows; with `vacuum` their pages are known to be clean, too.

    An empty table is left alone: known to be empty, it would be read whole by every connection that has planned so, with
    thousands of rows in it. One that nobody has looked at is thought to have some. Outside of a transaction with `vacuum`.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace "
            "AND pg_has_role(relowner, 'USAGE') AND pg_relation_size(oid) > 0 ORDER BY oid"
        )
        if tables := ", ".join(name for (name,) in cursor.fetchall()):
            cursor.execute(f"VACUUM (ANALYZE) {tables}" if vacuum else f"ANALYZE {tables}")


def _word(value: object) -> str:
    if isinstance(value, date):  # a datetime is one, too
        return value.isoformat()
    raise TypeError(f"{value!r} can't be written in bulk")


def copy_new(rows: Sequence[models.Model]) -> None:
    """Write new rows of one table with COPY, several times as fast as INSERT, and give each its id. For steps.

    Nothing is looked up: a row that is there already is an IntegrityError. Needs a login that passes the walls.
    """
    if not rows:
        return
    fields = [field for field in rows[0]._meta.concrete_fields if not field.primary_key]
    table, names = rows[0]._meta.db_table, ["id", *(field.column for field in fields)]
    quoted = ", ".join(connection.ops.quote_name(name) for name in names if name)
    with connection.cursor() as cursor:
        sequence = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        cursor.execute(sequence, [table, len(rows)])
        for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = pk
        with cursor.copy(f"COPY {connection.ops.quote_name(table)} ({quoted}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([row.pk, *(field.pre_save(row, add=True) for field in fields)])
