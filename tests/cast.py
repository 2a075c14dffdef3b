"""One cast of people and customers, for every test.

Atelier Nord (FR, EUR) is the customer that most tests are about; Studio Est (DE, EUR) is the other one, whose rows must never
show. Each function makes rows inside the wall of the customer that it is given.
"""

import re
from dataclasses import dataclass
from datetime import date
from html import unescape

from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils.html import strip_tags
from django.utils.timezone import now

from comptoir.catalogue.models import Price, Product
from comptoir.contracts.models import Contract
from comptoir.entitlements.models import Assignment
from comptoir.identity.adapters import signing_in
from comptoir.identity.models import Person, StaffRole
from comptoir.kernel.calendar import Term, next_end
from comptoir.kernel.models import House, NightRun
from comptoir.kernel.searching import folded
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership, Organisation, RoleGrant
from comptoir.permissions import Role
from comptoir.subscriptions.models import Period, SeatEntry, Subscription

TODAY = date(2026, 11, 21)
BLOCK = re.compile(r"<(?:small|td|th|li|p|d[dt]|div|h\d|option|button|a )")
PASSWORD = "a long enough password"


@dataclass
class Cast:
    """Everybody and everything. Built by `raise_curtain`."""

    nord: Organisation
    est: Organisation
    sculpt: Product
    contract: Contract  # of Atelier Nord
    second_contract: Contract  # of Atelier Nord
    foreign_contract: Contract  # of Studio Est
    subscription: Subscription  # 4 seats of Sculpt LT under `contract`, yearly, renews on 2027-04-10
    foreign_subscription: Subscription
    camille: Membership  # contract manager of the whole of Atelier Nord
    pierre: Membership  # payer
    sofia: Membership  # software coordinator
    anton: Membership  # contract manager of the second contract only
    rita: Membership  # report viewer
    emil: Membership  # end user
    gaston: Membership  # left Atelier Nord
    oskar: Membership  # contract manager of Studio Est


OF_NORD: dict[str, Role | None] = {
    "Camille Morel": Role.CONTRACT_MANAGER,
    "Pierre Payet": Role.PAYER,
    "Sofia Costa": Role.SOFTWARE_COORDINATOR,
    "Anton Weber": Role.CONTRACT_MANAGER,  # of the second contract
    "Rita Nielsen": Role.REPORT_VIEWER,
    "Emil Larsen": None,
    "Gaston Ancien": Role.CONTRACT_MANAGER,
}
LEFT = {"Gaston Ancien": date(2026, 10, 1)}
OF_EST: dict[str, Role | None] = {"Oskar Ost": Role.CONTRACT_MANAGER}


def raise_curtain() -> Cast:
    """Make the whole cast in the running test's database, on the business day `TODAY`.

    Nearly every test pays for this: each customer's wall is opened once, and the rows of a kind come in one statement.
    """
    with transaction.atomic(savepoint=False):
        House.objects.update(business_day=TODAY)
        sculpt = product("SCLT", "Sculpt LT", {"month": (3100, 3100), "year": (28000, 25000), "3years": (75500, 67500)})
        with signing_in():
            everybody = Person.objects.bulk_create([_person(*name.split()) for name in [*OF_NORD, *OF_EST]])
        persons = {f"{person.first_name} {person.last_name}": person for person in everybody}
        nord, (contract, second), of_nord, subscription = _staged(
            ("5200001", "Atelier Nord", "FR"), ("110000001", "110000002"), OF_NORD, persons, sculpt, ("560000001", 4)
        )
        est, (foreign,), of_est, foreign_subscription = _staged(
            ("5200002", "Studio Est", "DE"), ("110000003",), OF_EST, persons, sculpt, ("560000002", 7)
        )
    return Cast(
        nord=nord,
        est=est,
        sculpt=sculpt,
        contract=contract,
        second_contract=second,
        foreign_contract=foreign,
        subscription=subscription,
        foreign_subscription=foreign_subscription,
        **of_nord,
        **of_est,
    )


