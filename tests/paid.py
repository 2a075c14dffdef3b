"""Payments for tests of all rows: one in every table, for what the database refuses, and a story, for `comptoir verify`."""

from datetime import date

from comptoir.billing import models as b
from comptoir.billing.actions.kept import use_credit
from comptoir.billing.tests.paying import give, pay, run_jobs
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.subscriptions.models import Subscription
from tests.cast import TODAY, Cast
from tests.invoiced import within


def one_row_each(cast: Cast, on: date) -> None:
    """The one invoice of Atelier Nord is paid by card; a transfer came that pays nothing, half of which goes back."""
    nord = {"organisation": cast.nord}
    invoice = b.Invoice.objects.get(**nord)
    due = {"amount_minor": invoice.total_minor, "currency": "EUR"}
    given = {"kind": "card", "provider": "sandbox"}
    method = b.PaymentMethod.objects.create(**nord, **given, customer_ref="cus", token_ref="pm", label="Visa", added_on=on)
    b.MethodSetup.objects.create(**nord, **given, reference="setup", asked_on=on)
    done = {"state": "succeeded", "reference": "attempt", "made_on": on, "ended_on": on}
    attempt = b.Attempt.objects.create(**nord, **due, invoice=invoice, method=method, **done)
    charged = {"kind": "charge", "attempt": attempt, "reference": "attempt", "received_on": on}
    payment = b.Payment.objects.create(**nord, **due, **charged)
    b.Allocation.objects.create(**nord, payment=payment, invoice=invoice, amount_minor=invoice.total_minor, on=on)
    won = {"state": "won", "opened_on": on, "closed_on": on}
    b.Dispute.objects.create(**nord, **due, payment=payment, provider_ref="dp", **won)
    line = {"amount_minor": 100, "currency": "EUR"}
    transfer = b.Payment.objects.create(**nord, **line, kind="transfer", reference="line", received_on=on)
    back = {"amount_minor": 50, "currency": "EUR", "state": "by_hand", "reference": "refund", "made_on": on}
    b.Refund.objects.create(**nord, payment=transfer, **back)
    _outside(on)


def _outside(on: date) -> None:
    b.ProviderEvent.objects.create(provider="sandbox", event_ref="evt", kind="charge", about="ch")
    b.Reconciliation.objects.create(provider="sandbox", day=on, run_at=now(), charges=1, findings=1)
    b.Finding.objects.create(provider="sandbox", day=on, kind="lost", reference="r", currency="EUR", found_at=now())
    told = {"format": "csv", "lines": 1, "imported_on": on, "imported_by": "operator"}
    statement = b.BankStatement.objects.create(name="a.csv", **told)
    b.StatementLine.objects.create(statement=statement, digest="d", booked_on=on, amount_minor=100, currency="EUR")
    b.SandboxProvider.objects.create()
    card = {"kind": "card", "brand": "Visa", "last4": "4242", "behaviour": "good"}
    method = b.SandboxMethod.objects.create(token="pm", customer_ref="cus", **card)
    page = {"customer_ref": "cus", "return_url": "/", "language": "en"}
    b.SandboxSetup.objects.create(ref="seti", key="seti", kind="card", **page)
    amount = {"amount_minor": 100, "currency": "EUR"}
    charge = b.SandboxCharge.objects.create(ref="ch", key="ch", method=method, **amount, state="succeeded", day=on)
    b.SandboxRefund.objects.create(ref="re", key="re", charge=charge, amount_minor=1, day=on)
    b.SandboxDispute.objects.create(ref="dp", charge=charge, amount_minor=100, reason="fraud", state="open")


def pay_by_card(cast: Cast) -> None:
    """Nord pays its first invoice by card; half of what a transfer brought goes back, and a line of the bank's waits."""
    within(cast.nord.pk, lambda: Subscription.objects.filter(pk=cast.subscription.pk).update(payment_method="invoice"))
    first = within(cast.nord.pk, lambda: b.Invoice.objects.filter(organisation=cast.nord).earliest("pk"))
    pay(cast.camille, first, give(cast))
    assert run_jobs() == []
    within(cast.nord.pk, lambda: transfer(cast))


def transfer(cast: Cast) -> None:
    told = {"organisation": cast.nord, "currency": "EUR"}
    came = b.Payment.objects.create(**told, kind="transfer", amount_minor=100, reference="line", received_on=TODAY)
    b.Refund.objects.create(**told, payment=came, amount_minor=50, state="by_hand", reference="back", made_on=TODAY)
    read = b.BankStatement.objects.create(name="a", format="csv", lines=1, imported_on=TODAY, imported_by="operator")
    line = {"booked_on": TODAY, "amount_minor": 100, "currency": "EUR"}
    b.StatementLine.objects.create(statement=read, digest="other", **line)


def spend_credit(cast: Cast, actor: Actor) -> None:
    """Part of what is left of the transfer pays Nord's second invoice."""
    second = within(cast.nord.pk, lambda: b.Invoice.objects.filter(organisation=cast.nord, kind="F").latest("pk"))
    within(cast.nord.pk, lambda: use_credit(actor, second, minor=20, on=TODAY))
