"""What the nightly run renews for one customer: which subscriptions are due, on which invoices, at which prices (rules 6)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet

from comptoir.billing.models import PaymentMethod
from comptoir.billing.queries.payments import chargeable, method_among
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import Term
from comptoir.kernel.money import Money
from comptoir.organisations.models import Organisation

from ..models import Parked, Period, RenewalRun, Sale, Subscription
from ..rules import Channel, NotRenewed, RenewalPlan, RenewalState, plan_automatic_renewal
from ..rules.safety import Before, Finding, Now, bounds
from .delays import by_hand_only_among
from .lapses import lapsing, to_begin, to_take_back, to_try_again
from .renewal_states import renewal_states
from .running import with_payment_running
from .states import not_cancelled

BATCH = 50  # subscriptions in one transaction, but never less than the whole of an invoice


@dataclass(frozen=True, slots=True)
class Together:
    """What one contract renews on one day, and how many: one invoice for each way in which it is paid (rules 6)."""

    renews_on: date
    contract_id: int
    count: int


@dataclass(frozen=True, slots=True)
class Due:
    """One subscription to renew, and how."""

    subscription: Subscription
    state: RenewalState
    plan: RenewalPlan


@dataclass(frozen=True, slots=True)
class DueInvoice:
    """The subscriptions that go on one invoice."""

    contract_id: int
    paid_with: PaymentMethod | None
    due: tuple[Due, ...]

    @property
    def organisation(self) -> Organisation:
        """Whose they are: of one customer, like the run."""
        return self.due[0].subscription.organisation

    @property
    def net(self) -> Money:
        """What they cost together, without tax."""
        return Money.sum((each.plan.net for each in self.due), self.due[0].plan.net.currency)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A renewal that breaks a bound: it is parked, and nothing is charged."""

    due: Due
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class DueBatch:
    """What one transaction of the run does. False where there is nothing to do."""

    invoices: tuple[DueInvoice, ...] = ()
    held_back: tuple[HeldBack, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.invoices or self.held_back)

    @property
    def renewals(self) -> list[Due]:
        """All that is renewed, invoice by invoice."""
        return [each for invoice in self.invoices for each in invoice.due]


def due_on(organisations: Collection[int], day: date) -> QuerySet[Subscription]:
    """The subscriptions that the run of that day renews, as far as their rows tell.

    Automatic ones of direct contracts whose paid days are over and whose last renewal is not itself unpaid (`lapses_on` is
    earlier then), as long as they are not cancelled; a renewed period that has not begun begins first.
    """
    return Subscription.objects.filter(
        not_cancelled(day),
        organisation_id__in=organisations,
        renews_on__lte=day,
        lapses_on=F("renews_on"),
        turns_on=None,
        automatic_renewal=True,
        contract__channel=Channel.DIRECT,
    ).exclude(organisation__country__in=settings.COUNTRIES_NOT_SERVED)


def together_on(actor: Actor, day: date) -> list[list[Together]]:
    """What is due on that day, in batches of whole invoices of about fifty subscriptions. One statement."""
    keys = ("renews_on", "contract_id")
    rows = due_on([actor.customer_id], day).values_list(*keys).annotate(Count("pk")).order_by(*keys)
    batches: list[list[Together]] = []
    for row in rows:
        one = Together(*row)
        if not batches or sum(each.count for each in batches[-1]) + one.count > BATCH:
            batches.append([])
        batches[-1].append(one)
    return batches


def locked_run(actor: Actor, day: date) -> RenewalRun:
    """The run of that day, locked: another worker waits here, and then finds what the first has left."""
    return RenewalRun.objects.select_for_update(no_key=True).get(organisation_id=actor.customer_id, day=day)


def left_open(actor: Actor, day: date) -> bool:
    """Whether a run of that day was begun and not closed: its worker died."""
    return RenewalRun.objects.filter(organisation_id=actor.customer_id, day=day, finished_at=None).exists()


def due_batch(actor: Actor, batch: Sequence[Together], day: date, on: date) -> DueBatch:
    """What is to be renewed of a batch, planned anew with its subscriptions locked: `day` is the run's, `on` today.

    Left out: what was parked and is not released, what was past its end when it was brought here, what a payment runs for,
    and what has no renewal price. Nine statements or so, whatever its size.
    """
    wanted = Q(pk__in=[])
    for key in batch:
        wanted |= Q(renews_on=key.renews_on, contract_id=key.contract_id)
    found = due_on([actor.customer_id], day).filter(wanted).select_related("product", "organisation")
    rows = list(found.order_by("pk").select_for_update(no_key=True, of=("self",)))
    decided = _decided(rows)
    running = with_payment_running(actor.customer_id, [row.pk for row in rows])
    by_hand_only = by_hand_only_among(actor.customer_id, [row.pk for row in rows if row.renews_on < on], on)
    left = [row for row in rows if row.pk not in running | by_hand_only and decided.get(row.pk, "released") == "released"]
    planned = [each for each in _planned(left, day) if each is not None]
    return _within_bounds(planned, frozenset(pk for pk, state in decided.items() if state == "released"), on)


def not_renewed(actor: Actor, day: date) -> list[Subscription]:
    """Those that end on that day, as nothing renews them: not automatic, or without a renewal price. Both of direct contracts."""
    own = Subscription.objects.filter(
        organisation_id=actor.customer_id, renews_on=day, lapses_on=day, ended_on=None, contract__channel=Channel.DIRECT
    )
    rows = list(own.select_related("product", "organisation").order_by("pk"))
    priced = {row.pk for row, plan in zip(rows, _planned(rows, day), strict=True) if plan is not None}
    return [row for row in rows if row.pk not in priced]


