"""Queries that every verb and every call asks: written with the ORM, turned into SQL once, asked with values ever after.

Making the SQL costs Django five to ten times what asking it costs. A prepared query is made with stand-ins for its values; they
are found again among the parameters, so that what is asked is what the ORM wrote.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, Generic, LiteralString, TypeVar

from django.db import connection, models
from django.db.models import QuerySet
from django.db.models.query import get_related_populators
from psycopg.sql import SQL, Literal

from .errors import HouseRule
from .walls import Opening, opening_of, wall_opened

M = TypeVar("M", bound=models.Model)
Row = tuple[Any, ...]
FIRST = -1_900_000_000  # no id, no amount and no limit is that small


@dataclass(frozen=True, slots=True)
class _Made:
    """A query as it is asked: its text, which value goes where (a name, or a constant), and how rows are read."""

    sql: str
    parts: Sequence[tuple[str | None, Any]]
    read: Callable[[Sequence[Row]], Iterator[Any]]


class Prepared(Generic[M]):
    """`Prepared(lambda customer, number: Line.objects.filter(...), customer=int, number=str)`: what each value is, by its name.

    `list` is any number of ids, for `__in`. The query has the same shape whatever the values, and reads the default database.
    Raises HouseRule for a value that the query does not hold as it was given.
    """

    def __init__(self, make: Callable[..., QuerySet[M, Any]], **kinds: type) -> None:
        self._make, self._kinds = make, kinds

    def get(self, **values: Any) -> M:
        """The one row. Raises the model's DoesNotExist where there is none."""
        found = self.all(**values)
        if len(found) != 1:
            model: Any = self._query.model
            raise (model.MultipleObjectsReturned if found else model.DoesNotExist)(f"{len(found)} rows of {model.__name__}")
        row: M = found[0]
        return row

    def all(self, **values: Any) -> list[Any]:
        """Every row: models, or, where the query names its columns (`values_list`), tuples. One statement."""
        made = self._made
        with connection.cursor() as cursor:
            cursor.execute(made.sql, self._params(made, values))
            return list(made.read(cursor.fetchall()))

    def behind(self, opening: Opening, **values: Any) -> list[Any]:
        """Every row that a wall lets through, in a transaction of their own: both statements go to the database together."""
        if connection.in_atomic_block:
            with wall_opened(**opening):
                return self.all(**values)
        made = self._made
        with connection.cursor() as cursor:
            opened, settings = opening_of(**opening)
            cursor.execute(f"{opened}; {made.sql}", [*settings, *self._params(made, values)])
            cursor.nextset()
            return list(made.read(cursor.fetchall()))

    def _params(self, made: _Made, values: Mapping[str, Any]) -> list[Any]:
        return [each if name is None else self._told(name, values[name]) for name, each in made.parts]

    def _told(self, name: str, value: Any) -> Any:
        return list(value) if self._kinds[name] is list else value

    @cached_property
    def _query(self) -> QuerySet[M, Any]:
        return self._make(**{name: _stand_in(kind, at) for at, (name, kind) in enumerate(self._kinds.items())})

    @cached_property
    def _made(self) -> _Made:
        compiler = self._query.query.get_compiler(using=connection.alias)
        sql, params = compiler.as_sql()
        names = {_only(_stand_in(kind, at)): name for at, (name, kind) in enumerate(self._kinds.items())}
        parts = [(names.get(value) if isinstance(value, _STANDS) else None, value) for value in params]
        if lost := set(self._kinds) - {name for name, _ in parts}:
            raise HouseRule(f"the query does not hold {', '.join(sorted(lost))} as it was given")
        return _Made(self._with_lists(sql, parts), parts, self._reader(compiler))

    def _with_lists(self, sql: str, parts: Sequence[tuple[str | None, Any]]) -> str:
        texts = sql.split("%s")
        if len(texts) != len(parts) + 1:
            raise HouseRule("a query with a percent sign of its own can't be prepared")
        for at, (name, _value) in enumerate(parts):
            if name is not None and self._kinds[name] is list:
                before, after = texts[at], texts[at + 1]
                if not before.endswith(" IN (") or not after.startswith(")"):
                    raise HouseRule(f"{name} is a list, and the query does not ask whether something is in it")
                texts[at], texts[at + 1] = f"{before.removesuffix(' IN (')} = ANY (", after
        return "%s".join(texts)

    def _reader(self, compiler: Any) -> Callable[[Sequence[Row]], Iterator[Any]]:
        columns = [column for column, _, _ in compiler.select[: compiler.col_count]]
        converters = compiler.get_converters(columns)

        def rows(found: Sequence[Row]) -> Iterator[Row]:
            return (tuple(row) for row in compiler.apply_converters(found, converters)) if converters else iter(found)

        query: Any = self._query
        if query._fields is not None:  # columns that were named
            return rows
        told = compiler.klass_info
        if compiler.annotation_col_map:
            raise HouseRule("a prepared query of models has no more columns than they have: name them all")
        first, last = told["select_fields"][0], told["select_fields"][-1] + 1
        names = [column.target.attname for column, _, _ in compiler.select[first:last]]
        populators: Callable[..., Any] = get_related_populators  # the stubs are of a later Django
        related = populators(told, compiler.select, connection.alias)

        def read(found: Sequence[Row]) -> Iterator[Any]:
            for row in rows(found):
                made = told["model"].from_db(connection.alias, names, row[first:last])
                for one in related:
                    one.populate(row, made)
                yield made

        return read


@lru_cache(maxsize=32)
def with_settings(statement: LiteralString, settings: tuple[int | bool | str, ...]) -> str:
    """A statement with the house's settings in the place of its `{}`: they are the same each time, so they are written once."""
    return SQL(statement).format(*map(Literal, settings)).as_string()


_STANDS = (int, str, date, datetime)  # or the ORM's own kinds of these


def _stand_in(kind: type, at: int) -> Any:
    if kind is int:
        return FIRST - at
    if kind is list:
        return [FIRST - at]
    if kind is str:
        return f"\x1fstand-in {at}\x1f"
    if kind is date:
        return date(1, 1, 1) + timedelta(at)
    if kind is datetime:
        return datetime(1, 1, 1, tzinfo=UTC) + timedelta(at)
    raise HouseRule(f"a value of {kind.__name__} has no stand-in")


def _only(stand_in: Any) -> Any:
    return stand_in[0] if isinstance(stand_in, list) else stand_in
