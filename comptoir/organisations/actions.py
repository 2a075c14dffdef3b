"""The only code that writes customers, their members, roles and tokens."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection

from comptoir.events import Events
from comptoir.identity.models import Person
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.bulk import Added, add_missing
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.kernel.recording import record
from comptoir.kernel.walls import open_wall
from comptoir.permissions import SCOPES, Can, Role

from .models import AcceptedTerms, AccessToken, Membership, Organisation, Reseller, RoleGrant, SpendingLimit
from .ports import Ports
from .queries import members, spending_limit_of, who_may_spend
from .rules import sort_name

TOKEN_PREFIX = "cptr_"
LONGEST_DAYS = 3_650
FIRST_ROLE = Role.CONTRACT_MANAGER.value  # of whoever registers a customer, on the whole of it


@action(Can.CREATE_TOKEN)
def create_token(
    actor: Actor, membership: Membership, *, name: str, scopes: Sequence[str], days: int | None, digest: str, hint: str
) -> AccessToken:
    """Make an access token that acts as this member, for `days` days or (None) until it is revoked.

    The secret itself never comes here: whoever made it shows it once and gives its digest and hint.

    Raises Refused `token_scope_unknown`, `token_days_out_of_range`, `token_name_missing`, `member_has_left`.
    """
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown or not wanted:
        params = {"scope": ", ".join(unknown), "offered": ", ".join(SCOPES)}
        raise Refused("token_scope_unknown", params=params, field="scopes", status=422)
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise Refused("token_days_out_of_range", params={"most": LONGEST_DAYS}, field="days", status=422)
    if not name.strip():
        raise Refused("token_name_missing", field="name", status=422)
    if membership.left_on is not None:
        raise Refused("member_has_left", params={"name": membership.name})
    token = AccessToken.objects.create(
        organisation_id=membership.organisation_id,
        membership=membership,
        name=name.strip(),
        digest=digest,
        hint=hint,
        scopes=wanted,
        expires_at=None if days is None else now() + timedelta(days=days),
    )
    record(Events.TOKEN_CREATED, token, name=token.name, membership=membership.pk)
    return token


@dataclass(frozen=True, slots=True)
class Secret:
    """A new token's secret: 256 random bits behind a prefix that scanners of leaked secrets can know."""

    text: str = field(default_factory=lambda: TOKEN_PREFIX + secrets.token_urlsafe(32))

    @property
    def digest(self) -> str:
        """What is kept, and what a request's token is looked up by."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def hint(self) -> str:
        """Its first characters, so that people can tell tokens apart."""
        return self.text[: len(TOKEN_PREFIX) + 4]


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


@action(Can.CHANGE_BILLING)
def change_billing_details(
    actor: Actor,
    organisation: Organisation,
    *,
    po_number: str,
    invoice_email: str,
    street: str,
    postcode: str,
    city: str,
    tax_number: str,
) -> Organisation:
    """Change what the next invoices say (rules 7). Those that are issued stay as they are. Name and country: the desk.

    Raises Refused `email_malformed`, `tax_number_wrong`, `billing_unchanged`.
    """
    _refuse_malformed(invoice_email)
    told = {"po_number": po_number, "invoice_email": invoice_email, "street": street, "postcode": postcode, "city": city}
    told["tax_number"] = _tax_number(organisation, tax_number)
    changed = [name for name, value in told.items() if getattr(organisation, name) != value]
    if not changed:
        raise Refused("billing_unchanged")
    for name in changed:
        setattr(organisation, name, told[name])
    organisation.save(update_fields=changed)
    record(Events.BILLING_CHANGED, organisation, fields=", ".join(changed))
    return organisation


def _refuse_malformed(email: str) -> None:
    try:
        if email:
            validate_email(email)
    except ValidationError:
        raise Refused("email_malformed", params={"email": email}, field="invoice_email", status=422) from None


def _tax_number(organisation: Organisation, typed: str) -> str:
    if typed in {"", organisation.tax_number}:  # what came from the old centre is not judged anew
        return typed
    checked = Ports.tax_numbers.checked(organisation.country, typed)
    if checked is None:
        raise Refused("tax_number_wrong", field="tax_number", status=422)
    return checked


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


@action(Can.SET_SPENDING_LIMITS)
def set_spending_limit(
    actor: Actor, organisation: Organisation, *, membership: int | None, role: str, minor: int | None
) -> Organisation:
    """Set the most, without tax, that a member or everybody in a role may order at once; None takes the limit away.

    Raises Refused `limit_by_the_limited` (whom a limit binds sets none) and `limit_leaves_nobody` (somebody who may order must
    stay without one, or nobody could approve).
    """
    if spending_limit_of(actor, Can.BUY, None) is not None:
        raise Refused("limit_by_the_limited", status=403)
    if membership is not None:
        members(actor).get(pk=membership)
    who = {"organisation": organisation, "membership_id": membership, "role": role}
    SpendingLimit.objects.filter(**who).delete()
    if minor is not None:
        SpendingLimit.objects.create(**who, amount_minor=minor)
    any_sum = Money(10**15, organisation.currency)
    if not who_may_spend(actor, Can.BUY, None, any_sum):
        raise Refused("limit_leaves_nobody")
    amount = None if minor is None else Money(minor, organisation.currency)
    record(Events.SPENDING_LIMIT_SET, organisation, membership=membership, role=role, limit="" if amount is None else amount)
    return organisation
