"""Lines of a bank statement: read from CSV or camt.053, and which invoices they pay. No line is guessed.

A line is matched by the numbers of invoices that its payer wrote, and by the amount: what does not fit is left for the desk.
"""

import csv
import hashlib
import io
import re
import xml.etree.ElementTree as Xml
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from comptoir.kernel.money import Money, exponent

NUMBER = re.compile(r"(?<![A-Z0-9])F[\s./-]?(\d{4})[\s./-]?(\d{6})(?!\d)", re.IGNORECASE)
HEADS = {
    "booked_on": (
        "date",
        "booking date",
        "booked on",
        "date opération",
        "date operation",
        "date de comptabilisation",
        "buchungstag",
    ),
    "amount": ("amount", "montant", "betrag"),
    "credit": ("credit", "crédit", "haben"),
    "debit": ("debit", "débit", "soll"),
    "currency": ("currency", "devise", "währung"),
    "payer": ("payer", "counterparty", "donneur d'ordre", "tiers", "auftraggeber", "name"),
    "told": ("reference", "description", "label", "libellé", "libelle", "communication", "verwendungszweck", "remittance"),
    "bank_ref": ("transaction id", "bank reference", "référence banque", "identifiant"),
}
DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y%m%d")
LONGEST = 5_000_000  # characters
# thousands, all with the same mark between them, and perhaps decimals after the other one
GROUPED = re.compile(r"([-+]?[0-9]{1,3}([.,])[0-9]{3}(?:\2[0-9]{3})*)(?:(?!\2)[.,]([0-9]+))?")
PLAIN = re.compile(r"[-+]?[0-9]*(?:\.[0-9]+)?")
TOO_MUCH = 10**15  # minor units: what a column holds, with room for sums


