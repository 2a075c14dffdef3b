"""Choices for made-up rows: the same from the same words, on every machine and every version of Python."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")

_FACTOR, _STEP, _SIZE = 6364136223846793005, 1442695040888963407, 2**64  # a linear congruential generator of full period


class Chance:
    """A row of choices that follows from what it was made of. Never for secrets: anybody can work it out."""

    def __init__(self, *made_of: str | int) -> None:
        digest = hashlib.sha256("\n".join(map(str, made_of)).encode()).digest()
        self._state = int.from_bytes(digest[:8], "big")

    def below(self, end: int) -> int:
        """A number from 0 up to, not including, `end`."""
        self._state = (self._state * _FACTOR + _STEP) % _SIZE
        return (self._state >> 33) % end

    def between(self, first: int, last: int) -> int:
        """A number from `first` to `last`, both included."""
        return first + self.below(last - first + 1)

    def percent(self, share: int) -> bool:
        """True in so many cases of a hundred."""
        return self.below(100) < share

    def pick(self, items: Sequence[Item]) -> Item:
        """One of the items."""
        return items[self.below(len(items))]

    def weighed(self, items: Sequence[tuple[Item, int]]) -> Item:
        """One of the items, each with its weight."""
        at = self.below(sum(weight for _item, weight in items))
        for item, weight in items:
            if at < weight:
                return item
            at -= weight
        raise AssertionError("the weights were summed above")
