"""People of an export: who is the same person, who is held, and how other rows find them.

Who is the same: rows of users.csv with the same e-mail but for upper and lower case. In the exports seen, the second
row has the same old id with a letter behind it, the same name, password and customer; two people of one name in one
customer with two e-mails do exist and stay two.
What is kept: the row created first (ties: the line first) gives names, language and the password that goes with the
e-mail, gaps filled from the others in that order; all old ids sign in, each with its own old password; the person
belongs to the customers of all its rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from comptoir.cutover.rules import layout
from comptoir.cutover.rules.book import Book
from comptoir.cutover.rules.finding import Finding, shown
from comptoir.cutover.rules.known import Known
from comptoir.cutover.rules.reading import Reading, usable_email
from comptoir.cutover.rules.rows import PASSWORD_ALGORITHMS, HeldPersonRow, OldId, PersonRow, Row

FALLBACK_LANGUAGE = "en"
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}")
_HASHES = {"sha1": re.compile(r"[0-9a-f]{40}"), "pbkdf2_sha256": re.compile(r"[0-9a-f]{64}")}
_SALT = re.compile(r"[!-~]{0,128}")


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow(Row):
    """One row of users.csv; `email` is in lower case and empty if it cannot be used, `written` is in lower case too,
    and `legible` is the cell as people may read it.
    """

    email: str
    written: str
    legible: str
    first_name: str
    last_name: str
    language: str
    customer_number: str
    created_on: date | None
    old_id: OldId


@dataclass(slots=True)
class People:
    """Everyone by e-mail in lower case, as other rows name them; `homes` gathers the customers each belongs to."""

    known: Known
    accepted: Mapping[str, PersonRow] = field(default_factory=dict)
    held: list[HeldPersonRow] = field(default_factory=list)
    held_emails: set[str] = field(default_factory=set)
    homes: dict[str, dict[str, None]] = field(default_factory=dict)

    def refer(self, row: Reading, column: str) -> str:
        """The person's e-mail as it is imported, whatever the spelling of the cell."""
        value = row.required(column)
        email = value.lower()
        if not value or email in self.accepted:
            return email
        if email in self.held_emails:
            row.hang("person_held", f"{column} {shown(value)} is a person held for the desk: that address is not usable.")
        else:
            row.missing_reference(column, email, self.known)
        return email

    def belongs(self, email: str, customer_number: str) -> None:
        """This person has something of that customer, and so belongs to it."""
        self.homes.setdefault(email, {})[customer_number] = None

    def finished(self, book: Book) -> tuple[PersonRow, ...]:
        """All people with all their customers; those found on contracts alone are said in a note."""
        done = []
        for email, person in self.accepted.items():
            more = tuple(number for number in self.homes.get(email, {}) if number not in person.customer_numbers)
            if more:
                sentence = f"{email} belongs to {', '.join(more)} too, on whose contracts it has a role, seat, case or use."
                book.notes.append(Finding(person.file, person.line, "further_customer", sentence))
                person = replace(person, customer_numbers=person.customer_numbers + more)
            done.append(person)
        return tuple(done)


def read_language(row: Reading) -> str:
    """A language tag in lower case; languages without texts are kept (rules 12), what is none becomes English."""
    written = row.raw("language")
    language = written.lower().replace("_", "-")
    if _LANGUAGE.fullmatch(language):
        return language
    what = f"language {shown(written)} is no language tag" if written else "language is empty"
    row.adjust("unknown_language", f"{what}; English was taken.")
    return FALLBACK_LANGUAGE