def _staged(
    called: tuple[str, str, str],
    contracts: tuple[str, ...],
    roles: dict[str, Role | None],
    persons: dict[str, Person],
    what: Product,
    subscribed: tuple[str, int],
) -> tuple[Organisation, list[Contract], dict[str, Membership], Subscription]:
    """A customer with its contracts, its people in their roles, and a subscription under the first contract."""
    number, name, country = called
    pk = _next_customer()
    with wall_opened(read=[pk], write=pk):
        made = Organisation.objects.create(
            pk=pk, number=number, name=name, country=country, currency="EUR", created_on=date(2020, 1, 1)
        )
        signed = Contract.objects.bulk_create([_contract(made, each) for each in contracts])
        joined = [_membership(made, persons[each], *each.split(), LEFT.get(each)) for each in roles]
        members = Membership.objects.bulk_create(joined)
        given = zip(members, roles.items(), strict=True)
        places = [(member, role, signed[1] if each == "Anton Weber" else None) for member, (each, role) in given if role]
        RoleGrant.objects.bulk_create([_grant(*place) for place in places])
        subscription = _subscribed(signed[0], what, subscribed[0], seats=subscribed[1], start=date(2026, 4, 10))
    return made, signed, {member.name.split()[0].lower(): member for member in members}, subscription


def nights_are_over(upto: date = TODAY) -> None:
    """The house has done its nights: what was not renewed by then is not for want of one (rules 6)."""
    NightRun.objects.create(day=upto, planned=True, finished_at=now())


def product(code: str, name: str, prices: dict[str, tuple[int, int]], currency: str = "EUR", **more: object) -> Product:
    """A product with its price book: term -> (new, renewal) in minor units, valid from 2026-02-01."""
    made = Product.objects.create(code=code, name=name, family="Sculpt", kind="desktop", **more)
    told = {"product": made, "currency": currency, "valid_from": date(2026, 2, 1)}
    Price.objects.bulk_create(
        [Price(**told, term=term, new_minor=new, renewal_minor=renewal) for term, (new, renewal) in prices.items()]
    )
    return made


def customer(number: str, name: str, country: str, currency: str = "EUR", **more: object) -> Organisation:
    """A customer, made inside its own wall."""
    pk = _next_customer()
    with wall_opened(read=[pk], write=pk):
        return Organisation.objects.create(
            pk=pk, number=number, name=name, country=country, currency=currency, created_on=date(2020, 1, 1), **more
        )


def _next_customer() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('organisations_organisation', 'id'))")
        return int(cursor.fetchone()[0])


def member(
    organisation: Organisation, first: str, last: str, *roles: tuple[Role, Contract | None], left_on: date | None = None
) -> Membership:
    """A person with the given roles, each on one contract or (None) on the whole customer. Password: `PASSWORD`."""
    with signing_in():
        person = Person.objects.filter(email=f"{first}.{last}@example.com".lower()).first()
        if person is None:
            person = _person(first, last)
            person.save()
    with wall_opened(read=[organisation.pk], write=organisation.pk):
        made = _membership(organisation, person, first, last, left_on)
        made.save()
        RoleGrant.objects.bulk_create([_grant(made, role, contract) for role, contract in roles])
    return made


def _person(first: str, last: str) -> Person:
    password = f"old_sha1$salt${_sha1('salt' + PASSWORD)}"  # cheap to make; upgraded at sign-in
    email = f"{first}.{last}@example.com".lower()
    return Person(email=email, first_name=first, last_name=last, created_on=date(2020, 1, 1), password=password)


def _membership(organisation: Organisation, person: Person, first: str, last: str, left_on: date | None) -> Membership:
    told = {"name": f"{first} {last}", "sort_name": folded(f"{last} {first}"), "email": person.email}
    return Membership(organisation=organisation, person=person, **told, joined_on=date(2020, 1, 1), left_on=left_on)


def _grant(member: Membership, role: Role, contract: Contract | None) -> RoleGrant:
    told = {"organisation_id": member.organisation_id, "membership": member, "given_on": date(2020, 1, 1)}
    return RoleGrant(**told, role=role.value, contract_id=contract.pk if contract else None)


