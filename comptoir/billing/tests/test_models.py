"""What the database itself keeps of invoices and payments."""

from datetime import date
from threading import Barrier, Thread
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from comptoir.billing.models import Allocation, Attempt, Invoice, InvoiceBalance, InvoiceLine, Payment, PaymentMethod, Refund
from comptoir.billing.models import Dispute as TakenBack
from comptoir.kernel.walls import wall_opened
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, raise_curtain

SELLER = {"legal_name": "Atelier Sculpt SAS"}


def document(cast: Cast, number: str | None, total: int, **more: Any) -> Invoice:
    amounts = {"net_minor": total, "tax_minor": 0, "total_minor": total, "currency": "EUR"}
    day = {"issued_on": TODAY, "due_on": TODAY} if number else {}
    told = {"payment_method": "card", "seller": SELLER, "buyer": {}, "language": "en", "tax_treatment": "x"}
    return Invoice.objects.create(
        organisation=cast.nord, contract_id=cast.contract.pk, number=number, **amounts, **day, **told, **more
    )


def line(invoice: Invoice, net: int, **more: Any) -> InvoiceLine:
    told = {"kind": "added_seats", "item": "Sculpt", "reference": "1", "start": TODAY, "end": date(2027, 1, 1)}
    counted = {"quantity": 1, "unit_minor": net, "days": 1, "denominator": 1, "tax_basis_points": 0, "currency": "EUR"}
    position = {"position": InvoiceLine.objects.filter(invoice=invoice).count() + 1}
    return InvoiceLine.objects.create(
        organisation_id=invoice.organisation_id, invoice=invoice, net_minor=net, **told, **counted, **position, **more
    )


def charged(cast: Cast, invoice: Invoice, amount: int) -> Payment:
    nord = {"organisation": cast.nord, "amount_minor": amount, "currency": "EUR"}
    method, _ = PaymentMethod.objects.get_or_create(
        organisation=cast.nord, kind="card", provider="sandbox", customer_ref="c", token_ref="t", label="Visa", added_on=TODAY
    )
    ended = {"state": "succeeded", "made_on": TODAY, "ended_on": TODAY}
    attempt = Attempt.objects.create(**nord, invoice=invoice, method=method, reference=f"a{invoice.pk}", **ended)
    return Payment.objects.create(**nord, kind="charge", attempt=attempt, received_on=TODAY, reference=attempt.reference)


def left_of(invoice: Invoice) -> int:
    return InvoiceBalance.objects.get(invoice=invoice).open_minor


def refused(because: str, make: Any) -> None:
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        make()
    cause = refusal.value.__cause__
    assert isinstance(cause, psycopg.Error)
    assert cause.diag.constraint_name == because


@pytest.mark.django_db
def test_what_is_open_follows_documents_and_money() -> None:
    cast = raise_curtain()
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        invoice = document(cast, None, 1000)
        assert not InvoiceBalance.objects.exists()  # a draft asks for nothing
        Invoice.objects.filter(pk=invoice.pk).update(number="F-2026-000001", issued_on=TODAY, due_on=TODAY)
        at_once = document(cast, "F-2026-000002", 400)
        assert (left_of(invoice), left_of(at_once)) == (1000, 400)
        payment = charged(cast, invoice, 1000)
        given = {"organisation": cast.nord, "payment": payment}
        Allocation.objects.create(**given, invoice=invoice, amount_minor=700, on=TODAY)
        assert left_of(invoice) == 300
        note = document(cast, "A-2026-000001", 500, kind="A", corrects=invoice)
        assert left_of(invoice) == -200  # we owe it
        back = {"credit_note": note, "currency": "EUR", "made_on": TODAY}
        Refund.objects.create(**given, **back, amount_minor=200, reference="r")
        assert (left_of(invoice), left_of(at_once)) == (0, 400)


@pytest.mark.django_db
def test_a_dispute_opens_what_it_takes_back_and_no_more() -> None:
    cast = raise_curtain()
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        invoice = document(cast, "F-2026-000001", 1000)
        payment = charged(cast, invoice, 1000)
        given = {"organisation": cast.nord, "payment": payment}
        Allocation.objects.create(**given, invoice=invoice, amount_minor=1000, on=TODAY)
        taken = TakenBack.objects.create(**given, amount_minor=1000, currency="EUR", provider_ref="d", opened_on=TODAY)
        off = {**given, "invoice": invoice, "dispute": taken, "on": TODAY}
        refused("allocation_within_payment_and_invoice", lambda: Allocation.objects.create(**off, amount_minor=-1001))
        Allocation.objects.create(**off, amount_minor=-1000)
        assert left_of(invoice) == 1000
        # while the bank has the money it pays nothing again
        refused("allocation_within_payment_and_invoice", lambda: Allocation.objects.create(**off, amount_minor=1000))
        TakenBack.objects.update(state="won", closed_on=TODAY)
        Allocation.objects.create(**off, amount_minor=1000)
        assert left_of(invoice) == 0


