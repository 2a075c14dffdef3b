"""Bank statements at the desk: read once, matched, what fits nothing laid aside."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from comptoir.billing.models import BankStatement, StatementLine
from tests.cast import Cast, at_desk, raise_curtain, staff_member, words_of

pytestmark = pytest.mark.django_db
PAGE = "/desk/statements/"
CSV = "Date;Amount;Currency;Payer;Reference\n2026-11-20;12.00;EUR;Atelier Nord;no number\n"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def upload(text: str, name: str = "november.csv") -> dict[str, object]:
    return {"file": SimpleUploadedFile(name, text.encode())}


def test_finance_reads_a_statement_once_and_lays_a_line_aside(cast: Cast) -> None:
    fiona = at_desk(staff_member("Fiona", "Lenoir", "finance"))
    assert "No statement was read yet" in words_of(fiona.get(PAGE))
    for name in ("november.csv", "again.csv"):
        assert fiona.post(PAGE, upload(CSV, name)).status_code == 302
    assert (BankStatement.objects.count(), StatementLine.objects.count()) == (2, 1)
    page = words_of(fiona.get(PAGE))
    assert "1 line fits no invoice" in page
    line = StatementLine.objects.get()
    assert fiona.post(PAGE + "lines/", {"lines": str(line.pk)}).status_code == 302
    line.refresh_from_db()
    assert line.state == "ignored"
    assert "Every line of the bank is matched" in words_of(fiona.get(PAGE))


@pytest.mark.parametrize("text", ["", "this is no statement", "Date;Amount\n31/31/2026;x\n"])
def test_what_is_no_statement_is_refused_and_leaves_nothing(cast: Cast, text: str) -> None:
    answer = at_desk(staff_member("Fiona", "Lenoir", "finance")).post(PAGE, upload(text))
    assert answer.status_code == 422
    assert "This is no bank statement that can be read" in words_of(answer)
    assert not BankStatement.objects.exists()


def test_the_catalogue_reads_no_statement(cast: Cast) -> None:
    karl = at_desk(staff_member("Karl", "Lang", "catalogue"))
    assert karl.get(PAGE).status_code == karl.post(PAGE, upload(CSV)).status_code == 404
    assert not BankStatement.objects.exists()
