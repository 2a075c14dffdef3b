"""Steps of an import: what is new is added, what is here stays as it is."""

from collections.abc import Iterable, Mapping

from comptoir.events import Events
from comptoir.kernel.action import step
from comptoir.kernel.bulk import Added, add_missing
from comptoir.kernel.recording import record

from ..models import Membership, Organisation, Reseller, RoleGrant


@step
def import_resellers(resellers: Iterable[Reseller]) -> Added:
    """Add the resellers that are not here yet, by number."""
    return add_missing(Reseller, ["number"], resellers)


@step
def import_customers(customers: Iterable[Organisation]) -> tuple[dict[str, Organisation], frozenset[str]]:
    """Add the customers that are not here yet, by number. Returns all of them as they are here, and the new numbers."""
    told = list(customers)
    added = add_missing(Organisation, ["number"], told)
    here = Organisation.objects.filter(number__in=[customer.number for customer in told])
    return {customer.number: customer for customer in here}, frozenset(number for (number,) in added.new)


@step
def import_members(members: Iterable[Membership]) -> Added:
    """Add the members that are not here yet, by customer and person. Who left here has left."""
    return add_missing(Membership, ["organisation_id", "person_id"], members)


@step
def import_roles(roles: Iterable[RoleGrant]) -> Added:
    """Add the roles that are not here yet, by customer, member, role and contract."""
    return add_missing(RoleGrant, ["organisation_id", "membership_id", "role", "contract_id"], roles)


@step
def note_customers_imported(customers: Iterable[Organisation], counts: Mapping[int, tuple[int, int]]) -> None:
    """One event for each customer that got something new; `counts`: by its id, its new contracts and new people."""
    for customer in customers:
        if customer.pk in counts:
            contracts, people = counts[customer.pk]
            record(Events.CUSTOMER_IMPORTED, customer, contracts=contracts, people=people)
