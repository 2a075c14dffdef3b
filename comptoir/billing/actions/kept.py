"""Credit that pays an invoice, or goes back: once, whoever chooses it."""

from collections.abc import Sequence
from datetime import date

from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.money import Money
from comptoir.kernel.recording import record
from comptoir.kernel.second_look import second_pair
from comptoir.organisations.models import Organisation
from comptoir.permissions import Can

from ..models import Allocation, Invoice, InvoiceBalance, Payment
from ..queries.kept import Kept, in_all, kept_of
from ..queries.payments import live_attempts
from ..rules.kept import from_oldest, plan_credit
from ..rules.payments import UNDER_WAY
from .refunds import give_back_rest


@action(Can.PAY)
def use_credit(actor: Actor, invoice: Invoice, *, minor: int, on: date) -> Invoice:
    """Let so much of the customer's credit pay an invoice, in minor units, the oldest money first.

    Raises Refused `nothing_to_pay`, `payment_running`, and `credit_short` for more than there is or than is open.
    """
    _pay_with_credit(invoice, minor, on)
    return invoice


@action(Can.MATCH_PAYMENT)
def use_credit_for(actor: Actor, invoice: Invoice, *, minor: int, on: date) -> Invoice:
    """The same, chosen by finance for a customer who asked."""
    _pay_with_credit(invoice, minor, on)
    return invoice


@step
def _pay_with_credit(invoice: Invoice, minor: int, on: date) -> None:
    mine = {"organisation_id": invoice.organisation_id}
    balance = InvoiceBalance.objects.select_for_update(no_key=True).filter(**mine, invoice=invoice).first()
    if balance is None or balance.open_minor <= 0:
        raise Refused("nothing_to_pay", params={"number": invoice.number})
    if live_attempts(invoice.organisation_id, [invoice.pk]).filter(state__in=UNDER_WAY).exists():
        raise Refused("payment_running")
    kept = _locked(invoice.organisation_id, invoice.currency)
    used = plan_credit(in_all(kept, invoice.currency), balance.open, Money(minor, invoice.currency)).used
    Allocation.objects.bulk_create(
        Allocation(**mine, invoice=invoice, payment_id=part.of, amount_minor=part.minor, on=on, from_credit=True)
        for part in from_oldest(used.minor, {each.payment: each.left.minor for each in kept})
    )
    failpoint("credit.used")
    record(
        Events.CREDIT_USED,
        invoice,
        contract_id=invoice.contract_id,
        on=on,
        total=f"{used} {used.currency}",
        number=invoice.number,
        invoice=invoice.pk,
        minor=used.minor,
    )


@action(Can.MATCH_PAYMENT, step_up=True)
def give_back_credit(actor: Actor, organisation: Organisation, *, minor: int, on: date) -> Organisation:
    """Give back so much of a customer's credit, in minor units: the way it came, or as refunds that finance pays out.

    Raises Refused `credit_short` for more than there is and, where a provider gives it back at once, `second_pair_needed` from
    the limit on; what came by transfer meets the limit when it is paid out.
    """
    kept, currency = _locked(organisation.pk, organisation.currency), organisation.currency
    credit = in_all(kept, currency)
    back = plan_credit(credit, credit, Money(minor, currency)).used
    payments = Payment.objects.in_bulk([each.payment for each in kept])
    parts = from_oldest(back.minor, {each.payment: each.left.minor for each in kept})
    if any(payments[part.of].kind == Payment.Kind.CHARGE for part in parts):
        second_pair(actor, organisation, verb="billing.give_back_credit", amount=back)
    for part in parts:
        give_back_rest(payments[part.of], minor=part.minor, on=on)
    failpoint("credit.used")
    record(Events.CREDIT_GIVEN_BACK, organisation, on=on, total=f"{back} {currency}", minor=back.minor)
    return organisation


def _locked(organisation_id: int, currency: str) -> Sequence[Kept]:
    """What is left of each payment, read once those that hold any of it are locked: two invoices never use the same."""
    free = [each.payment for each in kept_of(organisation_id, currency)]
    rows = Payment.objects.select_for_update(no_key=True).filter(organisation_id=organisation_id, pk__in=free)
    list(rows.order_by("pk").values_list("pk"))
    return kept_of(organisation_id, currency)
