"""Reads of disputes: charges that a bank took back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from comptoir.kernel.actor import Actor
from comptoir.kernel.money import Money

from ..models import Allocation, Attempt, Dispute, Invoice


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A dispute as a page tells it: `state` is open, won or lost; `why` is what the bank says, or empty."""

    amount: Money
    state: str
    why: str
    opened_on: date
    closed_on: date | None
    at_provider: str = ""  # in a sandbox: the page where its bank decides


def disputes_of_invoice(actor: Actor, invoice: Invoice) -> Sequence[TakenBack]:
    """The disputes that opened an invoice again, oldest first."""
    own = Allocation.objects.filter(organisation_id=actor.customer_id, invoice=invoice, dispute__isnull=False)
    rows = Dispute.objects.select_related("payment__attempt__method")
    rows = rows.filter(organisation_id=actor.customer_id, pk__in=own.values("dispute_id"))
    return [told_of(row, row.payment.attempt) for row in rows.order_by("pk")]


def dispute_of_attempt(actor: Actor, attempt: Attempt) -> TakenBack | None:
    """The last dispute of a charge; None where the bank took nothing back."""
    rows = Dispute.objects.select_related("payment__attempt__method")
    row = rows.filter(organisation_id=actor.customer_id, payment__attempt=attempt).order_by("-pk").first()
    return None if row is None else told_of(row, attempt)


def told_of(row: Dispute, charged: Attempt | None = None) -> TakenBack:
    """A dispute in words; with its charge, which the desk reads inside one customer only, where its bank decides."""
    amount, why = Money(row.amount_minor, row.currency), dispute_words().get(row.reason, "")
    there = "" if charged is None or row.reason == "not_at_provider" else page_at_provider(charged)
    return TakenBack(amount, row.state, why, row.opened_on, row.closed_on, there)


def page_at_provider(attempt: Attempt) -> str:
    """The address of a charge in the books of the sandbox's own provider; empty in production, and for any other one."""
    if not settings.SANDBOX or attempt.method.provider != "sandbox" or not attempt.provider_ref:
        return ""
    return reverse("sandbox_charge", kwargs={"ref": attempt.provider_ref})


def dispute_words() -> dict[str, str]:
    """Why a bank takes a charge back, as people say it, by the provider's code."""
    return {
        "fraudulent": _("the holder says that they did not make this payment"),
        "duplicate": _("the holder says that they paid twice"),
        "product_not_received": _("the holder says that they did not get what they paid for"),
        "product_unacceptable": _("the holder says that it was not as promised"),
        "subscription_canceled": _("the holder says that it was cancelled"),
        "credit_not_processed": _("the holder says that money was to be given back"),
        "insufficient_funds": _("the account does not hold enough"),
        "debit_not_authorized": _("the holder says that they allowed no debit"),
        "bank_cannot_process": _("the bank can’t carry it out"),
        "incorrect_account_details": _("the account’s details are wrong"),
    }
