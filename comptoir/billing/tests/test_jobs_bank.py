"""Bank transfers: a statement is read once, its lines pay what they name, and nothing is guessed."""

import base64
from datetime import date

import pytest

from comptoir.billing.actions.bank import import_statement
from comptoir.billing.models import Allocation, BankStatement, Invoice, Payment, StatementLine
from comptoir.billing.rules.bank import Line, OpenInvoice, Unreadable, match, numbers_in, read_statement
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.house import the_house
from comptoir.kernel.money import Money
from comptoir.kernel.walls import wall_opened
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, raise_curtain

from .paying import billed, looking, open_of, run_jobs, taken_in

FRENCH = """Compte;FR76 3000 6000 0112 3456 7890 189
Solde;12 345,67

Date opération;Libellé;Débit;Crédit;Donneur d'ordre
21/11/2026;VIR F 2026 000001 MERCI;;1 234,50;ATELIER NORD
21/11/2026;FRAIS;-12,00;;BANQUE
22/11/2026;=2+3;;10,00;"=CMD()"
"""
ENGLISH = (
    "Date,Amount,Currency,Reference,Payer\n2026-11-21,1234.50,EUR,F-2026-000001,Atelier Nord\n2026-11-21,-5.00,EUR,fee,Bank\n"
)
CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
<Ntry><Amt Ccy="EUR">1234.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-11-21</Dt></BookgDt>
<AcctSvcrRef>B1</AcctSvcrRef><NtryDtls><TxDtls><Refs><AcctSvcrRef>B1</AcctSvcrRef></Refs>
<RltdPties><Dbtr><Pty><Nm>Atelier Nord</Nm></Pty></Dbtr></RltdPties>
<RmtInf><Ustrd>F-2026-000001</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">5.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><BookgDt><Dt>2026-11-21</Dt></BookgDt></Ntry>
</Stmt></BkToCstmrStmt></Document>"""


def read(text: str, encoding: str = "utf-8") -> list[Line]:
    return list(read_statement(text.encode(encoding), "EUR")[1])


# --- reading ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "form"), [(FRENCH, "csv"), (ENGLISH, "csv"), (CAMT, "camt.053")])
def test_money_that_came_in_is_read_whatever_the_bank_writes(text: str, form: str) -> None:
    line = read(text)[0]
    assert read_statement(text.encode(), "EUR")[0] == form
    assert (line.booked_on, line.amount, numbers_in(line.told)) == (date(2026, 11, 21), Money(123450, "EUR"), ["F-2026-000001"])
    assert line.payer.upper() == "ATELIER NORD"


def test_money_that_went_out_is_none_of_it() -> None:
    assert [line.amount.minor for line in read(FRENCH)] == [123450, 1000]
    assert len(read(ENGLISH)) == len(read(CAMT)) == 1


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1,000", "JPY", 1000),
        ("21,173", "JPY", 21173),
        ("1,234,567", "JPY", 1234567),
        ("1.234.567", "JPY", 1234567),
        ("21173.00", "JPY", 21173),
        ("21173", "JPY", 21173),
        ("1.000", "KWD", 1000),
        ("1,000", "KWD", 1000),
        ("1,234.567", "KWD", 1234567),
        ("12.5", "KWD", 12500),
        ("1,234.50", "EUR", 123450),
        ("1.234,50", "EUR", 123450),
        ("12,5", "EUR", 1250),
        (",50", "EUR", 50),
        ("1,234,567", "EUR", 123456700),
        ("1234.500", "EUR", 123450),
    ],
)
def test_an_amount_is_read_with_the_decimals_of_its_currency(text: str, currency: str, minor: int) -> None:
    assert read(f"Date;Amount;Currency\n2026-11-21;{text};{currency}\n")[0].amount == Money(minor, currency)


def test_a_file_of_an_old_bank_is_read_too() -> None:
    assert [line.amount.minor for line in read(FRENCH, "cp1252")] == [123450, 1000]


def test_two_lines_that_say_the_same_are_two_and_the_same_file_says_the_same_two() -> None:
    text = ENGLISH + ENGLISH.splitlines()[1] + "\n"
    digests = [line.digest for line in read(text)]
    assert len(set(digests)) == 2
    assert digests == [line.digest for line in read(text)]
    assert read(ENGLISH)[0].digest == digests[0]


@pytest.mark.parametrize(
    ("text", "why", "line"),
    [
        ("hello", "statement_without_heads", 0),
        ("Date,Amount\n2026-11-21,twelve\n", "amount_unreadable", 2),
        ("Date,Amount\n2026-11-21,1.234\n", "amount_unreadable", 2),
        ("Date,Amount\n2026-11-21,1.000\n", "amount_unreadable", 2),  # a thousand, or one: not guessed
        ('Date,Amount\n2026-11-21,"1,000"\n', "amount_unreadable", 2),
        ("Date,Amount,Currency\n2026-11-21,1.000,JPY\n", "amount_unreadable", 2),
        ("Date,Amount\n2026-11-21,Infinity\n", "amount_unreadable", 2),
        ("Date,Amount\n2026-11-21,1e400\n", "amount_unreadable", 2),
        (f"Date,Amount\n2026-11-21,{'9' * 30}\n", "amount_unreadable", 2),
        ("Date,Amount\n2026-11-21,٣\n", "amount_unreadable", 2),
        (CAMT.replace("1234.50", "1,234"), "amount_unreadable", 1),
        ("Date,Amount\nyesterday,12.00\n", "day_unreadable", 2),
        ("<html></html>", "statement_not_camt", 0),
        ("<a>", "statement_not_camt", 0),
        ('<!DOCTYPE a [<!ENTITY b "c">]><Document/>', "statement_not_camt", 0),
    ],
)
def test_what_is_no_statement_says_where(text: str, why: str, line: int) -> None:
    with pytest.raises(Unreadable) as problem:
        read(text)
    assert (problem.value.why, problem.value.line) == (why, line)


@pytest.mark.parametrize(
    ("told", "numbers"),
    [
        ("F-2026-000001", ["F-2026-000001"]),
        ("f2026000001 et F 2026 000002", ["F-2026-000001", "F-2026-000002"]),
        ("RF2026000001", []),
        ("F-2026-0000012", []),
        ("A-2026-000001", []),
    ],
)
def test_numbers_are_found_as_people_write_them(told: str, numbers: list[str]) -> None:
    assert numbers_in(told) == numbers


def invoice(n: int, minor: int, customer: int = 5, currency: str = "EUR") -> OpenInvoice:
    return OpenInvoice(f"F-2026-{n:06d}", customer, Money(minor, currency))


@pytest.mark.parametrize(
    ("amount", "numbers", "found", "parts", "why"),
    [
        (1000, [1], [invoice(1, 1000)], {1: 1000}, ""),
        (400, [1], [invoice(1, 1000)], {1: 400}, ""),
        (1500, [1, 2], [invoice(1, 1000), invoice(2, 500)], {1: 1000, 2: 500}, ""),
        (500, [1, 2], [invoice(1, 0), invoice(2, 500)], {2: 500}, ""),
        (1001, [1], [invoice(1, 1000)], {}, "amount_differs"),
        (1400, [1, 2], [invoice(1, 1000), invoice(2, 500)], {}, "amount_differs"),
        (1000, [], [], {}, "no_number"),
        (1000, [1], [], {}, "number_unknown"),
        (1000, [1, 2], [invoice(1, 1000)], {}, "number_unknown_among"),
        (1000, [1], [invoice(1, 0)], {}, "paid_already"),
        (2000, [1, 2], [invoice(1, 1000), invoice(2, 1000, customer=6)], {}, "several_customers"),
        (1000, [1], [invoice(1, 1000, currency="CHF")], {}, "currency_differs"),
    ],
)
def test_a_line_pays_what_it_names_if_it_fits(
    amount: int, numbers: list[int], found: list[OpenInvoice], parts: dict[int, int], why: str
) -> None:
    told = match(Money(amount, "EUR"), [f"F-2026-{n:06d}" for n in numbers], found)
    assert (dict(told.parts), told.why) == ({f"F-2026-{n:06d}": minor for n, minor in parts.items()}, why)


# --- taking in -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def cast(fresh_database: FreshDatabase) -> Cast:
    return raise_curtain()


def statement(*rows: str) -> str:
    return base64.b64encode("\n".join(["Date,Amount,Currency,Reference", *rows]).encode()).decode()


def bring(content: str, name: str = "a.csv") -> None:
    with wall_opened(house=True):
        import_statement(Actor.operator(), the_house(), name=name, content=content, on=TODAY)
    run_jobs()


def test_a_transfer_pays_its_invoice_once_in_however_many_files(cast: Cast) -> None:
    bill = billed(cast.camille, cast.subscription)
    row = f"2026-11-21,{bill.total},EUR,{bill.number}"
    bring(statement(row))
    bring(statement(row, "2026-11-22,10.00,EUR,thanks"), "b.csv")
    assert (taken_in(cast), open_of(cast, bill)) == ([bill.total_minor], 0)
    assert list(StatementLine.objects.order_by("pk").values_list("state", "numbers", "why")) == [
        ("matched", bill.number, ""),
        ("unmatched", "", "no_number"),
    ]
    assert BankStatement.objects.count() == 2


def test_each_customers_transfer_finds_its_own(cast: Cast) -> None:
    bills = [billed(cast.camille, cast.subscription), billed(cast.oskar, cast.foreign_subscription)]
    bring(statement(*(f"2026-11-21,{bill.total},EUR,{bill.number}" for bill in bills)))
    assert open_of(cast, bills[0]) == 0
    with wall_opened(read=[cast.est.pk]):
        assert Payment.objects.get().amount_minor == bills[1].total_minor
        assert Allocation.objects.get().invoice_id == bills[1].pk


def test_part_of_an_invoice_is_paid_and_what_is_too_much_waits_for_the_desk(cast: Cast) -> None:
    bill = billed(cast.camille, cast.subscription)
    bring(statement(f"2026-11-21,1.00,EUR,{bill.number}"))
    assert open_of(cast, bill) == bill.total_minor - 100
    bring(statement(f"2026-11-22,{bill.total},EUR,{bill.number}"))
    assert open_of(cast, bill) == bill.total_minor - 100
    assert StatementLine.objects.latest("pk").why == "amount_differs"


def test_a_file_that_is_wrong_in_one_line_is_not_read_at_all(cast: Cast) -> None:
    bill = billed(cast.camille, cast.subscription)
    with pytest.raises(Refused, match="statement_line_unreadable") as refusal:
        bring(statement(f"2026-11-21,{bill.total},EUR,{bill.number}", "2026-11-22,much,EUR,x"))
    assert refusal.value.params["line"] == 3
    assert StatementLine.objects.count() == BankStatement.objects.count() == 0
    with looking(cast):
        assert Invoice.objects.count() == 1
    assert taken_in(cast) == []