def staff_member(first: str, last: str, *roles: str) -> Person:
    """Somebody of the vendor's, with these roles at the desk."""
    with signing_in():
        made = Person(
            email=f"{first}.{last}@vendor.example".lower(), first_name=first, last_name=last, created_on=date(2020, 1, 1)
        )
        made.password = f"old_sha1$salt${_sha1('salt' + PASSWORD)}"
        made.language_confirmed_at = now()
        made.save()
    with wall_opened(desk=True, house=True):
        for role in roles:
            StaffRole.objects.create(person=made, name=f"{first} {last}", role=role, given_on=date(2020, 1, 1))
    return made


def make_contract(organisation: Organisation, number: str, **more: object) -> Contract:
    """A direct subscription contract with basic support, unless said otherwise."""
    made = _contract(organisation, number, **more)
    with wall_opened(read=[organisation.pk], write=organisation.pk):
        made.save(force_insert=True)
    return made


def _contract(organisation: Organisation, number: str, **more: object) -> Contract:
    told = {"plan": "subscription", "channel": "direct", "support_level": "basic", "started_on": date(2025, 1, 1), **more}
    return Contract(organisation=organisation, number=number, **told)


def subscribe(
    contract: Contract, what: Product, number: str, *, seats: int, start: date, term: str = "year", **more: object
) -> Subscription:
    """A subscription with one running period, as the import would leave it."""
    organisation = contract.organisation
    with wall_opened(read=[organisation.pk], write=organisation.pk):
        return _subscribed(contract, what, number, seats=seats, start=start, term=term, **more)


def _subscribed(
    contract: Contract, what: Product, number: str, *, seats: int, start: date, term: str = "year", **more: object
) -> Subscription:
    end = next_end(start, Term(term), start.day)
    told = {"automatic_renewal": True, "payment_method": "invoice", **more}
    organisation = contract.organisation
    made = Subscription.objects.create(
        organisation=organisation,
        contract=contract,
        product=what,
        number=number,
        term=term,
        anchor_day=start.day,
        seats_now=seats,
        seats_at_renewal=seats,
        starts_on=start,
        renews_on=end,
        lapses_on=end,
        **told,
    )
    theirs = {"organisation": organisation, "subscription": made}
    days, currency = (end - start).days, organisation.currency
    Period.objects.create(**theirs, start=start, end=end, days=days, term=term, kind="imported", currency=currency)
    SeatEntry.objects.create(
        **theirs,
        seq=1,
        on=start,
        kind="imported",
        change_now=seats,
        change_at_renewal=seats,
        seats_now=seats,
        seats_at_renewal=seats,
    )
    return made


def _sha1(text: str) -> str:
    import hashlib

    return hashlib.sha1(text.encode()).hexdigest()


def seat(subscription: Subscription, holder: Membership, *, given_on: date = TODAY, **more: object) -> Assignment:
    """A seat given to a member; `waiting=True` puts them in the line, `ended_on=` makes it of the past."""
    organisation = subscription.organisation
    with wall_opened(read=[organisation.pk], write=organisation.pk):
        return Assignment.objects.create(
            organisation=organisation, subscription=subscription, membership=holder, given_on=given_on, **more
        )


def signed_in(member: Membership, language: str = "en") -> Client:
    """A browser in which the member is signed in, has confirmed that language and has taken the tour."""
    client = Client()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.signing_in', 'yes', true)")
        known = {"language": language, "language_confirmed_at": now(), "tour_ended_at": now()}
        Person.objects.filter(pk=member.person_id).update(**known)
        client.force_login(member.person, backend="comptoir.identity.adapters.OldOrNewSignIn")
        cursor.execute("SELECT set_config('app.signing_in', '', true)")
    return client


def at_desk(person: Person, *, fresh: bool = True) -> Client:
    """A browser in which somebody of the vendor's is signed in; `fresh`: they have just shown who they are."""
    client = Client()
    with signing_in():
        client.force_login(person, backend="comptoir.identity.adapters.OldOrNewSignIn")
    if fresh:
        session = client.session
        session["account_authentication_methods"] = [{"method": "password", "at": now().timestamp()}]
        session["account_authentication_methods_user"] = str(person.pk)
        session.save()
    return client


def words_of(answer: HttpResponse) -> str:
    """What a page says, without its markup, in single spaces."""
    spaced = BLOCK.sub(r" \g<0>", answer.content.decode())
    return " ".join(unescape(strip_tags(spaced)).split())
