"""What the pages' frame must know from above. Filled in `wiring.py`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, cast

from django.http import HttpRequest
from django.utils.functional import Promise

from comptoir.kernel.actor import Actor
from comptoir.kernel.ports import Unfilled
from comptoir.kernel.searching import Typed
from comptoir.permissions import Permission

from .shell import Shell, Vendor


class ShellMaker(Protocol):
    """Who is here, for which customer, and where they may go. Filled by home."""

    def shell_of(self, request: HttpRequest, vendor: Vendor) -> Shell:
        """The shell of a page that has passed the gate, or of one before it."""
        ...


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that a search found: whose, what it is called, a line that tells it from others, its page inside the customer."""

    customer_id: int
    name: str
    about: str
    page: str
    parts: Mapping[str, object] = field(default_factory=dict)  # of its address, the customer's number excepted


@dataclass(frozen=True, slots=True)
class SearchPart:
    """One kind of thing that can be searched for, and the context's own query. `can` says who sees any of it.

    The query is asked by one person as whom they are with each of these customers, and finds so many of each customer at most.

    `by` ends the sentence "You can look for ...": what a thing of that kind is found by.
    """

    kind: str
    icon: str
    title: Promise
    by: Promise
    can: Permission
    search: Callable[[Sequence[Actor], Typed, int, date], Sequence[Hit]]  # by whom, what, how many, on which business day


class Ports:
    """The sockets."""

    searched: Sequence[SearchPart] = ()  # in the order in which they are shown
    shell: ShellMaker = cast(ShellMaker, Unfilled())
