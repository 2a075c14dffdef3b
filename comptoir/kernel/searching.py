"""Looking for things by how their names and numbers begin: what somebody typed, and the ranges of an index that it means.

A beginning is asked as a range in the order of code points (collation "C"), for which each table that is searched has an index.
Not by LIKE or trigrams: the database asks a wall before it asks those, of every row of the customer; ranges it may ask first.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Collate

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


def first_of(slices: Sequence[QuerySet[Any, dict[str, Any]]], key: str, limit: int) -> list[dict[str, Any]]:
    """The first rows of several ways to find them, in one statement, each once by its key.

    Each way stops at the limit by itself, so that none is read to its end.
    """
    if not slices:
        return []
    parts = [rows[:limit] for rows in slices]
    found = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return list({row[key]: row for row in found}.values())[:limit]
