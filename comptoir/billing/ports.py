"""How money comes in. Filled in `wiring.py` and nowhere else."""

from typing import Protocol, cast

from comptoir.kernel.ports import Unfilled


class Payments(Protocol):
    """Which ways of paying a customer has today. A provider of cards and direct debit fills it beside invoices."""

    def usable(self, organisation_id: int, wanted: str) -> str:
        """The method that an order is paid by: `wanted` where it can be charged, else `invoice`.

        A method without a token at a provider can't be charged (rules 6): what it was wanted for goes on invoice.
        """
        ...


class OnInvoice:
    """Fills `billing.Payments` where no provider is connected: everything goes on invoice, paid by bank transfer."""

    def usable(self, organisation_id: int, wanted: str) -> str:
        """Always `invoice`."""
        return "invoice"


class Ports:
    """The sockets."""

    payments: Payments = cast(Payments, Unfilled())
