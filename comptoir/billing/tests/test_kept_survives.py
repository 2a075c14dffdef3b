"""Credit under fire: two invoices reach for the same money, one click comes many times, a kill at a fail point."""

import json
import signal
from subprocess import CompletedProcess

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from comptoir.billing.actions import kept as verbs
from comptoir.billing.actions.payments import pay_invoice
from comptoir.billing.adapters import sandbox_books
from comptoir.billing.models import Invoice, Refund, SandboxCharge, SandboxDispute
from comptoir.kernel.errors import Refused
from comptoir.kernel.verifying import verify
from comptoir.subscriptions.tests.test_add_seats_survives import camille, in_threads
from conftest import FreshDatabase
from tests.cast import TODAY, Cast, at_desk, raise_curtain, signed_in, staff_member
from tests.owner import logged_in
from tests.visitor import visited

from .paying import GOOD, billed, deliver, give, looking, open_of, pay, run_jobs
from .test_jobs_bank import bring, statement
from .test_kept import credit_of, kept


@pytest.fixture
def cast(fresh_database: FreshDatabase) -> Cast:
    return raise_curtain()


def use(cast: Cast, number: str, minor: int, key: str | None = None) -> str:
    """Use credit in a transaction of its own; the number of the invoice."""
    with transaction.atomic():
        actor = camille(cast, key)
        return str(verbs.use_credit(actor, Invoice.objects.get(number=number), minor=minor, on=TODAY).number)


def facts(database: FreshDatabase) -> dict[str, object]:
    """What stands in the tables, asked as the owner."""
    questions = {
        "used": "SELECT coalesce(sum(amount_minor), 0)::int FROM billing_allocation WHERE from_credit",
        "rows": "SELECT count(*) FROM billing_allocation",
        "events": "SELECT count(*) FROM kernel_event WHERE kind = 'payment.from_credit'",
    }
    with psycopg.connect(database.owner_url) as owner:
        return {name: owner.execute(question.encode()).fetchone()[0] for name, question in questions.items()}  # type: ignore[index]


def test_two_invoices_never_use_the_same_credit(cast: Cast, fresh_database: FreshDatabase) -> None:
    bills = [billed(cast.camille, cast.subscription, key=f"bill {n}") for n in range(4)]
    kept(cast.nord, 1_000)
    answers = in_threads(4, lambda n: use(cast, str(bills[n].number), 1_000))
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert [refusal.code for refusal in refused] == ["credit_short"] * 3, answers
    assert wrong(fresh_database) == []
    assert facts(fresh_database) == {"used": 1_000, "rows": 1, "events": 1}


def test_without_its_lock_the_database_refuses_the_second(
    cast: Cast, fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    bills = [billed(cast.camille, cast.subscription, key=f"bill {n}") for n in range(4)]
    kept(cast.nord, 1_000)
    with transaction.atomic():
        camille(cast)
        seen = verbs.kept_of(cast.nord.pk, "EUR")
    monkeypatch.setattr(verbs, "_locked", lambda _organisation, _currency: seen)
    answers = in_threads(4, lambda n: use(cast, str(bills[n].number), 1_000))
    assert sum(isinstance(answer, IntegrityError) for answer in answers) == 3, answers
    assert facts(fresh_database) == {"used": 1_000, "rows": 1, "events": 1}


def test_a_card_and_credit_at_once_never_pay_an_invoice_twice(cast: Cast, fresh_database: FreshDatabase) -> None:
    bill, card = billed(cast.camille, cast.subscription), give(cast, GOOD)
    kept(cast.nord, bill.total_minor)

    def by_card() -> str:
        with transaction.atomic():
            return pay_invoice(camille(cast), Invoice.objects.get(pk=bill.pk), method=card.pk, on=TODAY).reference

    answers = in_threads(4, lambda n: use(cast, str(bill.number), bill.total_minor) if n % 2 else by_card())
    refused = [answer.code for answer in answers if isinstance(answer, Refused)]
    assert len(refused) == 3, answers
    assert set(refused) <= {"payment_running", "nothing_to_pay"}
    run_jobs()
    assert open_of(cast, bill) == 0
    assert wrong(fresh_database) == []


def test_the_same_click_from_many_sides_uses_it_once_with_one_answer(cast: Cast, fresh_database: FreshDatabase) -> None:
    bill = billed(cast.camille, cast.subscription)
    kept(cast.nord, 5_000)
    assert in_threads(6, lambda _: use(cast, str(bill.number), 1_000, key="one click")) == [bill.number] * 6
    assert facts(fresh_database) == {"used": 1_000, "rows": 1, "events": 1}


def wrong(database: FreshDatabase) -> list[object]:
    """What `comptoir verify` finds."""
    with logged_in(database.owner_url):
        return [(verdict.name, verdict.examples) for verdict in verify() if verdict.violations]


def visit(cast: Cast, bill: Invoice, database: FreshDatabase, failpoint: str = "") -> CompletedProcess[str]:
    """Post the form in a process of its own."""
    path = f"/c/{cast.nord.number}/invoices/{bill.number}/credit/"
    form = {"request_key": "the same click", "minor": 1_000}
    return visited(cast.camille.person_id, path, form, database.app_url, failpoint)


@pytest.mark.parametrize("point", ["credit.used", "gate.after_commit"])
def test_a_kill_uses_credit_once_or_not_at_all(point: str, cast: Cast, fresh_database: FreshDatabase) -> None:
    bill = billed(cast.camille, cast.subscription)
    kept(cast.nord, 5_000)
    connection.close()
    killed = visit(cast, bill, fresh_database, f"{point}:kill")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    done = {"used": 1_000, "rows": 1, "events": 1}
    assert facts(fresh_database) == (done if point == "gate.after_commit" else {"used": 0, "rows": 0, "events": 0})
    again = visit(cast, bill, fresh_database)
    assert json.loads(again.stdout) == {"status": 302, "location": f"/c/{cast.nord.number}/invoices/{bill.number}/"}
    assert facts(fresh_database) == done


def heard() -> None:
    """The provider's notes arrive, and what they are about is asked for."""
    deliver()
    run_jobs()


def test_what_is_won_back_after_the_invoice_was_paid_otherwise_is_credit(cast: Cast, fresh_database: FreshDatabase) -> None:
    bill, card = billed(cast.camille, cast.subscription), give(cast, GOOD)
    pay(cast.camille, bill, card)
    run_jobs()
    sandbox_books.dispute(list(SandboxCharge.objects.all()))
    heard()
    assert open_of(cast, bill) == bill.total_minor
    bring(statement(f"2026-11-21,{bill.total},EUR,{bill.number}"))
    sandbox_books.close_dispute(SandboxDispute.objects.get().ref, won=True)
    heard()
    assert (open_of(cast, bill), credit_of(cast)) == (0, bill.total_minor)
    later = billed(cast.camille, cast.subscription, key="later")
    answer = signed_in(cast.camille).post(f"/c/5200001/invoices/{later.number}/credit/", {"minor": "100"})
    assert (answer.status_code, credit_of(cast)) == (302, bill.total_minor - 100)
    fiona = at_desk(staff_member("Fiona", "Lenoir", "finance"))
    assert fiona.post("/desk/customers/5200001/credit/refund/", {"minor": bill.total_minor - 100}).status_code == 302
    run_jobs()
    with looking(cast):
        assert Refund.objects.get().state == "succeeded"
    assert wrong(fresh_database) == []
