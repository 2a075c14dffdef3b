"""What somebody who pays comes for: what is open, what is late, one invoice and what happened to it."""

from datetime import timedelta

import pytest

from comptoir.billing.models import Allocation, Invoice, Payment
from comptoir.kernel.walls import wall_opened
from tests.cast import TODAY, Cast, raise_curtain, signed_in, words_of
from tests.invoiced import credited, invoiced, line

pytestmark = pytest.mark.django_db
LIST = "/c/5200001/invoices/"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def paid(invoice: Invoice, minor: int, on: object = TODAY) -> None:
    """So much came by bank transfer for that invoice."""
    with wall_opened(read=[invoice.organisation_id], write=invoice.organisation_id):
        theirs = {"organisation_id": invoice.organisation_id}
        money = {"amount_minor": minor, "currency": invoice.currency, "reference": f"{invoice.number} {minor}"}
        payment = Payment.objects.create(**theirs, **money, kind="transfer", received_on=on)
        Allocation.objects.create(**theirs, payment=payment, invoice=invoice, amount_minor=minor, on=on)


def four_invoices(cast: Cast) -> list[Invoice]:
    """One late, one paid in part, one paid, one credited."""
    late = invoiced(cast.contract, line(1, "100.00"), on=TODAY - timedelta(days=33))
    part = invoiced(cast.second_contract, line(2, "200.00"))
    done = invoiced(cast.contract, line(3, "300.00"))
    back = invoiced(cast.contract, line(4, "400.00"))
    paid(part, 10000)
    paid(done, done.total_minor)
    credited(back, 4)
    return [late, part, done, back]


def test_the_first_line_says_what_is_to_be_paid_and_what_is_late(cast: Cast) -> None:
    four_invoices(cast)
    said = words_of(signed_in(cast.pierre).get(LIST))
    assert "500.00 EUR to be paid, on 2 invoices. 1 of them is overdue: 120.00 EUR." in said.replace("\xa0", " ")
    assert "The next is due on 21 December 2026, in 4 weeks." in said.replace("\xa0", " ") or "in 30 days" in said


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("", ["A-2026-000001", "F-2026-000004", "F-2026-000003", "F-2026-000002", "F-2026-000001"]),
        ("show=open", ["F-2026-000002", "F-2026-000001"]),
        ("show=overdue", ["F-2026-000001"]),
        ("show=paid", ["F-2026-000004", "F-2026-000003"]),
        ("show=credit_notes", ["A-2026-000001"]),
        ("year=2026&show=overdue", ["F-2026-000001"]),
        ("year=2025", []),
        ("q=000003", ["F-2026-000003"]),
    ],
)
def test_the_list_is_narrowed(cast: Cast, asked: str, shown: list[str]) -> None:
    four_invoices(cast)
    answer = signed_in(cast.pierre).get(f"{LIST}?{asked}")
    assert [row.number for row in answer.context["page"].rows] == shown


def test_each_document_says_its_state(cast: Cast) -> None:
    four_invoices(cast)
    rows = signed_in(cast.pierre).get(LIST).context["page"].rows
    assert [(row.number, row.word[0], str(row.left)) for row in rows] == [
        ("A-2026-000001", "Credit note", "0.00"),
        ("F-2026-000004", "Credited", "0.00"),
        ("F-2026-000003", "Paid", "0.00"),
        ("F-2026-000002", "Open", "380.00"),
        ("F-2026-000001", "3 days overdue", "120.00"),
    ]


def test_nothing_is_due_when_everything_is_paid(cast: Cast) -> None:
    invoice = invoiced(cast.contract, line(1, "100.00"))
    paid(invoice, invoice.total_minor)
    assert "Everything is paid." in words_of(signed_in(cast.pierre).get(LIST))


@pytest.mark.parametrize("asked", ["show=everything", "year=abc", "year=12"])
def test_a_filter_that_is_none_is_told(cast: Cast, asked: str) -> None:
    invoiced(cast.contract, line(1, "100.00"))
    answer = signed_in(cast.pierre).get(f"{LIST}?{asked}")
    assert answer.status_code == 422
    assert answer.context["form"].errors


def test_the_manager_of_one_contract_sees_and_sums_its_invoices_only(cast: Cast) -> None:
    four_invoices(cast)
    answer = signed_in(cast.anton).get(LIST)
    assert [row.number for row in answer.context["page"].rows] == ["F-2026-000002"]
    assert str(answer.context["figures"].to_pay) == "380.00"
    assert signed_in(cast.anton).get(f"{LIST}F-2026-000001/").status_code == 404
    assert signed_in(cast.anton).get(f"{LIST}F-2026-000001/xml/").status_code == 404


def test_the_statement_goes_from_the_total_to_what_is_left(cast: Cast) -> None:
    invoice = invoiced(cast.contract, line(3, "100.00"))
    paid(invoice, 20000)
    credited(invoice, 1)
    answer = signed_in(cast.pierre).get(f"{LIST}{invoice.number}/")
    assert [(one.words, str(one.amount), str(one.left), one.document) for one in answer.context["statement"]] == [
        ("Invoice F-2026-000001", "360.00", "360.00", ""),
        ("Credit note A-2026-000001", "-120.00", "240.00", "A-2026-000001"),
        ("Paid by bank transfer", "-200.00", "40.00", ""),
    ]
    assert "40.00 EUR to be paid by 21 December 2026" in words_of(answer).replace("\xa0", " ")


def test_a_credit_note_has_its_page_and_its_pdf(cast: Cast) -> None:
    credited(invoiced(cast.contract, line(3, "100.00")), 1)
    client = signed_in(cast.pierre)
    said = words_of(client.get(f"{LIST}A-2026-000001/")).replace("\xa0", " ")
    assert "120.00 EUR given back of invoice F-2026-000001." in said
    assert "Nothing is to be paid. What was paid goes back the way it came." in said
    assert client.get(f"{LIST}A-2026-000001/pdf/").content.startswith(b"%PDF")
    xml = client.get(f"{LIST}A-2026-000001/xml/")
    assert xml["Content-Disposition"] == 'attachment; filename="A-2026-000001.xml"'
    assert b"<ram:TypeCode>381</ram:TypeCode>" in xml.content


def test_lists_of_any_length_ask_the_database_as_often(cast: Cast, django_assert_max_num_queries: object) -> None:
    client = signed_in(cast.pierre)
    counts = []
    for _more in range(2):
        four_invoices(cast)
        with django_assert_max_num_queries(30) as asked:  # type: ignore[operator]
            client.get(LIST)
        counts.append(len(asked))
    assert counts[0] == counts[1]
