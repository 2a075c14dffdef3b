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


class Holdings(Protocol):
    """What members hold in the contexts above, as far as the actor may see it."""

    def contract_numbers(self, actor: Actor, contracts: Collection[int]) -> Mapping[int, str]:
        """The numbers of these contracts."""
        ...

    def seats(self, actor: Actor, memberships: Collection[int]) -> Mapping[int, int]:
        """How many seats each of these members has now; who has none may be missing."""
        ...

    def held_by(self, actor: Actor, membership_id: int) -> Sequence[Held]:
        """Every seat of one member, those of today first, then those of the past."""
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

    holdings: Holdings = cast(Holdings, Unfilled())
