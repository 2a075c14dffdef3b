"""Where paying is tried: a customer with a card and an invoice, the jobs run one by one, the sandbox's provider as the oracle."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.test import Client

from comptoir.billing.actions.credit_notes import issue_credit_note
from comptoir.billing.actions.payments import pay_invoice
from comptoir.billing.actions.refunds import give_back
from comptoir.billing.adapters import sandbox_books
from comptoir.billing.jobs.asking import HeldBack, NotKnownYet
from comptoir.billing.models import (
    Attempt,
    Invoice,
    InvoiceBalance,
    Payment,
    PaymentMethod,
    SandboxCharge,
    SandboxMethod,
)
from comptoir.billing.queries.sandbox_cards import known
from comptoir.kernel.actor import Actor
from comptoir.kernel.jobs import JOBS, within
from comptoir.kernel.tests.stage import inside
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import Membership
from comptoir.subscriptions.actions.seats import add_seats
from comptoir.subscriptions.models import Subscription
from tests.cast import TODAY, Cast
from tests.invoiced import verb_of

GOOD, CHALLENGE, POOR, DISPUTED = "4242424242424242", "4000002500003155", "4000000000009995", "4000000000000259"
DEBIT, BAD_DEBIT = "FR1420041010050500013M02606", "DE62370400440532013001"
PATIENT = (NotKnownYet, HeldBack)


def give(cast: Cast, number: str = GOOD, kind: str = "card") -> PaymentMethod:
    """A method of Atelier Nord's, as if it had been typed into the sandbox's page."""
    found = known(kind, number)
    assert found is not None
    count = SandboxMethod.objects.count()
    there = SandboxMethod.objects.create(
        token=f"pm_{count}", customer_ref="cus", kind=kind, brand=found.brand, last4=number[-4:], behaviour=found.behaviour
    )
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        return PaymentMethod.objects.create(
            organisation=cast.nord,
            kind=kind,
            provider="sandbox",
            customer_ref="cus",
            token_ref=there.token,
            label=f"{found.brand} •••• {number[-4:]}",
            added_on=TODAY,
        )


def billed(member: Membership, subscription: Subscription, *, key: str = "bill") -> Invoice:
    """An invoice for one seat more, of a subscription that is paid on invoice."""
    with inside(member, key=key) as actor:
        Subscription.objects.filter(pk=subscription.pk).update(payment_method="invoice", paid_with=None)
        add_seats(actor, subscription, add=1, on=TODAY)
        return Invoice.objects.filter(organisation=member.organisation, kind="F").latest("pk")


def pay(member: Membership, invoice: Invoice, method: PaymentMethod, *, key: str | None = None) -> Attempt:
    """What the click on "pay" does."""
    with inside(member, key=key) as actor:
        return pay_invoice(actor, invoice, method=method.pk, on=TODAY)


def credit(cast: Cast, invoice: Invoice) -> Invoice:
    """What a return does to an invoice of Atelier Nord: all of it is credited, and what was paid goes back."""
    with verb_of(cast.nord.pk):
        wanted = [(line, line.quantity) for line in invoice.lines.all()]
        note = issue_credit_note(invoice, wanted, reason="return", on=TODAY)
        give_back(note, on=TODAY)
    return note


def run_jobs(*, again: int = 1, but: str = "billing.sandbox_notes") -> list[str]:
    """Run what is in the queue until nothing new is, each job that must wait `again` times. Returns those that still wait.

    The notes of the provider stay where they are: `deliver` of the pages sends them.
    """
    waiting: list[str] = []
    for _ in range(again):
        done: set[int] = set()
        waiting = []
        while job := _next(done, but):
            pk, name, organisation_id, arguments = job
            done.add(pk)
            try:
                _run(name, organisation_id, arguments)
            except PATIENT:
                waiting.append(name)
                continue
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [pk])
    return waiting


def _next(done: set[int], but: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, args ->> 'name', (args ->> 'organisation_id')::bigint, (args -> 'arguments')::text "
            "FROM procrastinate_jobs WHERE task_name = 'comptoir.run' AND args ->> 'name' LIKE 'billing.%%' AND NOT id = ANY(%s) "
            "AND args ->> 'name' <> %s ORDER BY id LIMIT 1",
            [list(done), but],
        )
        found = cursor.fetchone()
    if found is None:
        return None
    return (*found[:3], json.loads(found[3]))


def _run(name: str, organisation_id: int | None, arguments: dict[str, Any]) -> None:
    body, own_transactions = JOBS[name]
    actor = Actor.job(name, organisation_id)
    if own_transactions:
        body(actor, **arguments)
        return
    with transaction.atomic():
        within(actor)
        body(actor, **arguments)


@contextmanager
def looking(cast: Cast) -> Iterator[None]:
    """Reading Atelier Nord's rows."""
    with wall_opened(read=[cast.nord.pk]):
        yield


def open_of(cast: Cast, invoice: Invoice) -> int:
    """What is left to pay, in minor units."""
    with looking(cast):
        return InvoiceBalance.objects.get(invoice=invoice).open_minor


def states(cast: Cast) -> list[str]:
    """The states of Atelier Nord's attempts, oldest first."""
    with looking(cast):
        return list(Attempt.objects.order_by("pk").values_list("state", flat=True))


def taken_in(cast: Cast) -> list[int]:
    """What came in, in minor units."""
    with looking(cast):
        return list(Payment.objects.order_by("pk").values_list("amount_minor", flat=True))


def charged() -> list[int]:
    """What the provider's books say was charged, in minor units: the truth."""
    return list(SandboxCharge.objects.filter(state="succeeded").order_by("pk").values_list("amount_minor", flat=True))


def switched(**switches: int) -> None:
    """Set the provider's faults."""
    sandbox_books.switch(**switches)


def deliver() -> list[int]:
    """The provider's notes go to our webhook, as they would over HTTP. Returns the answers."""
    told, client = [], Client(headers={"host": "127.0.0.1"})

    def post(body: bytes, signed: str) -> None:
        answer = client.post("/webhooks/sandbox/", body, "application/json", headers={"Sandbox-Signature": signed})
        told.append(answer.status_code)

    sandbox_books.deliver(post)
    return told
