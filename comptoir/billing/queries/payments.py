"""Reads of methods, attempts and payments."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import add_days
from comptoir.permissions import Can

from ..models import Allocation, Attempt, InvoiceBalance, MethodSetup, PaymentMethod, Refund
from ..ports import Ports
from ..rules.payments import UNDER_WAY

LIVE = frozenset({*UNDER_WAY, "succeeded"})  # no second charge is begun beside one of these
SOON = 60  # days before a card expires, from which its page says so


def methods(actor: Actor) -> Sequence[PaymentMethod]:
    """The methods that the customer has, oldest first; none for who may not see them."""
    if not actor.may(Can.SEE_METHODS, anywhere=True):
        return []
    return list(PaymentMethod.objects.filter(organisation_id=actor.customer_id, state="active").order_by("pk"))


def method(actor: Actor, pk: int) -> PaymentMethod:
    """One of them. Raises PaymentMethod.DoesNotExist."""
    found = PaymentMethod.objects.filter(organisation_id=actor.customer_id, state="active", pk=pk)
    return found.get() if actor.may(Can.SEE_METHODS, anywhere=True) else found.none().get()


@dataclass(frozen=True, slots=True)
class ShownMethod:
    """A method as the list shows it: what renews with it, and whether it can be charged."""

    row: PaymentMethod
    used_by: Sequence[str]
    good: bool
    ends_soon: bool

    @property
    def last_day(self) -> date | None:
        """The last day on which it is good."""
        return None if self.row.expires_on is None else add_days(self.row.expires_on, -1)


def shown_methods(actor: Actor, on: date) -> Sequence[ShownMethod]:
    """The methods with what each is used for, oldest first."""
    rows = methods(actor)
    used = Ports.method_use.used_by(actor.customer_id, [row.pk for row in rows], on)
    return [
        ShownMethod(
            row,
            used.get(row.pk, ()),
            good=row.provider in Ports.providers.by_name and (row.expires_on is None or row.expires_on > on),
            ends_soon=row.expires_on is not None and on < row.expires_on <= add_days(on, SOON),
        )
        for row in rows
    ]


def used_by(actor: Actor, row: PaymentMethod, on: date) -> Sequence[str]:
    """The names of what renews with a method."""
    return Ports.method_use.used_by(actor.customer_id, [row.pk], on).get(row.pk, ())


def chargeable(organisation_id: int, on: date) -> dict[int, PaymentMethod]:
    """The methods that can be charged on a day, by id: active, not expired, at a provider that is connected. One statement."""
    rows = PaymentMethod.objects.filter(organisation_id=organisation_id, state="active", provider__in=Ports.providers.by_name)
    rows = rows.filter(Q(expires_on=None) | Q(expires_on__gt=on))
    return {row.pk: row for row in rows.order_by("pk")}


def method_to_charge(organisation_id: int, kind: str, on: date, preferred: int | None = None) -> PaymentMethod | None:
    """The method that something paid by `kind` (card, sepa) is charged to: the preferred one, else the newest of that kind."""
    return method_among(chargeable(organisation_id, on), kind, preferred)


def method_among(methods: Mapping[int, PaymentMethod], kind: str, preferred: int | None = None) -> PaymentMethod | None:
    """As `method_to_charge`, among those that can be charged (`chargeable`)."""
    of_kind = {pk: row for pk, row in methods.items() if row.kind == kind}
    if preferred in of_kind:
        return of_kind[preferred]
    return max(of_kind.values(), key=lambda row: row.pk, default=None)


def kinds_to_give(currency: str) -> tuple[str, ...]:
    """The kinds of method that can be given: none where no provider is connected; direct debit is in euros."""
    if not Ports.providers.chosen:
        return ()
    return ("card", "sepa") if currency == "EUR" else ("card",)


def setup(actor: Actor, pk: int) -> MethodSetup:
    """One visit to the provider's page. Raises MethodSetup.DoesNotExist."""
    found = MethodSetup.objects.select_related("method").filter(organisation_id=actor.customer_id, pk=pk)
    return found.get() if actor.may(Can.CHANGE_METHODS, anywhere=True) else found.none().get()


def live_attempts(organisation_id: int, invoices: Iterable[int] = (), orders: Iterable[int] = ()) -> QuerySet[Attempt]:
    """The attempts of these invoices and orders that are under way or have succeeded."""
    about = Q(invoice_id__in=list(invoices)) | Q(order_id__in=list(orders))
    return Attempt.objects.filter(about, organisation_id=organisation_id, state__in=LIVE)


def paid_by(organisation_id: int, invoice_id: int) -> dict[int, int]:
    """What each payment (by its id) still pays of an invoice, refunds taken off, in minor units."""
    told: dict[int, int] = defaultdict(int)
    paid = Allocation.objects.filter(organisation_id=organisation_id, invoice_id=invoice_id)
    for payment_id, minor in paid.values_list("payment_id", "amount_minor"):
        told[payment_id] += minor
    back = Refund.objects.filter(organisation_id=organisation_id, credit_note__corrects_id=invoice_id)
    for payment_id, minor in back.values_list("payment_id", "amount_minor"):
        told[payment_id] -= minor
    return dict(told)


def attempt(actor: Actor, pk: int) -> Attempt:
    """One attempt of an invoice or order that the actor may pay. Raises Attempt.DoesNotExist."""
    found = Attempt.objects.select_related("method", "invoice").get(organisation_id=actor.customer_id, pk=pk)
    if not actor.may(Can.PAY, found.invoice.contract_id if found.invoice else None, anywhere=found.invoice is None):
        raise Attempt.DoesNotExist
    return found


def balance_of(actor: Actor, invoice_id: int) -> InvoiceBalance | None:
    """What is open of an invoice; None for a credit note."""
    return InvoiceBalance.objects.filter(organisation_id=actor.customer_id, invoice_id=invoice_id).first()


def live_attempt_of(actor: Actor, invoice_id: int) -> Attempt | None:
    """The attempt to charge an invoice that is under way."""
    return live_attempts(actor.customer_id, [invoice_id]).exclude(state="succeeded").first()


def decline_words() -> dict[str, str]:
    """Why a charge did not succeed, in the reader's language, by the provider's code; others have none."""
    return {
        "card_declined": _("The bank declined the card without saying why."),
        "insufficient_funds": _("The account does not hold enough money."),
        "expired_card": _("The card has expired."),
        "authentication_required": _("The bank wants the payment confirmed by the holder of the card."),
        "authentication_failed": _("The payment was not confirmed at the bank."),
        "not_confirmed": _("The payment was not confirmed in time."),
        "bank_refused": _("The bank refused the direct debit."),
    }


def attempts_of(actor: Actor, invoice_id: int) -> Sequence[Attempt]:
    """The attempts to charge an invoice, newest first."""
    rows = Attempt.objects.filter(organisation_id=actor.customer_id, invoice_id=invoice_id)
    return list(rows.select_related("method").order_by("-nth"))
