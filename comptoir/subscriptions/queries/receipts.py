"""What is told of money that a renewal moved, or could not move: receipts of a night, and failed charges (rules 6)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from comptoir.billing.models import Attempt, Invoice
from comptoir.events import Events
from comptoir.kernel.actor import Actor
from comptoir.kernel.models import Event
from comptoir.organisations.models import Membership, Organisation, Reseller, RoleGrant
from comptoir.organisations.queries import who_may

from ..models import Sale, Subscription
from ..rules import retry_days
from .notice_words import WITH_AMOUNTS
from .states import lengths


@dataclass(frozen=True, slots=True)
class Receipt:
    """One mail about what a night renewed: the invoices of the contracts of one reader."""

    customer: Organisation
    member: Membership
    sold: tuple[tuple[Invoice, tuple[Subscription, ...]], ...]
    reseller: Reseller | None = None

    @property
    def count(self) -> int:
        """How many subscriptions were renewed."""
        return sum(len(rows) for _invoice, rows in self.sold)

    @property
    def first(self) -> Subscription:
        """The first of them, which its subject names where it is the only one."""
        return self.sold[0][1][0]


@dataclass(frozen=True, slots=True)
class Failure:
    """One mail about a try to charge that failed, and when the next one is (None: no more)."""

    customer: Organisation
    member: Membership
    invoice: Invoice
    attempt: Attempt
    subscriptions: tuple[Subscription, ...]
    next_on: date | None
    suspended_on: date
    reseller: Reseller | None = None


def receipts_of(actor: Actor, run_id: int) -> list[Receipt]:
    """The receipts of one run, for each who sees amounts of a contract that it renewed. Three statements."""
    log = Event.objects.filter(organisation_id=actor.customer_id, kind=Events.SUBSCRIPTION_RENEWED.name, detail__run=run_id)
    numbers = set(log.values_list("detail__invoice", flat=True))
    sales = Sale.objects.filter(organisation_id=actor.customer_id, kind=Sale.Kind.RENEWAL, invoice__number__in=numbers)
    by_invoice: dict[int, list[Subscription]] = defaultdict(list)
    invoices: dict[int, Invoice] = {}
    for sale in sales.select_related("invoice", "subscription__product", "subscription__organisation").order_by(
        "invoice_id", "pk"
    ):
        invoices[sale.invoice_id] = sale.invoice
        by_invoice[sale.invoice_id].append(sale.subscription)
    return [
        Receipt(invoices_of[0][1][0].organisation, member, tuple(invoices_of))
        for member, contracts in _readers(actor)
        if (invoices_of := _seen(invoices, by_invoice, contracts))
    ]


def _seen(
    invoices: Mapping[int, Invoice], by_invoice: Mapping[int, list[Subscription]], contracts: frozenset[int | None]
) -> list[tuple[Invoice, tuple[Subscription, ...]]]:
    mine = [pk for pk, invoice in invoices.items() if None in contracts or invoice.contract_id in contracts]
    return [(invoices[pk], tuple(by_invoice[pk])) for pk in mine]


def _readers(actor: Actor) -> Iterable[tuple[Membership, frozenset[int | None]]]:
    rows = RoleGrant.objects.filter(organisation_id=actor.customer_id, role__in=WITH_AMOUNTS, membership__left_on=None)
    members: dict[int, Membership] = {}
    contracts: dict[int, set[int | None]] = defaultdict(set)
    for grant in rows.select_related("membership__person").order_by("membership_id"):
        members[grant.membership_id] = grant.membership
        contracts[grant.membership_id].add(grant.contract_id)
    return [(member, frozenset(contracts[pk])) for pk, member in members.items()]


def failure_letters(actor: Actor, attempt_id: int) -> list[Failure]:
    """A letter to each manager and payer about a renewal that could not be charged; none where it was paid meanwhile."""
    attempt = Attempt.objects.select_related("invoice", "method").get(organisation_id=actor.customer_id, pk=attempt_id)
    sales = Sale.objects.filter(
        organisation_id=actor.customer_id, invoice=attempt.invoice, kind=Sale.Kind.RENEWAL, undone_on=None
    )
    found = sales.filter(invoice__balance__open_minor__gt=0).select_related("subscription__product", "subscription__organisation")
    rows = tuple(sale.subscription for sale in found.order_by("pk"))
    if not rows or attempt.invoice is None:
        return []
    clock = min(row.lapses_on for row in rows)
    later = [day for day in retry_days(clock) if day > attempt.made_on]
    readers = who_may(actor, WITH_AMOUNTS, attempt.invoice.contract_id)
    suspended_on = date.fromordinal(clock.toordinal() + lengths().grace)
    customer = rows[0].organisation
    next_on = later[0] if later else None
    return [Failure(customer, member, attempt.invoice, attempt, rows, next_on, suspended_on) for member in readers]
