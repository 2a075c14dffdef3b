"""What must always be true, recomputed from the rows: each context's queries register their own, `comptoir verify` runs all.

A check is worth something only if it can fail: `tests/test_verify.py` breaks every one of them.
"""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.utils.module_loading import autodiscover_modules

from .clock import business_day
from .errors import HouseRule

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is always true. `found` is SQL that returns one text for each violation, or a function that does.

    SQL may name `%(day)s`, the business day; a per cent sign of its own is then written twice.
    """

    name: str
    sentence: str
    found: str | Callable[[], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found: how many violations, and the first few in words."""

    name: str
    sentence: str
    violations: int
    examples: tuple[str, ...]


CHECKS: dict[str, Check] = {}
_WHOLE: ContextVar[bool] = ContextVar("whole", default=False)


def check(name: str, sentence: str, sql: str) -> None:
    """Put a check in SQL on the list."""
    _add(Check(name, sentence, sql))


def check_by(name: str, sentence: str) -> Callable[[Callable[[], Iterable[str]]], Callable[[], Iterable[str]]]:
    """Put a function on the list, for what SQL can't recompute."""

    def decorate(body: Callable[[], Iterable[str]]) -> Callable[[], Iterable[str]]:
        _add(Check(name, sentence, body))
        return body

    return decorate


def _add(new: Check) -> None:
    if new.name in CHECKS:
        raise HouseRule(f"two checks are called {new.name}")
    CHECKS[new.name] = new


def whole_asked() -> bool:
    """Whether a check that reads samples of what is large is to read all of it."""
    return _WHOLE.get()


def verify(*, whole: bool = False) -> list[Verdict]:
    """Run every check on one view of the database: a house at work disturbs nothing, and is not disturbed.

    With `whole` also every byte of the files is read, of which else there is a sample.

    Raises HouseRule for a login that can't see past the walls: it would find nothing wrong, for it sees nothing.
    """
    autodiscover_modules("checks", "queries", "queries.checks", "adapters.checks")
    _WHOLE.set(whole)
    if connection.in_atomic_block:
        return _run()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return _run()


def _run() -> list[Verdict]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            raise HouseRule("verify needs a login that sees past the walls")
    day = business_day()
    return [_verdict(one, day) for one in CHECKS.values()]


def _verdict(one: Check, day: date) -> Verdict:
    if callable(one.found):
        texts = list(one.found())
        return Verdict(one.name, one.sentence, len(texts), tuple(texts[:SHOWN]))
    sql = f"SELECT count(*), (array_agg(example ORDER BY example))[1:{SHOWN}] FROM ({one.found}) AS found(example)"
    with connection.cursor() as cursor:
        cursor.execute(sql, {"day": day} if "%(day)s" in sql else None)
        violations, examples = cursor.fetchone()
    return Verdict(one.name, one.sentence, violations, tuple(examples or ()))