def judge_people(book: Book, customers: Known) -> People:
    """Everyone of users.csv: merged, or held for want of a usable e-mail, or refused."""
    known = Known("person", layout.USERS, "email")
    people = People(known)
    by_id: dict[str, UserRow] = {}
    for reading in book.open(known):
        user = _read_user(reading, customers)
        if reading.faults or reading.hangs:
            known.refused.add(user.written)
            _count_unusable(book, user)
            book.closed(reading)
            continue
        first = by_id.get(user.old_id.legacy_id.casefold())
        if first is not None:
            book.again(reading, _same(first, user), first, f"the old id {user.old_id.legacy_id}")
            known.refused.add(user.written)
            continue
        by_id[user.old_id.legacy_id.casefold()] = user
        book.accept(reading)
        if not user.email:
            people.held.append(_held(book, user))
            people.held_emails.add(user.written)
    people.accepted = _merged(book, [user for user in by_id.values() if user.email])
    known.accepted = people.accepted
    known.refused = {email.lower() for email in known.refused}  # of rows without readable cells, as written
    return people


def _read_user(row: Reading, customers: Known) -> UserRow:
    written = row.raw("email").lower()
    return UserRow(
        file=row.file,
        line=row.line,
        email=written if usable_email(written) else "",
        written=written,
        legible=row.text("email"),
        first_name=row.text("first_name"),
        last_name=row.text("last_name"),
        language=read_language(row),
        customer_number=row.refer("customer_number", customers),
        created_on=row.optional_day("created_on"),
        old_id=_old_id(row),
    )


def _old_id(row: Reading) -> OldId:
    algorithm = row.raw("password_algorithm").lower()
    digest, salt = row.raw("password_hash").lower(), row.raw("password_salt")
    usable = algorithm in PASSWORD_ALGORITHMS and _HASHES[algorithm].fullmatch(digest) and _SALT.fullmatch(salt)
    if not usable:
        sentence = (
            f"the old password cannot be used (algorithm {shown(algorithm)}; sha1 with 40 hexadecimal digits or "
            "pbkdf2_sha256 with 64 can); the person sets a new one by mail."
        )
        row.adjust("unusable_password", sentence)
    return OldId(
        file=row.file,
        line=row.line,
        legacy_id=row.key("legacy_id"),
        algorithm=algorithm if usable else None,
        salt=salt if usable else "",
        hash=digest if usable else "",
    )


def _same(first: UserRow, user: UserRow) -> bool:
    old_id = replace(user.old_id, line=first.line, legacy_id=first.old_id.legacy_id)
    return replace(user, line=first.line, old_id=old_id, legible=first.legible) == first


def _count_unusable(book: Book, user: UserRow) -> None:
    if not user.email:
        book.problems["bad_email" if user.written else "missing_email"] += 1


def _held(book: Book, user: UserRow) -> HeldPersonRow:
    _count_unusable(book, user)
    return HeldPersonRow(
        file=user.file,
        line=user.line,
        reason="bad_email" if user.written else "missing_email",
        email=user.legible,
        first_name=user.first_name,
        last_name=user.last_name,
        language=user.language,
        customer_number=user.customer_number,
        created_on=user.created_on,
        old_id=user.old_id,
    )


def _merged(book: Book, users: list[UserRow]) -> dict[str, PersonRow]:
    groups: dict[str, list[UserRow]] = {}
    for user in users:
        groups.setdefault(user.email, []).append(user)
    people = {}
    for email, rows in groups.items():
        for later in rows[1:]:
            sentence = f"has the e-mail of line {rows[0].line}; both are one person, and both old ids sign in."
            book.flag(later, "duplicate_person", sentence)
        people[email] = _person(email, sorted(rows, key=lambda row: (row.created_on or date.max, row.line)))
    return people


def _person(email: str, rows: list[UserRow]) -> PersonRow:
    leading = rows[0]
    named = next((row for row in rows if row.first_name or row.last_name), leading)
    # sorted() is stable: ids with a usable password come first, else in the order of creation.
    old_ids = sorted((row.old_id for row in rows), key=lambda old_id: old_id.algorithm is None)
    return PersonRow(
        file=leading.file,
        line=min(row.line for row in rows),
        email=email,
        first_name=named.first_name,
        last_name=named.last_name,
        language=leading.language,
        customer_numbers=tuple(dict.fromkeys(row.customer_number for row in rows)),
        created_on=leading.created_on,
        old_ids=tuple(old_ids),
    )
