"""Bank statements at the desk: read once, matched, what fits nothing laid aside."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from comptoir.billing.models import BankStatement, Payment, Refund, StatementLine
from comptoir.billing.tests.paying import billed, looking, open_of, run_jobs
from tests.cast import Cast, at_desk, raise_curtain, staff_member, words_of

pytestmark = pytest.mark.django_db
PAGE = "/desk/statements/"
CSV = "Date;Amount;Currency;Payer;Reference\n2026-11-20;12.00;EUR;Atelier Nord;no number\n"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def upload(text: str, name: str = "november.csv") -> dict[str, object]:
    return {"file": SimpleUploadedFile(name, text.encode())}


def left_over(text: str = "12.00;EUR;Atelier Nord;no number", day: str = "2026-11-20") -> StatementLine:
    """A line of the bank's that waits for the desk."""
    line = f"Date;Amount;Currency;Payer;Reference\n{day};{text}\n"
    at_desk(staff_member("Lea", "Blanc", "finance")).post(PAGE, upload(line))
    run_jobs()
    return StatementLine.objects.get()


def test_finance_reads_a_statement_once_and_lays_a_line_aside_with_what_it_is(cast: Cast) -> None:
    fiona = at_desk(staff_member("Fiona", "Lenoir", "finance"))
    assert "No statement was read yet" in words_of(fiona.get(PAGE))
    for name in ("november.csv", "again.csv"):
        assert fiona.post(PAGE, upload(CSV, name)).status_code == 302
    assert (BankStatement.objects.count(), StatementLine.objects.count()) == (2, 1)
    assert "1 line fits no invoice" in words_of(fiona.get(PAGE))
    line = StatementLine.objects.get()
    assert fiona.post(f"{PAGE}lines/{line.pk}/", {"note": " "}).status_code == 422
    assert fiona.post(f"{PAGE}lines/{line.pk}/", {"note": "A supplier paid back"}).status_code == 302
    line.refresh_from_db()
    assert (line.state, line.note) == ("ignored", "A supplier paid back")
    page = words_of(fiona.get(PAGE))
    assert "Every line of the bank is matched" in page
    assert "A supplier paid back" in page
    assert fiona.post(f"{PAGE}lines/{line.pk}/", {"note": "again"}).status_code == 409


def test_a_line_finds_its_invoice_by_amount_by_payer_and_by_what_is_typed(cast: Cast) -> None:
    bill, other = billed(cast.camille, cast.subscription), billed(cast.oskar, cast.foreign_subscription)
    line = left_over(f"{bill.total};EUR;MME ATELIER;thanks")
    fiona = at_desk(staff_member("Fiona", "Lenoir", "finance"))
    page = words_of(fiona.get(f"{PAGE}lines/{line.pk}/"))
    assert "no number of an invoice is written on it" in page
    assert str(bill.number) in page
    assert "the same amount" in page
    for typed in ("studio", other.number, "52000"):
        assert str(other.number) in words_of(fiona.get(f"{PAGE}lines/{line.pk}/", {"q": typed})), typed
    assert "No open invoice in EUR has these words" in words_of(fiona.get(f"{PAGE}lines/{line.pk}/", {"q": "nobody"}))


def test_a_line_pays_a_part_once_and_the_rest_stays_or_goes_back(cast: Cast) -> None:
    bill = billed(cast.camille, cast.subscription)
    line = left_over("1000.00;EUR;Atelier Nord;thanks")
    fiona, address = at_desk(staff_member("Fiona", "Lenoir", "finance")), f"/desk/customers/5200001/transfers/{line.pk}/"
    page = words_of(fiona.get(address, {"number": bill.number}))
    assert "is paid in full" in page
    assert "Credit of the customer" in page
    too_much = {"rest": "keep", bill.number: "1000.00"}
    for ask, said in ((fiona.get, f"Only {bill.total} EUR is open."), (fiona.post, "The amounts don’t fit what is open")):
        answer = ask(address, too_much)
        assert answer.status_code == 409
        assert said in words_of(answer)
    assert fiona.get(address, {"rest": "keep", bill.number: "much"}).status_code == 422
    assert open_of(cast, bill) == bill.total_minor
    paid = {"rest": "back", bill.number: "100.00", "request_key": "k"}
    for _again in range(2):
        assert fiona.post(address, paid).status_code == 302
    assert open_of(cast, bill) == bill.total_minor - 10_000
    with looking(cast):
        assert list(Payment.objects.values_list("amount_minor", flat=True)) == [100_000]
        assert list(Refund.objects.values_list("state", "amount_minor")) == [("by_hand", 90_000)]
    again = fiona.post(address, paid | {"request_key": "other"})
    assert again.status_code == 409
    assert "Somebody has settled this line" in words_of(again)
    assert f"This line has paid {bill.number}" in words_of(fiona.get(f"{PAGE}lines/{line.pk}/"))


def test_money_in_another_currency_is_no_customers_who_pays_in_euros(cast: Cast) -> None:
    line = left_over("1000.00;USD;Atelier Nord;thanks")
    fiona = at_desk(staff_member("Fiona", "Lenoir", "finance"))
    answer = fiona.post(f"/desk/customers/5200001/transfers/{line.pk}/", {"rest": "keep"})
    assert answer.status_code == 409
    assert "Atelier Nord pays in EUR" in words_of(answer)
    line.refresh_from_db()
    assert line.state == "unmatched"


def test_what_is_unreadable_is_said_with_its_line_and_only_then(cast: Cast) -> None:
    fiona = at_desk(staff_member("Fiona", "Lenoir", "finance"))
    assert "line" not in words_of(fiona.post(PAGE, upload("hello"))).partition("that can be read")[2].partition("camt")[0]
    assert "see line 2, “x”" in words_of(fiona.post(PAGE, upload("Date;Amount\n2026-11-20;x\n")))


@pytest.mark.parametrize("text", ["", "this is no statement", "Date;Amount\n31/31/2026;x\n"])
def test_what_is_no_statement_is_refused_and_leaves_nothing(cast: Cast, text: str) -> None:
    answer = at_desk(staff_member("Fiona", "Lenoir", "finance")).post(PAGE, upload(text))
    assert answer.status_code == 422
    assert "This is no bank statement that can be read" in words_of(answer)
    assert not BankStatement.objects.exists()


def test_the_catalogue_reads_no_statement(cast: Cast) -> None:
    karl = at_desk(staff_member("Karl", "Lang", "catalogue"))
    assert karl.get(PAGE).status_code == karl.post(PAGE, upload(CSV)).status_code == 404
    assert karl.get(f"{PAGE}lines/1/").status_code == karl.get("/desk/customers/5200001/transfers/1/").status_code == 404
    assert not BankStatement.objects.exists()
