"""The only code that writes contracts."""

from collections.abc import Iterable
from datetime import date

from comptoir.kernel.action import step
from comptoir.kernel.bulk import Added, add_missing
from comptoir.organisations.models import Organisation

from .models import Contract


@step
def import_contracts(contracts: Iterable[Contract]) -> Added:
    """Add the contracts that are not here yet, by customer and number."""
    return add_missing(Contract, ["organisation_id", "number"], contracts)


@step
def open_contract(organisation: Organisation, *, on: date) -> Contract:
    """A new agreement with the vendor itself, from that day, with basic support. The customer's lock gives its number."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    own = Contract.objects.filter(organisation=organisation, number__startswith=f"{organisation.number}-C").count()
    return Contract.objects.create(
        organisation=organisation,
        number=f"{organisation.number}-C{own + 1}",
        plan=Contract.Plan.SUBSCRIPTION,
        channel=Contract.Channel.DIRECT,
        support_level=Contract.SupportLevel.BASIC,
        started_on=on,
    )
