"""What a credit note gives back. Source: rules 1 and 6: by line and quantity; a full return closes to exactly zero."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money

from .tax import TaxTreatment, credit_tax, totals


@dataclass(frozen=True, slots=True)
class CreditableLine:
    """A line of an invoice, and how many of its quantity earlier credit notes have given back."""

    position: int
    quantity: int
    credited: int
    unit_price: Money
    days: int
    denominator: int

    @property
    def left(self) -> int:
        """How many can still be given back."""
        return self.quantity - self.credited

    @property
    def net_left(self) -> Money:
        """What is left of the line without tax: what the quantity that is left would have cost."""
        return self.unit_price.prorate(self.days, self.denominator, self.left)


@dataclass(frozen=True, slots=True)
class Credit:
    """What a credit note gives back: of each line, and in all. All amounts are positive, but for those of a discount."""

    nets: tuple[Money, ...]
    net: Money
    tax: Money
    total: Money


def credit_of(lines: Sequence[CreditableLine], given_back: Sequence[int], treatment: TaxTreatment) -> Credit:
    """Give back `given_back[n]` of `lines[n]`, all lines of the invoice: what is left before less what is left after.

    So the credits of a line never add up to more or less than the line, nor their tax to that of the invoice. Raises Refused
    `credit_exceeds_line`; ValueError if nothing is given back, or if the invoice would become larger.
    """
    for line, quantity in zip(lines, given_back, strict=True):
        if not 0 <= quantity <= line.left:
            raise Refused("credit_exceeds_line", params={"position": line.position, "left": line.left, "quantity": quantity})
    if not any(given_back):
        raise ValueError("A credit note gives something back.")
    after = [replace(line, credited=line.credited + back) for line, back in zip(lines, given_back, strict=True)]
    before_in_all = totals([line.net_left for line in lines], treatment)
    after_in_all = totals([line.net_left for line in after], treatment)
    tax = credit_tax(before_in_all, after_in_all)
    net = before_in_all.net - after_in_all.net
    nets = tuple(now.net_left - then.net_left for now, then in zip(lines, after, strict=True))
    return Credit(nets, net, tax, net + tax)
