"""Invoices of a customer, many at once, and the credit notes that take them back."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from comptoir.billing.actions.credit_notes import issue_credit_note
from comptoir.billing.actions.invoices import issue_invoices
from comptoir.billing.models import Invoice, InvoiceBalance, InvoiceLine, Series
from comptoir.billing.rules import totals
from comptoir.kernel.errors import HouseRule, Refused
from comptoir.kernel.models import Event
from comptoir.kernel.money import Money
from tests.cast import TODAY, Cast, raise_curtain
from tests.invoiced import credited, draft, invoiced, line, verb_of, within

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def numbers(cast: Cast) -> list[str | None]:
    return within(cast.nord.pk, lambda: list(Invoice.objects.order_by("id").values_list("number", flat=True)))


def open_of(invoice: Invoice) -> int:
    return within(invoice.organisation_id, lambda: InvoiceBalance.objects.get(invoice=invoice).open_minor)


def test_many_invoices_are_numbered_in_their_order_on_one_day(cast: Cast) -> None:
    drafts = [
        draft(cast.contract, [line(4, "250.00")]),
        draft(cast.second_contract, [line(2, "1800.00"), line(1, "420.00", kind="raised")]),
        draft(cast.contract, [line(3, "280.00", days=143)], method="card"),
    ]
    with verb_of(cast.nord.pk):
        written = issue_invoices(cast.nord, drafts, on=TODAY)
    assert [document.number for document in written] == ["F-2026-000001", "F-2026-000002", "F-2026-000003"]
    stored = within(cast.nord.pk, lambda: list(Invoice.objects.order_by("id")))
    assert [(row.number, row.issued_on, row.due_on, row.total_minor) for row in stored] == [
        ("F-2026-000001", TODAY, TODAY + timedelta(days=30), 120000),
        ("F-2026-000002", TODAY, TODAY + timedelta(days=30), 482400),
        ("F-2026-000003", TODAY, TODAY + timedelta(days=30), 39492),
    ]
    positions = within(cast.nord.pk, lambda: list(InvoiceLine.objects.order_by("id").values_list("invoice__number", "position")))
    assert positions == [("F-2026-000001", 1), ("F-2026-000002", 1), ("F-2026-000002", 2), ("F-2026-000003", 1)]
    told = within(
        cast.nord.pk, lambda: list(Event.objects.filter(kind="invoice.issued").values_list("subject_number", flat=True))
    )
    assert told == ["F-2026-000001", "F-2026-000002", "F-2026-000003"]
    assert [open_of(row) for row in stored] == [120000, 482400, 39492]
    assert Series.objects.get().last == 3


def test_how_many_invoices_there_are_does_not_change_how_often_the_database_is_asked(
    cast: Cast, django_assert_max_num_queries: object
) -> None:
    for count in (1, 40):
        drafts = [draft(cast.contract, [line(4, "250.00")]) for _ in range(count)]
        with verb_of(cast.nord.pk), django_assert_max_num_queries(7):  # type: ignore[operator]
            issue_invoices(cast.nord, drafts, on=TODAY)


def test_lines_that_are_not_what_the_totals_say_are_not_invoiced(cast: Cast) -> None:
    right = draft(cast.contract, [line(4, "250.00")])
    wrong = draft(cast.contract, [line(4, "250.00")])
    mixed = type(wrong)(wrong.contract_id, "invoice", [line(5, "250.00")], wrong.treatment, wrong.totals)
    with pytest.raises(HouseRule, match="add up"), verb_of(cast.nord.pk):
        issue_invoices(cast.nord, [right, mixed], on=TODAY)
    assert numbers(cast) == []
    assert not Series.objects.exists()


def test_no_draft_takes_no_number(cast: Cast) -> None:
    with verb_of(cast.nord.pk):
        assert issue_invoices(cast.nord, [], on=TODAY) == []
    assert not Series.objects.exists()


def test_a_day_before_the_last_invoice_is_the_day_of_the_last(cast: Cast) -> None:
    invoiced(cast.contract, line(1, "10.00"), on=TODAY)
    later = invoiced(cast.contract, line(1, "10.00"), on=TODAY - timedelta(days=3))
    assert (later.issued_on, later.due_on) == (TODAY, TODAY + timedelta(days=30))


def test_a_full_return_closes_to_zero_net_and_tax(cast: Cast) -> None:
    invoice = invoiced(cast.contract, line(3, "280.00", days=143), line(2, "35.00", days=18, of=28))
    note = credited(invoice, 3, 2)
    assert note.number == "A-2026-000001"
    assert (note.net, note.tax, note.total) == (invoice.net, invoice.tax, invoice.total)
    assert (note.corrects_id, note.reason, note.issued_on, note.due_on) == (invoice.pk, "return", TODAY, TODAY)
    assert open_of(invoice) == 0
    told = within(cast.nord.pk, lambda: Event.objects.get(kind="invoice.credited").detail)
    total = f"{note.total} EUR"
    expected = {"number": "A-2026-000001", "invoice": "F-2026-000001", "total": total, "reason": "return", "mailbox": False}
    assert told == expected


def test_parts_of_a_line_add_up_to_the_line(cast: Cast) -> None:
    invoice = invoiced(cast.contract, line(3, "280.00", days=143))  # 329.10; a third is 109.70
    notes = [credited(invoice, 1) for _ in range(3)]
    assert [str(note.net) for note in notes] == ["109.70", "109.70", "109.70"]
    assert Money.sum((note.total for note in notes), "EUR") == invoice.total
    assert open_of(invoice) == 0
    assert [note.number for note in notes] == [f"A-2026-00000{n}" for n in (1, 2, 3)]


def test_a_line_is_never_credited_beyond_itself(cast: Cast) -> None:
    invoice = invoiced(cast.contract, line(3, "280.00"), line(1, "10.00"))
    credited(invoice, 2)
    with pytest.raises(Refused) as refusal:
        credited(invoice, 2)
    assert (refusal.value.code, refusal.value.params) == ("credit_exceeds_line", {"position": 1, "left": 1, "quantity": 2})
    assert numbers(cast) == ["F-2026-000001", "A-2026-000001"]


def test_the_database_itself_refuses_a_credit_beyond_its_line(cast: Cast) -> None:
    """The control of the test above: written past the verb."""
    invoice = invoiced(cast.contract, line(3, "280.00"))
    note = credited(invoice, 3)

    def write_another() -> None:
        [row] = invoice.lines.all()
        more = Invoice.objects.get(pk=note.pk)
        more.pk, more.number, more.issued_on, more._state.adding = None, None, None, True
        more.save()
        copy = note.lines.get()
        copy.pk, copy.invoice, copy.net_minor, copy.credits = None, more, 1, row
        copy.save()

    with pytest.raises(IntegrityError, match="credited"), transaction.atomic():
        within(cast.nord.pk, write_another)


def test_a_credit_note_is_not_credited_and_takes_lines_of_its_invoice_only(cast: Cast) -> None:
    invoice, other = invoiced(cast.contract, line(3, "280.00")), invoiced(cast.contract, line(1, "10.00"))
    note = credited(invoice, 3)
    with pytest.raises(HouseRule, match="not an issued invoice"):
        credited(note, 1)
    foreign = within(cast.nord.pk, lambda: other.lines.get())
    with pytest.raises(HouseRule, match="another invoice"), verb_of(cast.nord.pk):
        issue_credit_note(invoice, [(foreign, 1)], reason="return", on=TODAY)
    assert numbers(cast) == ["F-2026-000001", "F-2026-000002", "A-2026-000001"]


def test_a_credit_note_is_addressed_as_its_invoice_was(cast: Cast) -> None:
    invoice = invoiced(cast.contract, line(3, "280.00"))
    within(cast.nord.pk, lambda: type(cast.nord).objects.filter(pk=cast.nord.pk).update(name="Renamed", po_number="PO 9"))
    within(cast.nord.pk, invoice.refresh_from_db)
    note = credited(invoice, 3)
    assert (note.buyer["name"], note.po_number) == ("Atelier Nord", "")
    assert totals([note.net], draft(cast.contract, [line(1, "1.00")]).treatment).tax == note.tax
