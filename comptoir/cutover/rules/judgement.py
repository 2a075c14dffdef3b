"""The judgement on a whole export, and its report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from comptoir.cutover.rules import activity, agreement, catalogue, layout, people, subscription
from comptoir.cutover.rules.amount import CURRENCY_EXPONENTS
from comptoir.cutover.rules.book import Book
from comptoir.cutover.rules.finding import Finding
from comptoir.cutover.rules.rows import (
    AssignmentRow,
    CaseRow,
    ContractRow,
    CreditUseRow,
    CustomerRow,
    HeldPersonRow,
    PersonRow,
    PriceRow,
    ProductRow,
    ReleaseRow,
    ResellerRow,
    RoleRow,
    SerialRow,
    SubscriptionRow,
)
from comptoir.cutover.rules.table import Export

_HELD_SENTENCES = {
    "missing_email": "email is empty; the person is held for the desk until an address is known.",
    "bad_email": "email is no usable address; the person is held for the desk until it is corrected.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The rows to import, in the order of their files."""

    products: tuple[ProductRow, ...]
    prices: tuple[PriceRow, ...]
    releases: tuple[ReleaseRow, ...]
    resellers: tuple[ResellerRow, ...]
    customers: tuple[CustomerRow, ...]
    people: tuple[PersonRow, ...]
    contracts: tuple[ContractRow, ...]
    roles: tuple[RoleRow, ...]
    subscriptions: tuple[SubscriptionRow, ...]
    serials: tuple[SerialRow, ...]
    assignments: tuple[AssignmentRow, ...]
    credit_uses: tuple[CreditUseRow, ...]
    cases: tuple[CaseRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What may be imported, and what became of every other row (rules 12).

    A row of a file is in exactly one place: `accepted` (several rows of users.csv may make one person), `held`,
    `rejected`, `dependent` or `repeated`. `adjusted` and `flagged` speak of rows that are imported. `problems` are
    counted from the rows under the names that the old centre's manifest uses.
    """

    accepted: Accepted
    held: tuple[HeldPersonRow, ...]
    rejected: tuple[Finding, ...]
    dependent: tuple[Finding, ...]
    repeated: tuple[Finding, ...]
    adjusted: tuple[Finding, ...]
    flagged: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    problems: Mapping[str, int]
    rows: Mapping[str, int]
    cutover_day: date | None

    @property
    def people_distinct(self) -> int:
        """People who are created: merged, without those held."""
        return len(self.accepted.people)

    def as_report(self) -> dict[str, object]:
        """The JSON of `comptoir import-legacy --json`. People held stand among `rejected`, as they are not created."""
        held = [Finding(row.file, row.line, row.reason, _HELD_SENTENCES[row.reason]) for row in self.held]
        return {
            "rows": dict(self.rows),
            "people_distinct": self.people_distinct,
            "problems": dict(self.problems),
            "rejected": [finding.as_dict() for finding in _in_order([*self.rejected, *held])],
            "dependent": [finding.as_dict() for finding in self.dependent],
            "repeated": [finding.as_dict() for finding in self.repeated],
            "adjusted": [finding.as_dict() for finding in self.adjusted],
            "flagged": [finding.as_dict() for finding in self.flagged],
            "notes": [finding.as_dict() for finding in self.notes],
        }


def judge(export: Export, exponents: Mapping[str, int] = CURRENCY_EXPONENTS) -> Judgement:
    """Judge every row of an export; `exponents` gives the decimals of each currency that may be used. Never raises."""
    book = Book(export)
    accepted, held = _accepted(book, exponents)
    return Judgement(
        accepted=accepted,
        held=held,
        rejected=_in_order(book.rejected),
        dependent=_in_order(book.dependent),
        repeated=_in_order(book.repeated),
        adjusted=_in_order(book.adjusted),
        flagged=_in_order(book.flagged),
        notes=_in_order(book.all_notes()),
        problems=dict(book.problems),
        rows={file: len(export.tables[file].rows) for file in layout.FILES},
        cutover_day=export.cutover_day,
    )


def _accepted(book: Book, exponents: Mapping[str, int]) -> tuple[Accepted, tuple[HeldPersonRow, ...]]:
    products, product_rows = catalogue.judge_products(book)
    prices = catalogue.judge_prices(book, products, exponents)
    releases = catalogue.judge_releases(book, products)
    resellers, reseller_rows = catalogue.judge_resellers(book)
    customers, customer_rows = agreement.judge_customers(book, resellers, exponents)
    persons = people.judge_people(book, customers)
    contracts, contract_rows = agreement.judge_contracts(book, customers, resellers)
    roles = agreement.judge_roles(book, contracts, persons)
    agreement.flag_contracts_without_manager(book, contract_rows.values(), roles)
    subscriptions, subscription_rows = subscription.judge_subscriptions(book, contracts, products)
    serials = subscription.judge_serials(book, subscriptions)
    assignments = subscription.judge_assignments(book, subscriptions, subscription_rows, persons)
    credit_uses = activity.judge_credit_use(book, contracts, persons)
    cases = activity.judge_cases(book, contracts, persons)
    owned = [(row.email, row.contract_number) for rows in (roles, credit_uses, cases) for row in rows]
    owned += [(row.email, subscription_rows[row.subscription_number].contract_number) for row in assignments]
    for email, number in owned:
        persons.belongs(email, contract_rows[number].customer_number)
    accepted = Accepted(
        products=product_rows,
        prices=prices,
        releases=releases,
        resellers=reseller_rows,
        customers=customer_rows,
        people=persons.finished(book),
        contracts=tuple(contract_rows.values()),
        roles=roles,
        subscriptions=tuple(subscription_rows.values()),
        serials=serials,
        assignments=assignments,
        credit_uses=credit_uses,
        cases=cases,
    )
    return accepted, tuple(persons.held)


_POSITIONS = {file: position for position, file in enumerate((*layout.FILES, layout.MANIFEST))}


def _in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By file in the order of judging, then by line."""
    return tuple(sorted(findings, key=lambda finding: (_POSITIONS[finding.file], finding.line)))
