"""Customers, contracts and the roles given on them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from comptoir.cutover.rules import layout
from comptoir.cutover.rules.amount import COUNTRIES
from comptoir.cutover.rules.book import Book
from comptoir.cutover.rules.catalogue import read_currency
from comptoir.cutover.rules.finding import shown
from comptoir.cutover.rules.known import Known
from comptoir.cutover.rules.people import People, read_language
from comptoir.cutover.rules.reading import Reading
from comptoir.cutover.rules.rows import (
    CHANNELS,
    PLANS,
    ROLES_GIVEN,
    SUPPORT_LEVELS,
    ContractRow,
    CustomerRow,
    RoleRow,
)

_LOST_LETTER = re.compile(r"\w\?\w")


def judge_customers(book: Book, resellers: Known, exponents: Mapping[str, int]) -> tuple[Known, tuple[CustomerRow, ...]]:
    """Customers by number. Addresses are never refused; a reseller that is not imported is left out (rules 12)."""
    known = Known("customer", layout.CUSTOMERS, "customer_number")

    def read(row: Reading) -> CustomerRow:
        name, street, city = row.named("name"), row.text("street"), row.text("city")
        for column, text in (("name", name), ("street", street), ("city", city)):
            if _LOST_LETTER.search(text):
                row.noted.append(("lost_letters", f"{column} has a question mark inside a word: the old centre lost a letter"))
        return CustomerRow(
            file=row.file,
            line=row.line,
            customer_number=row.key("customer_number"),
            name=name,
            country=_country(row),
            currency=read_currency(row, exponents),
            language=read_language(row),
            street=street,
            postcode=row.text("postcode", 32),
            city=city,
            reseller_number=_reseller_of_customer(row, resellers),
        )

    return known, tuple(book.take_named(known, read).values())


def _country(row: Reading) -> str:
    country = row.raw("country").upper()
    if country not in COUNTRIES:
        written = shown(row.raw("country")) if country else "empty"
        row.fault("unknown_country", f"country is {written}; write a code of ISO 3166-1, such as FR, CH or JP.")
    return country


def _reseller_of_customer(row: Reading, resellers: Known) -> str | None:
    number = row.raw("reseller_number")
    if not number or number in resellers.accepted:
        return number or None
    row.adjust("unknown_reseller", f"reseller_number {shown(number)} is no imported reseller; it was left out.")
    return None


def judge_contracts(book: Book, customers: Known, resellers: Known) -> tuple[Known, Mapping[str, ContractRow]]:
    """Contracts by number. One sold by a reseller needs that reseller; on another channel the number is left out."""
    known = Known("contract", layout.CONTRACTS, "contract_number")

    def read(row: Reading) -> ContractRow:
        channel = row.choice("channel", CHANNELS)
        reseller = row.raw("reseller_number")
        if channel == "reseller":
            row.refer("reseller_number", resellers)
        elif reseller:
            row.adjust("reseller_left_out", f"reseller_number {shown(reseller)} was left out: the channel is {channel}.")
        return ContractRow(
            file=row.file,
            line=row.line,
            contract_number=row.key("contract_number"),
            customer_number=row.refer("customer_number", customers),
            plan=row.choice("plan", PLANS),
            channel=channel,
            reseller_number=reseller if channel == "reseller" else None,
            support_level=row.choice("support_level", SUPPORT_LEVELS),
            started_on=row.day("started_on"),
        )

    return known, book.take_named(known, read)


def judge_roles(book: Book, contracts: Known, people: People) -> tuple[RoleRow, ...]:
    """Roles by contract, person and role; a person known by any spelling of its e-mail is the same person."""

    def read(row: Reading) -> RoleRow:
        return RoleRow(
            file=row.file,
            line=row.line,
            contract_number=row.refer("contract_number", contracts),
            email=people.refer(row, "email"),
            role=row.choice("role", ROLES_GIVEN),
        )

    rows = book.take(Known("role", layout.ROLES), read, lambda row: (row.contract_number, row.email, row.role))
    return tuple(rows.values())


def flag_contracts_without_manager(book: Book, contracts: Iterable[ContractRow], roles: Iterable[RoleRow]) -> None:
    """A contract without a manager is valid and flagged for the desk (rules 12)."""
    managed = {role.contract_number for role in roles if role.role == "contract_manager"}
    for contract in contracts:
        if contract.contract_number not in managed:
            sentence = f"contract {contract.contract_number} has no contract manager; the desk appoints one."
            book.flag(contract, "contract_without_manager", sentence)