class Unreadable(ValueError):
    """A file that is no statement of ours: `line` (0: the whole file) and what is wrong with it, as a code."""

    def __init__(self, why: str, line: int = 0, value: str = "") -> None:
        super().__init__(why)
        self.why, self.line, self.value = why, line, value


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a statement: money that came in."""

    booked_on: date
    amount: Money
    payer: str
    told: str
    bank_ref: str
    digest: str


def read_statement(content: bytes, currency: str) -> tuple[str, Sequence[Line]]:
    """The format of a file and its lines of money that came in. Raises Unreadable for the whole file."""
    text = _decoded(content)
    if len(text) > LONGEST:
        raise Unreadable("statement_too_long")
    if text.lstrip().startswith("<"):
        return "camt.053", _with_digests(_of_camt(text))
    return "csv", _with_digests(_of_csv(text, currency))


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("statement_not_text")


# --- CSV -------------------------------------------------------------------------------------------------------------------


def _of_csv(text: str, currency: str) -> Iterable[Line]:
    rows = list(csv.reader(io.StringIO(text), delimiter=_delimiter(text)))
    start, columns = _heads(rows)
    for n, row in enumerate(rows[start + 1 :], start + 2):
        if not any(cell.strip() for cell in row):
            continue
        told = {name: row[place].strip() if place < len(row) else "" for name, place in columns.items()}
        amount = _amount(told, told.get("currency") or currency, n)
        if amount.minor > 0:
            yield Line(
                _day(told["booked_on"], n), amount, told.get("payer", ""), told.get("told", ""), told.get("bank_ref", ""), ""
            )


def _delimiter(text: str) -> str:
    head = text[:5000]
    return max((";", "\t", ",", "|"), key=head.count)


def _heads(rows: Sequence[Sequence[str]]) -> tuple[int, Mapping[str, int]]:
    """The line of heads, which may stand under some lines about the account, and the place of each column."""
    for n, row in enumerate(rows[:30]):
        cells = [" ".join(cell.lower().replace("’", "'").split()) for cell in row]
        columns = {name: cells.index(word) for name, words in HEADS.items() for word in reversed(words) if word in cells}
        if "booked_on" in columns and ("amount" in columns or "credit" in columns):
            return n, columns
    raise Unreadable("statement_without_heads")


def _amount(told: Mapping[str, str], currency: str, line: int, *, typed: bool = True) -> Money:
    """The amount of a line; `typed`: with the marks of whatever country, else with a point alone (camt.053)."""
    text = told.get("amount") or told.get("credit") or "0"
    code = currency.upper()
    digits = re.sub(r"[\s'’\u00a0\u202f]", "", text)
    try:
        plain = _plain(digits, exponent(code)) if typed else digits
        if not PLAIN.fullmatch(plain):
            raise ValueError(text)
        minor = Decimal(plain).scaleb(exponent(code))
    except (InvalidOperation, ValueError):
        raise Unreadable("amount_unreadable", line, text) from None
    if minor != minor.to_integral_value() or abs(minor) >= TOO_MUCH:
        raise Unreadable("amount_unreadable", line, text)
    return Money(int(minor), code)


def _plain(digits: str, decimals: int) -> str:
    """The same with a point, without marks between thousands. ValueError for what could be read in two ways.

    1,000 is a thousand yen and one dinar, which have no and three decimals; in euros it is either.
    """
    grouped = GROUPED.fullmatch(digits)
    if grouped is None:
        return digits.replace(",", ".")
    whole, mark, fraction = grouped.groups()
    if fraction is None and whole.count(mark) == 1:
        if decimals == 3:
            return digits.replace(",", ".")
        if decimals or mark == ".":
            raise ValueError(digits)
    return f"{whole.replace(mark, '')}.{fraction or 0}"


def _day(text: str, line: int) -> date:
    for form in DAYS:
        try:
            return datetime.strptime(text[:10], form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise Unreadable("day_unreadable", line, text)


# --- camt.053 --------------------------------------------------------------------------------------------------------------


def _of_camt(text: str) -> Iterable[Line]:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Unreadable("statement_not_camt")
    try:
        root = Xml.fromstring(text)
    except Xml.ParseError:
        raise Unreadable("statement_not_camt") from None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]  # the versions differ in their name space alone
    if root.find("BkToCstmrStmt") is None:
        raise Unreadable("statement_not_camt")
    for n, entry in enumerate(root.iter("Ntry"), 1):
        if entry.findtext("CdtDbtInd") == "CRDT" and entry.findtext("RvslInd") != "true":
            yield from _of_entry(entry, n)


def _of_entry(entry: Xml.Element, n: int) -> Iterable[Line]:
    day = _day(entry.findtext("BookgDt/Dt") or (entry.findtext("BookgDt/DtTm") or ""), n)
    details = entry.findall("NtryDtls/TxDtls")
    for part in details or [entry]:
        amount = part.find("Amt") if part.find("Amt") is not None else part.find("AmtDtls/TxAmt/Amt")
        if amount is None or len(details) == 1:
            amount = entry.find("Amt")
        if amount is None:
            raise Unreadable("amount_unreadable", n)
        told = " ".join(text.text or "" for text in part.findall("RmtInf/Ustrd"))
        told = " ".join([told, *(text.text or "" for text in part.findall("RmtInf/Strd/CdtrRefInf/Ref"))]).strip()
        payer = part.findtext("RltdPties/Dbtr/Nm") or part.findtext("RltdPties/Dbtr/Pty/Nm") or ""
        ref = part.findtext("Refs/AcctSvcrRef") or entry.findtext("AcctSvcrRef") or ""
        yield Line(day, _amount({"amount": amount.text or ""}, amount.get("Ccy", ""), n, typed=False), payer, told, ref, "")


def _with_digests(lines: Iterable[Line]) -> Sequence[Line]:
    """Each line with its identity: the bank's reference or all that it says, and which of several alike it is."""
    counted: dict[tuple[str, ...], int] = {}
    found = []
    for line in lines:
        said = (line.booked_on.isoformat(), str(line.amount.minor), line.amount.currency, line.payer, line.told, line.bank_ref)
        counted[said] = counted.get(said, 0) + 1
        digest = hashlib.sha256("\x1f".join([*said, str(counted[said])]).encode()).hexdigest()
        found.append(Line(line.booked_on, line.amount, line.payer, line.told, line.bank_ref, digest))
    return found


# --- what a line pays ------------------------------------------------------------------------------------------------------


def numbers_in(told: str) -> Sequence[str]:
    """The numbers of invoices that a payer wrote, in their order, each once: "F 2026 000001" is "F-2026-000001"."""
    return list(dict.fromkeys(f"F-{year}-{n}" for year, n in NUMBER.findall(told)))


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """An invoice as matching sees it."""

    number: str
    customer_id: int
    open: Money


@dataclass(frozen=True, slots=True)
class Match:
    """What a line pays: how much of which invoice. None, and `why`, a code, where the desk must look."""

    parts: Mapping[str, int]
    why: str = ""


def match(amount: Money, numbers: Sequence[str], found: Sequence[OpenInvoice]) -> Match:
    """Which invoices a line pays: those that it names, where the amount fits; a part of one, where it is less than that one."""
    named = {invoice.number: invoice for invoice in found}
    if not numbers:
        return Match({}, "no_number")
    if missing := [number for number in numbers if number not in named]:
        return Match({}, "number_unknown" if len(missing) == len(numbers) else "number_unknown_among")
    if len({invoice.customer_id for invoice in named.values()}) > 1:
        return Match({}, "several_customers")
    if any(invoice.open.currency != amount.currency for invoice in named.values()):
        return Match({}, "currency_differs")
    due = {number: named[number].open.minor for number in numbers if named[number].open.minor > 0}
    if not due:
        return Match({}, "paid_already")
    if amount.minor == sum(due.values()) or (len(due) == 1 and amount.minor < sum(due.values())):
        return Match({number: min(minor, amount.minor) for number, minor in due.items()})
    return Match({}, "amount_differs")
