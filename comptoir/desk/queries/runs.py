"""What the nightly runs did and left over, of all customers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, Sum

from comptoir.billing.models import Attempt, BankStatement, Dispute, Finding, Payment, Refund, StatementLine
from comptoir.billing.queries.disputes import told_of
from comptoir.billing.queries.findings import remedy_of
from comptoir.identity.models import StaffRole
from comptoir.kernel.actor import Actor
from comptoir.kernel.models import SecondLook
from comptoir.kernel.money import Money
from comptoir.organisations.models import Organisation
from comptoir.subscriptions.models import Parked, RenewalRun

MOST = 50
DAYS = 14


def held() -> Sequence[Mapping[str, Any]]:
    """The charges that a safety bound holds, the oldest first, with their customer and what was found."""
    rows = Parked.objects.filter(state=Parked.State.OPEN).order_by("id")
    about = ("subscription__number", "order__number", "order__verb", "order__seats")
    fields = ("id", "parked_on", "findings", "net_minor", "currency", *about)
    found = rows.values(*fields, number=F("organisation__number"), name=F("organisation__name"))
    return [{**row, "net": Money(row["net_minor"], row["currency"])} for row in found[:MOST]]


def parked_of(actor: Actor, pk: int) -> Parked:
    """One held charge of the actor's customer. Raises Parked.DoesNotExist."""
    return Parked.objects.select_related("subscription", "order").get(organisation_id=actor.customer_id, pk=pk)


def refund_of(actor: Actor, pk: int) -> Refund:
    """One refund of the actor's customer. Raises Refund.DoesNotExist."""
    return Refund.objects.get(organisation_id=actor.customer_id, pk=pk)


def looks(on_behalf: Actor) -> Sequence[Mapping[str, Any]]:
    """What waits for a second pair of eyes, the oldest first, with who asked; `own`: the reader did."""
    rows = list(SecondLook.objects.filter(state=SecondLook.State.OPEN).order_by("id")[:MOST])
    customers = Organisation.objects.in_bulk({row.organisation_id for row in rows})
    names = dict(StaffRole.objects.filter(person_id__in={row.asked_by_id for row in rows}).values_list("person_id", "name"))
    return [
        {
            "look": row,
            "customer": customers[row.organisation_id],
            "who": names.get(row.asked_by_id, ""),
            "own": row.asked_by_id == on_behalf.id,
        }
        for row in rows
    ]


def unknown() -> Sequence[Attempt]:
    """The charges without an answer, the oldest first."""
    rows = Attempt.objects.filter(state=Attempt.State.UNKNOWN).select_related("organisation")
    return list(rows.order_by("id")[:MOST])


def disputed() -> Sequence[Mapping[str, Any]]:
    """What banks have taken back and not decided yet, the oldest first."""
    rows = Dispute.objects.filter(state=Dispute.State.OPEN).select_related("organisation").order_by("id")
    return [{"customer": row.organisation, "told": told_of(row)} for row in rows[:MOST]]


def charges_that_wait() -> int:
    """How many charges no provider has been asked for yet."""
    return Attempt.objects.filter(state=Attempt.State.CREATED).count()


def owed() -> Sequence[Refund]:
    """The refunds that somebody pays out by hand, the oldest first."""
    by_hand = Q(state=Refund.State.BY_HAND) | Q(state=Refund.State.FAILED)
    return list(Refund.objects.filter(by_hand).select_related("organisation", "credit_note").order_by("id")[:MOST])


def findings() -> Sequence[Mapping[str, Any]]:
    """Where the provider and we don't agree, the oldest first."""
    rows = Finding.objects.filter(settled_at=None).order_by("id").values()
    return [{**row, "ours": _money(row, "ours_minor"), "theirs": _money(row, "theirs_minor")} for row in rows[:MOST]]


@dataclass(frozen=True, slots=True)
class Differs:
    """One finding as the desk reads it: what either side has, and what would put it right (nothing: a note alone does)."""

    row: Finding
    ours: Money | None
    theirs: Money | None
    take_off: Money
    give_back: Money


def finding_of(pk: int) -> Differs:
    """One finding. Raises Finding.DoesNotExist."""
    row = Finding.objects.get(pk=pk)
    ours, theirs = (None if minor is None else Money(minor, row.currency) for minor in (row.ours_minor, row.theirs_minor))
    would = remedy_of(row)
    return Differs(row, ours, theirs, Money(would.take_off, row.currency), Money(would.give_back, row.currency))


def payment_of(actor: Actor, reference: str) -> Payment:
    """One payment of the actor's customer, by the reference of its charge. Raises Payment.DoesNotExist."""
    return Payment.objects.get(organisation_id=actor.customer_id, reference=reference)


def unmatched() -> Sequence[Mapping[str, Any]]:
    """The lines of the bank that fit no invoice, the oldest first."""
    rows = StatementLine.objects.filter(state=StatementLine.State.UNMATCHED).order_by("id").values()
    return [{**row, "amount": _money(row, "amount_minor")} for row in rows[:MOST]]


def statements() -> Sequence[BankStatement]:
    """The statements that were read last, the newest first, each with its lines that no other one had before (`new`)."""
    return list(BankStatement.objects.annotate(new=Count("statementline")).order_by("-id")[:MOST])


def days_of_renewal() -> Sequence[Mapping[str, Any]]:
    """What the last renewal runs did, by day, the newest first."""
    rows = RenewalRun.objects.values("day").annotate(
        customers=Count("id"),
        renewed=Sum("renewed"),
        invoices=Sum("invoices"),
        ended=Sum("ended"),
        parked=Sum("parked"),
        running=Count("id", filter=Q(finished_at=None)),
    )
    return list(rows.order_by("-day")[:DAYS])


def _money(row: Mapping[str, Any], name: str) -> Money | None:
    return None if row[name] is None else Money(row[name], row["currency"])