def _planned(rows: Sequence[Subscription], day: date) -> list[Due | None]:
    states = renewal_states(rows)
    return [_plan(row, states[row.pk], day) for row in rows]


def _plan(row: Subscription, state: RenewalState, day: date) -> Due | None:
    if not row.automatic_renewal:
        return None
    plan = plan_automatic_renewal(state, day)
    return None if isinstance(plan, NotRenewed) else Due(row, state, plan)


def _decided(rows: Iterable[Subscription]) -> dict[int, str]:
    """What became of those that were parked at this very renewal."""
    renews_on = {row.pk: row.renews_on for row in rows}
    parked = Parked.objects.filter(organisation_id__in={row.organisation_id for row in rows}, subscription__in=renews_on)
    told = parked.order_by("pk").values_list("subscription_id", "renews_on", "state")
    return {pk: state for pk, day, state in told if pk is not None and day == renews_on[pk]}


def _within_bounds(planned: Sequence[Due], released: frozenset[int], on: date) -> DueBatch:
    """The invoices to write, and what a bound holds back: a subscription for its own, a whole invoice for its amount."""
    if not planned:
        return DueBatch()
    charged = _charged_on(planned, on)
    prices = _last_prices(planned)
    invoices, held = [], []
    for invoice in _by_invoice(planned, on):
        usual = _usual(invoice, prices)
        kept = []
        for due in invoice.due:
            before = Before(
                unit=_comparable(due, prices), invoice=usual, charged_on=charged.get(due.subscription.pk, frozenset())
            )
            now = Now(unit=due.plan.period.price, invoice=invoice.net, on=on)
            findings = () if due.subscription.pk in released else bounds(before, now)
            if findings:
                held.append(HeldBack(due, findings))
            else:
                kept.append(due)
        if kept:
            invoices.append(DueInvoice(invoice.contract_id, invoice.paid_with, tuple(kept)))
    return DueBatch(tuple(invoices), tuple(held))


def _by_invoice(planned: Sequence[Due], on: date) -> list[DueInvoice]:
    """One invoice per contract, method and day. What is paid with nothing that can be charged goes on invoice (rules 6)."""
    methods = chargeable(planned[0].subscription.organisation_id, on)
    groups: dict[tuple[date, int, int], list[Due]] = defaultdict(list)
    for each in planned:
        row = each.subscription
        method = charged_to(methods, row)
        groups[row.renews_on, row.contract_id, method.pk if method else 0].append(each)
    return [DueInvoice(contract, methods.get(method), tuple(due)) for (_day, contract, method), due in groups.items()]


def charged_to(methods: Mapping[int, PaymentMethod], row: Subscription) -> PaymentMethod | None:
    """Of what can be charged, the method that the subscription names, else the newest of its kind; None: on invoice."""
    return method_among(methods, row.payment_method, row.paid_with_id)


def _charged_on(planned: Sequence[Due], on: date) -> Mapping[int, frozenset[date]]:
    ids = [each.subscription.pk for each in planned]
    organisation_id = planned[0].subscription.organisation_id
    sold = Sale.objects.filter(organisation_id=organisation_id, subscription__in=ids, kind=Sale.Kind.RENEWAL, on=on)
    return {pk: frozenset({on}) for pk in sold.values_list("subscription_id", flat=True)}


def _last_prices(planned: Sequence[Due]) -> Mapping[int, tuple[Term, Money]]:
    """Of the last period of each whose price is known: its term and what a seat cost."""
    own = Period.objects.filter(
        organisation_id=planned[0].subscription.organisation_id,
        subscription__in=[each.subscription.pk for each in planned],
        undone_on=None,
        price_minor__isnull=False,
    ).exclude(kind=Period.Kind.EXTENSION)
    rows = own.order_by("subscription_id", "-start").distinct("subscription_id")
    told = rows.values_list("subscription_id", "term", "price_minor", "currency")
    return {pk: (Term(term), Money(price or 0, currency)) for pk, term, price, currency in told}


def _usual(invoice: DueInvoice, prices: Mapping[int, tuple[Term, Money]]) -> Money | None:
    """What the same seats would cost at the prices of their last periods; None where one is not known."""
    currency = invoice.net.currency
    each = [(_comparable(due, prices), due.subscription.seats_now) for due in invoice.due]
    known = [price * seats for price, seats in each if price is not None and price.currency == currency]
    return Money.sum(known, currency) if len(known) == len(each) else None


def _comparable(due: Due, prices: Mapping[int, tuple[Term, Money]]) -> Money | None:
    """The last price of a seat, for as many months as the new period has: a longer term costs more, and is no slip."""
    if due.subscription.pk not in prices:
        return None
    term, price = prices[due.subscription.pk]
    return price.prorate(due.plan.term_after.months, term.months)


def customers_due(ids: Collection[int], day: date) -> set[int]:
    """The customers for whom the run of that day has something to do: renewals, periods that begin, lapses, charges to try."""
    rows = (due_on(ids, day), to_begin(ids, day), *lapsing(ids, day).values())
    found = [each.order_by().values_list("organisation_id") for each in rows]
    sold = [each.order_by().values_list("organisation_id") for each in (to_take_back(ids, day), to_try_again(ids, day))]
    return {pk for (pk,) in found[0].union(*found[1:], *sold)}