@pytest.mark.django_db
def test_no_more_is_given_back_than_was_paid() -> None:
    cast = raise_curtain()
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        invoice, other = document(cast, "F-2026-000001", 1000), document(cast, "F-2026-000002", 1000)
        payment = charged(cast, invoice, 1000)
        given = {"organisation": cast.nord, "payment": payment, "currency": "EUR", "made_on": TODAY}
        Allocation.objects.create(organisation=cast.nord, payment=payment, invoice=invoice, amount_minor=600, on=TODAY)
        note = document(cast, "A-2026-000001", 800, kind="A", corrects=invoice)
        unpaid = document(cast, "A-2026-000002", 800, kind="A", corrects=other)
        for credit_note, amount in ((note, 601), (unpaid, 1), (None, 401), (invoice, 1)):
            more = {"credit_note": credit_note, "amount_minor": amount, "reference": f"r{amount}"}
            refused("refund_within_payment", lambda more=more: Refund.objects.create(**given, **more))
        assert (left_of(invoice), left_of(other)) == (-400, 200)
        Refund.objects.create(**given, credit_note=note, amount_minor=600, reference="all of it")
        Refund.objects.create(**given, credit_note=None, amount_minor=400, reference="what paid nothing")
        assert (left_of(invoice), left_of(other)) == (200, 200)


@pytest.mark.django_db
@pytest.mark.parametrize(("net", "credits", "fits"), [
    (1000, [1000], True), (1000, [400, 600], True), (1000, [400, 601], False), (1000, [1001], False), (1000, [-1], False),
    (-300, [-300], True), (-300, [-100, -200], True), (-300, [-301], False), (-300, [1], False), (-300, [-200, -101], False),
])  # fmt: skip
def test_credits_of_a_line_stay_within_it(net: int, credits: list[int], fits: bool) -> None:
    cast = raise_curtain()
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        invoice = document(cast, None, net)
        credited = line(invoice, net)
        Invoice.objects.filter(pk=invoice.pk).update(number="F-2026-000001", issued_on=TODAY, due_on=TODAY)
        note = document(cast, None, sum(credits), kind="A", corrects=invoice)
        for amount in credits[:-1]:
            line(note, amount, credits=credited)
        if fits:
            line(note, credits[-1], credits=credited)
        else:
            refused("credits_within_line", lambda: line(note, credits[-1], credits=credited))


@pytest.mark.django_db
def test_a_line_is_credited_by_notes_of_its_own_invoice_only() -> None:
    cast = raise_curtain()
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        invoice, other = document(cast, None, 1000), document(cast, "F-2026-000002", 1000)
        credited = line(invoice, 1000)
        note = document(cast, None, 500, kind="A", corrects=other)
        refused("credits_within_line", lambda: line(note, 500, credits=credited))


def at_once(*works: Any) -> list[str]:
    """What became of each work, all started together, each in its own transaction of its own connection."""
    start, results = Barrier(len(works)), ["?"] * len(works)

    def run(n: int) -> None:
        try:
            start.wait()
            works[n]()
            results[n] = "done"
        except DatabaseError as error:
            results[n] = str(getattr(error.__cause__, "diag", None) and error.__cause__.diag.constraint_name)  # type: ignore[union-attr]
        finally:
            connection.close()

    threads = [Thread(target=run, args=(n,)) for n in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(results)


def test_of_many_credits_at_once_those_that_fit_are_kept(fresh_database: FreshDatabase) -> None:
    cast = raise_curtain()
    nord = {"read": [cast.nord.pk], "write": cast.nord.pk}
    with wall_opened(**nord):
        invoice = document(cast, None, 1000)
        credited = line(invoice, 1000)
        Invoice.objects.filter(pk=invoice.pk).update(number="F-2026-000001", issued_on=TODAY, due_on=TODAY)

    def credit() -> None:
        with wall_opened(**nord):
            line(document(cast, None, 400, kind="A", corrects=invoice), 400, credits=credited)

    assert at_once(*[credit] * 6) == ["credits_within_line"] * 4 + ["done"] * 2


def test_of_many_that_pay_one_invoice_at_once_one_does(fresh_database: FreshDatabase) -> None:
    cast = raise_curtain()
    nord = {"read": [cast.nord.pk], "write": cast.nord.pk}
    with wall_opened(**nord):
        invoice = document(cast, "F-2026-000001", 1000)
        paid = {"organisation": cast.nord, "kind": "transfer", "amount_minor": 1000, "currency": "EUR", "received_on": TODAY}
        payments = [Payment.objects.create(**paid, reference=f"line {n}") for n in range(4)]

    def pay(payment: Payment) -> None:
        with wall_opened(**nord):
            Allocation.objects.create(organisation=cast.nord, payment=payment, invoice=invoice, amount_minor=1000, on=TODAY)

    done = at_once(*[lambda payment=payment: pay(payment) for payment in payments])
    assert done == ["allocation_within_payment_and_invoice"] * 3 + ["done"]
    with wall_opened(**nord):
        assert left_of(invoice) == 0
