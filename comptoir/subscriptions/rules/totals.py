"""What an order over several contracts comes to: one invoice for each, each with its own tax. Source: rules 1, 5."""

from collections import defaultdict
from collections.abc import Iterable

from comptoir.billing.rules import TaxTreatment, Totals, totals
from comptoir.kernel.money import Money


def totals_by_contract(nets: Iterable[tuple[int | None, Money]], treatment: TaxTreatment) -> Totals:
    """The sum of one invoice per contract: tax is rounded on each (rules 1)."""
    groups: dict[int | None, list[Money]] = defaultdict(list)
    for contract_id, net in nets:
        groups[contract_id].append(net)
    sums = [totals(group, treatment) for group in groups.values()]
    currency = sums[0].net.currency
    net, tax = Money.sum((each.net for each in sums), currency), Money.sum((each.tax for each in sums), currency)
    return Totals(net, tax, net + tax, tuple(line for each in sums for line in each.per_rate))
