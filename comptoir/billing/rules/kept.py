"""Credit: money of a customer's that came in and pays nothing yet. Source: rules 6."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money

from .payments import Part


@dataclass(frozen=True, slots=True)
class CreditPlan:
    """What using credit on an invoice does: what it pays, what stays open of the invoice, what stays of the credit."""

    used: Money
    open: Money
    left: Money

    @property
    def before(self) -> Money:
        """The credit before."""
        return self.used + self.left


def plan_credit(credit: Money, open_: Money, used: Money | None = None) -> CreditPlan:
    """Use so much of the credit, or as much as fits. Raises Refused `credit_short` for more than there is, or than is open."""
    most = min(credit, open_)
    wanted = most if used is None else used
    if wanted.minor <= 0 or wanted > most:
        params = {"credit": f"{credit} {credit.currency}", "open": f"{open_} {open_.currency}"}
        raise Refused("credit_short", params=params)
    return CreditPlan(wanted, open_ - wanted, credit - wanted)


def from_oldest(wanted: int, left: Mapping[int, int]) -> Sequence[Part]:
    """How much of each payment (by its id; what is left of it) makes up `wanted`, the oldest first."""
    parts = []
    for pk in sorted(left):
        minor = min(wanted, left[pk])
        if minor > 0:
            parts.append(Part(pk, minor))
            wanted -= minor
    return parts
