"""Looking for things by how their names and numbers begin: what somebody typed, and the ranges of an index that it means.

A beginning is asked as a range in the order of code points (collation "C"), for which each table that is searched has an index.
Not by LIKE or trigrams: the database asks a wall before it asks those, of every row of the customer; ranges it may ask first.
"""

import re
import unicodedata
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Model, OuterRef, QuerySet
from django.db.models.functions import Collate

M = TypeVar("M", bound=Model)
Rows = QuerySet[Any, Any]
Told = TypeVar("Told", bound=Mapping[str, Any])
LONGEST, MOST_WORDS, SHORTEST = 100, 6, 2
PARTS = re.compile(r"[\s.,;:'’\"()/@_+-]+")  # as the database parts names into words
LAST = "\U0010ffff"  # comes after every letter


def folded(text: str) -> str:
    """Lower case without accents: "Élodie" is found by "elodie"."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(letter))


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody looks for. Empty: nothing that anything could begin with."""

    text: str

    @classmethod
    def of(cls, text: str) -> "Typed":
        """What can be looked for in what was typed, whatever it holds: no more than so many letters, none unprintable."""
        printable = "".join(letter if letter.isprintable() else " " for letter in text[: 10 * LONGEST])
        return cls(" ".join(printable.split())[:LONGEST].strip())

    def __bool__(self) -> bool:
        return len(self.text) >= SHORTEST and bool(self.words)

    @property
    def words(self) -> Sequence[str]:
        """Its words, folded, the longest first: it holds most back."""
        found = dict.fromkeys(word for word in PARTS.split(folded(self.text)) if word)
        return sorted(list(found)[:MOST_WORDS], key=len, reverse=True)

    @property
    def numbers(self) -> Sequence[str]:
        """What in it may be the beginning of a number, as typed and in capitals: each word with a digit."""
        found = [word for word in self.text.split()[:MOST_WORDS] if any(letter.isdigit() for letter in word)]
        return list(dict.fromkeys(form for word in found for form in (word, word.upper())))

    def within(self, text: str) -> bool:
        """Whether every word begins a word of that text: for the few rows that are read anyway."""
        told = [word for word in PARTS.split(folded(text)) if word]
        return all(any(word.startswith(wanted) for word in told) for wanted in self.words)


def beginning(rows: QuerySet[Any], field: str, start: str) -> QuerySet[Any]:
    """Those whose field begins so, in order."""
    keyed = rows.alias(search_key=Collate(field, "C"))
    found: QuerySet[Any] = keyed.filter(search_key__gte=start, search_key__lt=start + LAST)
    return found.order_by("search_key")


def any_of(parts: Iterable[QuerySet[M]]) -> QuerySet[M]:
    """The rows of any of these: what one person sees with each of their customers."""
    return reduce(or_, parts)


def first_of(rows: Rows, ways: Sequence[Rows], key: str, limit: int, customers: Sequence[int]) -> list[dict[str, Any]]:
    """The first rows of several ways to find them among `rows`, each once by its key, no more than `limit` of each customer.

    One statement for one customer, two for several. Each way stops at the limit of each customer by itself, so that none is read
    to its end. The rows say `pk` and `organisation_id`.
    """
    if not ways:
        return []
    if len(customers) > 1:
        found = _of_several(rows, ways, limit, customers)
    else:
        parts = [way[:limit] for way in ways]
        found = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return each_at_most(list({(row["organisation_id"], row[key]): row for row in found}.values()), "organisation_id", limit)


def _of_several(rows: Rows, ways: Sequence[Rows], limit: int, customers: Sequence[int]) -> Iterable[dict[str, Any]]:
    """Customer by customer inside the database: a way asked over all of them at once would have to read all that begins so."""
    whose: type[Model] = rows.model._meta.get_field("organisation").related_model
    theirs = [way.filter(organisation_id=OuterRef("pk")).values("pk")[:limit] for way in ways]
    inside = {f"way_{n}": ArraySubquery(way) for n, way in enumerate(theirs)}
    lists = whose._default_manager.filter(pk__in=customers).order_by("pk").annotate(**inside).values_list(*inside)
    found = list(dict.fromkeys(pk for told in lists for pks in told for pk in pks))
    by_pk = {row["pk"]: row for row in rows.filter(pk__in=found)} if found else {}
    return [by_pk[pk] for pk in found if pk in by_pk]


def each_at_most(rows: Sequence[Told], key: str, limit: int) -> list[Told]:
    """The first rows of each kind of `key`, in their order."""
    counted: dict[Hashable, int] = {}
    kept = []
    for row in rows:
        counted[row[key]] = counted.get(row[key], 0) + 1
        if counted[row[key]] <= limit:
            kept.append(row)
    return kept
