"""What customers must know from above, or from beside. Filled in `wiring.py` and nowhere else."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, cast

from comptoir.kernel.actor import Actor
from comptoir.kernel.ports import Unfilled


@dataclass(frozen=True, slots=True)
class Held:
    """A seat that a member has, or, `waiting`, hopes for."""

    product: str
    subscription: str
    contract: str
    given_on: date
    ended_on: date | None
    waiting: bool


@dataclass(frozen=True, slots=True)
class Lent:
    """A licence that a member has beside their seat: for home use, or of a previous version."""

    product: str
    subscription: str
    what: str  # in words
    number: str
    last_day: date
    word: str  # where it stands, and how that is shown
    status: str


class Holdings(Protocol):
    """What members hold in the contexts above, as far as the actor may see it."""

    def contract_numbers(self, actor: Actor, contracts: Collection[int]) -> Mapping[int, str]:
        """The numbers of these contracts."""
        ...

    def seats(self, actor: Actor, memberships: Collection[int], on: date) -> Mapping[int, int]:
        """How many seats each of these members has now; who has none may be missing."""
        ...

    def held_by(self, actor: Actor, membership_id: int, on: date) -> Sequence[Held]:
        """Every seat of one member, those of today first, then those of the past."""
        ...

    def lent_to(self, actor: Actor, membership_id: int, on: date) -> Sequence[Lent]:
        """The licences of one member beside their seats, as far as the actor gives such, the newest first."""
        ...


@dataclass(frozen=True, slots=True)
class Ending:
    """Something that a member has, and loses by leaving the customer."""

    membership_id: int
    kind: str  # seat, waiting, case, request
    what: str  # in words: the product, the subject
    number: str  # of the subscription, the case; empty where it has none
    contract_id: int | None = None


class Leaving(Protocol):
    """What ends above when people leave the customer. Both run inside the transaction in which they leave."""

    def ends(self, actor: Actor, memberships: Collection[int], on: date) -> Sequence[Ending]:
        """What these members would lose. Reads only; it is shown before the click, and asked again after it."""
        ...

    def left(self, actor: Actor, memberships: Collection[int], on: date) -> None:
        """They have left: end it all, also what they had through groups (rules 9). A step."""
        ...


@dataclass(frozen=True, slots=True)
class Two:
    """One person's two memberships of a customer, by id, and the accounts that they were of.

    `kept` and `closed` are one membership where only the closed account was here: it has the kept account now.
    """

    kept: int
    closed: int
    kept_person: int
    closed_person: int


class Uniting(Protocol):
    """What goes from one membership to the other when a person's two accounts become one (decision 19)."""

    def brings(self, actor: Actor, membership: int) -> Mapping[str, int]:
        """How much this membership brings, by kind: `calendar`, `address`, `update`, `trial`, `device`, `key`, `case`, `use`.

        What ends when somebody leaves (`Leaving.ends`) is not told again. Reads only; shown before the click.
        """
        ...

    def united(self, actor: Actor, two: Two, on: date) -> None:
        """Give what lives of `closed` to `kept`, once where both have it; what is left ends by `Leaving.left`. A step."""
        ...


@dataclass(frozen=True, slots=True)
class GivenToGroup:
    """What everybody in a group gets."""

    what: str  # the product, the benefit
    subscription: str  # its number; empty for what is no seat
    free: int | None  # seats that nobody uses; None: no limit
    waiting: int = 0  # members of the group who wait for a seat


class Grouped(Protocol):
    """What is given to groups above. Everything but `given` runs inside the transaction in which the group changes."""

    def given(self, actor: Actor, groups: Collection[int], on: date) -> Mapping[int, Sequence[GivenToGroup]]:
        """What is given to each of these groups; one without anything may be missing. Reads only."""
        ...

    def joined(self, actor: Actor, group_id: int, memberships: Collection[int], on: date) -> None:
        """These have joined: they get what the group has, or, where it is full, wait (rules 9). A step."""
        ...

    def left(self, actor: Actor, group_id: int, memberships: Collection[int], on: date) -> None:
        """These have left the group, not the customer: what they had through it alone ends. A step."""
        ...

    def ended(self, actor: Actor, group_id: int, memberships: Collection[int], on: date) -> None:
        """The group has ended, these were its members: what it was given ends. A step; `left` is not called."""
        ...


class Contracts(Protocol):
    """The customer's contracts. Filled by contracts."""

    def all_numbers(self, actor: Actor) -> Mapping[int, str]:
        """The number of each contract of the actor's customer, whoever may see it: every one needs a manager (rules 7)."""
        ...


class TermsOfSale(Protocol):
    """What a buyer accepts. Filled by catalogue."""

    def current(self, on: date) -> str:
        """The version that holds on that day; empty where the vendor has published none."""
        ...


class TaxNumbers(Protocol):
    """What is a VAT number. Filled by billing."""

    def checked(self, country: str, typed: str) -> str | None:
        """The number as invoices write it; None if it can't be one of that country. Checked offline (rules 1)."""
        ...


class Ports:
    """The sockets."""

    terms: TermsOfSale = cast(TermsOfSale, Unfilled())
    tax_numbers: TaxNumbers = cast(TaxNumbers, Unfilled())

    contracts: Contracts = cast(Contracts, Unfilled())
    holdings: Holdings = cast(Holdings, Unfilled())

    # several contexts may have something to end or to give; each is asked in turn
    leaving: tuple[Leaving, ...] = ()
    grouped: tuple[Grouped, ...] = ()
    uniting: tuple[Uniting, ...] = ()
