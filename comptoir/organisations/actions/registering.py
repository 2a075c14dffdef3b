"""A buyer unknown to us registers a new customer."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from django.db import connection

from comptoir.events import Events
from comptoir.identity.models import Person
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.recording import record
from comptoir.kernel.walls import open_wall
from comptoir.permissions import Can, Role

from ..models import AcceptedTerms, Membership, Organisation, RoleGrant
from ..rules import sort_name

FIRST_ROLE = Role.CONTRACT_MANAGER.value  # of whoever registers a customer, on the whole of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """What a buyer tells of the company that registers. `tax_number` is checked already, or empty."""

    name: str
    country: str
    currency: str
    language: str
    street: str
    postcode: str
    city: str
    tax_number: str = ""


@action(Can.REGISTER_CUSTOMER)
def register_customer(actor: Actor, person: Person, *, company: Mapping[str, str], terms_version: str, on: date) -> Organisation:
    """Make a new customer of which the person is contract manager (P13). Nobody joins an existing one this way (F5.5).

    `company` are the fields of a `Company`. What follows in this transaction stands inside the new customer's wall.
    """
    if not person.is_active:  # merged into another account at this very moment
        raise Refused("merge_of_nobody")
    told = Company(**company)
    pk, number = _next_customer()
    # the customer has no wall to be inside of before this line
    open_wall(read=[pk], write=pk, person=person.pk)
    organisation = Organisation.objects.create(pk=pk, number=number, created_on=on, **asdict(told))
    member = Membership.objects.create(
        organisation=organisation,
        person=person,
        name=str(person),
        sort_name=sort_name(person.first_name, person.last_name) or person.email.lower(),
        email=person.email,
        joined_on=on,
    )
    RoleGrant.objects.create(organisation=organisation, membership=member, role=FIRST_ROLE, given_on=on)
    if terms_version:
        AcceptedTerms.objects.create(organisation=organisation, membership=member, version=terms_version, on=on)
    record(Events.CUSTOMER_REGISTERED, organisation, on=on, terms=terms_version, by=member.pk)
    return organisation


def _next_customer() -> tuple[int, str]:
    """The id and the number of a customer that is about to be. Theirs start with N: the old centre's are digits alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('organisations_organisation', 'id')), nextval('organisations_new_number')"
        )
        pk, number = cursor.fetchone()
    return pk, f"N{number}"


@step
def accept_terms(actor: Actor, version: str, on: date) -> None:
    """Note that the member accepts these terms of sale for the customer, unless they did before."""
    if version and actor.membership_id is not None:
        told = {"organisation_id": actor.customer_id, "membership_id": actor.membership_id, "version": version}
        AcceptedTerms.objects.bulk_create([AcceptedTerms(**told, on=on)], ignore_conflicts=True)
