"""From the old centre's rows to ours: each file is mapped to its table and handed to the context that writes it."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from comptoir.catalogue.actions import import_prices, import_products
from comptoir.catalogue.models import Price, Product
from comptoir.contracts.actions import import_contracts
from comptoir.contracts.models import Contract
from comptoir.cutover.models import BroughtRole, HeldPerson
from comptoir.cutover.rules import Judgement
from comptoir.cutover.rules.rows import HeldPersonRow, OldId, PriceRow
from comptoir.downloads.actions import import_releases
from comptoir.downloads.models import Release
from comptoir.entitlements.actions.bundles import FormerBundle, import_bundles
from comptoir.entitlements.actions.importing import import_assignments, import_serial_numbers
from comptoir.entitlements.models import Assignment, SerialNumber
from comptoir.identity.actions import FormerPerson, import_people
from comptoir.kernel.bulk import Added, add_missing
from comptoir.organisations.actions import import_customers, import_members, import_resellers, import_roles
from comptoir.organisations.actions.groups import FormerGroup, import_groups
from comptoir.organisations.models import Membership, Organisation, Reseller, RoleGrant
from comptoir.organisations.queries import not_yet_brought_over
from comptoir.organisations.rules import sort_name
from comptoir.subscriptions.actions.importing import import_subscriptions
from comptoir.subscriptions.models import Subscription
from comptoir.support.actions import import_cases
from comptoir.support.models import Case
from comptoir.usage.actions import import_credit_use
from comptoir.usage.models import CreditUse

Place = tuple[int, int]  # the customer's id and the row's own
LONGEST_SALT = 40  # what fits beside the longest hash into the column


class Carrying:
    """One import as it goes: what was brought so far, by the numbers of the old centre. Lives inside the action."""

    def __init__(self, judgement: Judgement, *, on: date) -> None:
        self.accepted = judgement.accepted
        self.held = judgement.held
        self.on = on
        self.added: dict[str, int] = {}
        self.customers: dict[str, Organisation] = {}
        self._touched: set[int] = set()
        self._new_contracts: Counter[int] = Counter()
        self._new_people: Counter[int] = Counter()
        self._products: dict[str, int] = {}
        self._resellers: dict[str, int] = {}
        self._people: dict[str, int] = {}
        self._awaited: dict[Place, int] = {}  # the account that is a member until its merge is brought over
        self._members: dict[Place, int] = {}
        self._contracts: dict[str, Place] = {}
        self._subscriptions: dict[str, Place] = {}

    def tables(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """What is carried, in the order in which one needs the other."""
        yield "products", self._carry_products
        yield "prices", self._carry_prices
        yield "releases", self._carry_releases
        yield "resellers", self._carry_resellers
        yield "customers", self._carry_customers
        yield "people", self._carry_people
        yield "held people", self._carry_held
        yield "contracts", self._carry_contracts
        yield "roles", self._carry_roles
        yield "subscriptions", self._carry_subscriptions
        yield "serial numbers", self._carry_serial_numbers
        yield "assignments", self._carry_assignments
        yield "groups", self._carry_groups
        yield "credits used", self._carry_credit_use
        yield "cases", self._carry_cases

    def counts(self) -> dict[int, tuple[int, int]]:
        """By customer that got something new: its new contracts and new people."""
        return {pk: (self._new_contracts[pk], self._new_people[pk]) for pk in sorted(self._touched)}

    def _note(self, table: str, added: Added, *, owned: bool = True) -> None:
        self.added[table] = len(added.new)
        if owned:  # a customer's table: its key starts with the customer
            self._touched.update(at[0] for at in added.new)

    def _carry_products(self) -> None:
        rows = [
            Product(
                code=row.code,
                name=row.name,
                family=row.family,
                kind=row.kind,
                status=row.status,
                self_service=row.self_service,
                home_use=row.home_use,
                previous_versions=row.previous_versions,
            )
            for row in self.accepted.products
        ]
        added: Added = import_products(rows)
        self._products = {code: pk for (code,), pk in added.ids.items()}
        self._note("products", added, owned=False)

    def _carry_prices(self) -> None:
        rows = [_price(row, self._products[row.product_code]) for row in self.accepted.prices]
        self._note("prices", import_prices(rows), owned=False)

    def _carry_releases(self) -> None:
        rows = [
            Release(
                product_id=self._products[row.product_code],
                version=row.version,
                kind=row.kind,
                released_on=row.released_on,
                title=row.title,
            )
            for row in self.accepted.releases
        ]
        self._note("releases", import_releases(rows), owned=False)

    def _carry_resellers(self) -> None:
        rows = [
            Reseller(number=row.reseller_number, name=row.name, email=row.email, phone=row.phone)
            for row in self.accepted.resellers
        ]
        added: Added = import_resellers(rows)
        self._resellers = {number: pk for (number,), pk in added.ids.items()}
        self._note("resellers", added, owned=False)

    def _carry_customers(self) -> None:
        began: dict[str, date] = {}
        for contract in self.accepted.contracts:
            began[contract.customer_number] = min(contract.started_on, began.get(contract.customer_number, date.max))
        rows = [
            Organisation(
                number=row.customer_number,
                name=row.name,
                country=row.country,
                currency=row.currency,
                language=row.language,
                street=row.street,
                postcode=row.postcode,
                city=row.city,
                reseller_id=self._resellers.get(row.reseller_number or ""),
                created_on=began.get(row.customer_number, self.on),  # the old centre did not say: its first contract does
            )
            for row in self.accepted.customers
        ]
        self.customers, new = import_customers(rows)
        self.added["customers"] = len(new)
        self._touched.update(self.customers[number].pk for number in new)

    def _carry_people(self) -> None:
        brought = import_people(
            [
                FormerPerson(
                    email=row.email,
                    first_name=row.first_name,
                    last_name=row.last_name,
                    language=row.language,
                    password=_password(row.old_ids[0]),
                    created_on=row.created_on or self.on,
                    old_ids=tuple(old_id.legacy_id for old_id in row.old_ids),
                )
                for row in self.accepted.people
            ]
        )
        self._people, self._awaited = brought.ids, not_yet_brought_over(list(brought.ids.values()))
        self.added["people"], self.added["old sign-in ids"] = len(brought.new), brought.new_old_ids
        members = [
            Membership(
                organisation_id=self.customers[number].pk,
                person_id=self._person(self.customers[number].pk, row.email),
                name=f"{row.first_name} {row.last_name}".strip() or row.email,
                sort_name=sort_name(row.first_name, row.last_name) or row.email,
                email=row.email,
                joined_on=row.created_on or self.on,
            )
            for row in self.accepted.people
            for number in row.customer_numbers
        ]
        added: Added = import_members(members)
        self._members = dict(added.ids)
        self._new_people.update(organisation_id for organisation_id, _person in added.new)
        self._note("memberships", added)

    def _carry_held(self) -> None:
        rows = [
            HeldPerson(
                organisation_id=self.customers[row.customer_number].pk,
                old_id=row.old_id.legacy_id,
                email=row.email,
                first_name=row.first_name,
                last_name=row.last_name,
                language=row.language,
                reason=row.reason,
                row=_kept_row(row),
            )
            for row in self.held
        ]
        self._note("held people", add_missing(HeldPerson, ["organisation_id", "old_id"], rows))

    def _carry_contracts(self) -> None:
        owners = {row.contract_number: self.customers[row.customer_number].pk for row in self.accepted.contracts}
        rows = [
            Contract(
                organisation_id=owners[row.contract_number],
                number=row.contract_number,
                plan=row.plan,
                channel=row.channel,
                reseller_id=self._resellers.get(row.reseller_number or ""),
                support_level=row.support_level,
                started_on=row.started_on,
            )
            for row in self.accepted.contracts
        ]
        added: Added = import_contracts(rows)
        self._contracts = {number: (owner, added.ids[owner, number]) for number, owner in owners.items()}
        self._new_contracts.update(organisation_id for organisation_id, _number in added.new)
        self._note("contracts", added)

    def _member(self, organisation_id: int, email: str) -> int:
        return self._members[organisation_id, self._person(organisation_id, email)]

    def _person(self, organisation_id: int, email: str) -> int:
        return self._awaited.get((organisation_id, self._people[email]), self._people[email])

    def _carry_roles(self) -> None:
        marks: dict[tuple[int, str], RoleGrant] = {}
        for row in self.accepted.roles:
            organisation_id, contract_id = self._contracts[row.contract_number]
            marks[organisation_id, _digest(row.contract_number, row.email, row.role)] = RoleGrant(
                organisation_id=organisation_id,
                membership_id=self._member(organisation_id, row.email),
                role=row.role,
                contract_id=contract_id,
                given_on=self.on,
            )
        brought = add_missing(
            BroughtRole,
            ["organisation_id", "digest"],
            [BroughtRole(organisation_id=owner, digest=digest) for owner, digest in marks],
        )
        # one that was brought before and is gone was taken away here, and stays away
        self._note("roles", import_roles([grant for mark, grant in marks.items() if mark in brought.new]))

    def _carry_subscriptions(self) -> None:
        rows = []
        for row in self.accepted.subscriptions:
            organisation_id, contract_id = self._contracts[row.contract_number]
            rows.append(
                Subscription(
                    organisation_id=organisation_id,
                    contract_id=contract_id,
                    product_id=self._products[row.product_code],
                    number=row.subscription_number,
                    term=row.term,
                    anchor_day=row.renews_on.day,
                    automatic_renewal=row.auto_renew,
                    payment_method=row.payment_method,
                    seats_now=row.seats,
                    seats_at_renewal=row.seats,
                    starts_on=row.period_start,
                    renews_on=row.renews_on,
                    lapses_on=row.renews_on,
                )
            )
        owners = {row.number: row.organisation_id for row in rows}
        currencies = {customer.pk: customer.currency for customer in self.customers.values()}
        added: Added = import_subscriptions(rows, currencies=currencies, first_given=self._first_given())
        self._subscriptions = {number: (owner, added.ids[owner, number]) for number, owner in owners.items()}
        self._note("subscriptions", added)

    def _first_given(self) -> dict[str, date]:
        first: dict[str, date] = {}
        for row in self.accepted.assignments:
            first[row.subscription_number] = min(row.assigned_on, first.get(row.subscription_number, date.max))
        return first

    def _carry_serial_numbers(self) -> None:
        rows = []
        for row in self.accepted.serials:
            owner, subscription_id = self._subscriptions[row.subscription_number]
            rows.append(
                SerialNumber(
                    organisation_id=owner,
                    subscription_id=subscription_id,
                    number=row.serial_number,
                    version=row.version,
                    group_label=row.group_name,
                )
            )
        self._note("serial numbers", import_serial_numbers(rows))

    def _carry_assignments(self) -> None:
        rows = []
        for row in self.accepted.assignments:
            owner, subscription_id = self._subscriptions[row.subscription_number]
            member = self._member(owner, row.email)
            rows.append(
                Assignment(organisation_id=owner, subscription_id=subscription_id, membership_id=member, given_on=row.assigned_on)
            )
        self._note("assignments", import_assignments(rows))

    def _carry_groups(self) -> None:
        """The labels of serial numbers: groups of the people who use them, and groups of the products (F5.7)."""
        labelled: dict[tuple[int, str], set[int]] = defaultdict(set)
        for row in self.accepted.serials:
            owner, subscription_id = self._subscriptions[row.subscription_number]
            if row.group_name.strip():
                labelled[owner, row.group_name].add(subscription_id)
        people, first = self._seated_by_subscription()
        groups, bundles = [], []
        for (owner, name), inside in labelled.items():
            since = min((first[pk] for pk in inside if pk in first), default=self.on)
            members = tuple(sorted({member for pk in inside for member in people[pk]}))
            groups.append(FormerGroup(organisation_id=owner, name=name, since=since, members=members))
            bundles.append(FormerBundle(organisation_id=owner, name=name, since=since, subscriptions=inside))
        import_groups(groups)
        import_bundles(bundles)

    def _seated_by_subscription(self) -> tuple[dict[int, set[int]], dict[int, date]]:
        people: dict[int, set[int]] = defaultdict(set)
        first: dict[int, date] = {}
        for row in self.accepted.assignments:
            owner, pk = self._subscriptions[row.subscription_number]
            people[pk].add(self._member(owner, row.email))
            first[pk] = min(row.assigned_on, first.get(pk, row.assigned_on))
        return people, first

    def _carry_credit_use(self) -> None:
        rows = []
        for row in self.accepted.credit_uses:
            owner, contract_id = self._contracts[row.contract_number]
            rows.append(
                CreditUse(
                    organisation_id=owner,
                    contract_id=contract_id,
                    membership_id=self._member(owner, row.email),
                    service=row.service,
                    credits=row.credits,
                    used_at=row.used_at,
                    imported_as=_digest(row.contract_number, row.email, row.service, row.credits, row.used_at.isoformat()),
                )
            )
        self._note("credits used", import_credit_use(rows))

    def _carry_cases(self) -> None:
        rows = []
        for row in self.accepted.cases:
            owner, contract_id = self._contracts[row.contract_number]
            rows.append(
                Case(
                    organisation_id=owner,
                    contract_id=contract_id,
                    author_id=self._member(owner, row.email),
                    number=row.case_number,
                    severity=row.severity,
                    status=row.status,
                    subject=row.subject,
                    opened_on=row.opened_on,
                )
            )
        self._note("cases", import_cases(rows))


def _price(row: PriceRow, product_id: int) -> Price:
    renewal = row.renewal_price
    if row.term == "month" and None not in (row.new_price, renewal):
        renewal = row.new_price  # the monthly term has no advantage (rules 2)
    return Price(
        product_id=product_id,
        term=row.term,
        currency=row.currency,
        new_minor=row.new_price,
        renewal_minor=renewal,
        valid_from=row.valid_from,
    )


def _password(old_id: OldId) -> str:
    """The old hash as our hashers read it, or nothing: the person then sets a new password by mail."""
    if old_id.algorithm is None or "$" in old_id.salt or len(old_id.salt) > LONGEST_SALT:
        return ""
    return f"old_{old_id.algorithm}${old_id.salt}${old_id.hash}"


def _kept_row(row: HeldPersonRow) -> dict[str, Any]:
    """What the desk needs to let the person in later, old password included."""
    return {
        "customer_number": row.customer_number,
        "created_on": row.created_on.isoformat() if row.created_on else None,
        "password": _password(row.old_id),
        "line": row.line,
    }


def _digest(*cells: object) -> str:
    return hashlib.sha256("\n".join(map(str, cells)).encode()).hexdigest()
