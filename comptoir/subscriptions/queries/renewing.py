"""Renewal by hand, of one subscription or of many: what can be renewed today, what it costs, what follows (rules 6)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.conf import settings
from django.db.models import QuerySet

from comptoir.billing.models import InvoiceBalance, PaymentMethod
from comptoir.billing.queries.invoices import treatment_for
from comptoir.billing.queries.payments import chargeable
from comptoir.billing.rules import TaxTreatment, Totals
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import add_days
from comptoir.kernel.errors import Refused
from comptoir.kernel.refusals import Told, tell
from comptoir.permissions import Can, Reach
from comptoir.ui.arithmetic import Sum, seats_for_days, tax_at

from ..models import Subscription
from ..rules import (
    Channel,
    Facts,
    Plan,
    PriceKind,
    ProductStatus,
    RenewalPlan,
    RenewalState,
    RenewByHand,
    SeatLine,
    State,
    Verb,
    plan_renewal_by_hand,
    quote_of_what,
    reasons,
    renewable_from,
)
from ..rules.totals import totals_by_contract
from .availability import refusal_of
from .delays import delayed_among
from .renewal_states import renewal_states
from .renewals import charged_to
from .running import with_payment_running
from .states import lengths, not_cancelled, state_words, states_on, term_words

AS_PLANNED = RenewByHand()
LONGEST_MONTH = 31  # days: a monthly term can be renewed from its first day


@dataclass(frozen=True, slots=True)
class Renewable:
    """A subscription that may be picked: what its renewal would be, or why there is none today."""

    subscription: Subscription
    state: State
    paid_with: PaymentMethod | None
    plan: RenewalPlan | None = None
    refusal: Refused | None = None

    @property
    def why_not(self) -> Told | None:
        """The reason in words."""
        return None if self.refusal is None else tell(self.refusal)

    @property
    def state_word(self) -> str:
        """Where it stands, in a word."""
        return state_words()[self.state]

    @property
    def term_word(self) -> str:
        """The term that it is renewed for, in a word."""
        return term_words()[self.plan.term_after if self.plan else self.subscription.term]


@dataclass(frozen=True, slots=True)
class RenewalOrder:
    """What is ordered together, as it is paid in one way: its lines with tax, one invoice for each contract, and the quote."""

    on: date
    renewed: tuple[Renewable, ...]
    paid_with: PaymentMethod | None
    treatment: TaxTreatment
    totals: Totals
    quote: str

    @property
    def sums(self) -> list[Sum]:
        """The lines in words."""
        return [_sum(each.subscription, line) for each in self.renewed if each.plan for line in each.plan.lines]

    @property
    def taxes(self) -> list[Sum]:
        """The tax in words."""
        return [tax_at(self.treatment.rate_basis_points, self.totals.tax, self.treatment.code)]

    @property
    def contracts(self) -> int:
        """How many invoices there will be."""
        return len({each.subscription.contract_id for each in self.renewed})

    @property
    def numbers(self) -> str:
        """The subscriptions, as a form carries them."""
        return ",".join(each.subscription.number for each in self.renewed)


def _sum(row: Subscription, line: SeatLine) -> Sum:
    return seats_for_days(
        line.quantity,
        line.unit_price,
        line.days,
        line.denominator,
        line.net,
        start=line.start,
        end=line.end,
        item=f"{row.product.name} ({row.number})",
        kind=line.kind,
    )


def renewables(
    actor: Actor, on: date, numbers: Sequence[str] | None = None, command: RenewByHand = AS_PLANNED
) -> list[Renewable]:
    """The subscriptions that the actor may renew, those first whose end is nearest; with `numbers` only those.

    The same number of statements for one as for a thousand.
    """
    rows = _kept_by(actor, on)
    if numbers is not None:
        rows = rows.filter(number__in=list(numbers))
    return renewables_of(actor, list(rows.order_by("renews_on", "number")), on, command)


@dataclass(frozen=True, slots=True)
class OpenForRenewal:
    """What can be renewed today, at most so many. `more`: others can too, once these are; `later`: others need time or a step."""

    found: Sequence[Renewable]
    more: bool
    later: bool


def open_for_renewal(actor: Actor, on: date, most: int) -> OpenForRenewal:
    """What the actor can renew today, those first whose end is nearest, whatever else the customer has.

    Nothing is renewed earlier than its opening before the end, so what ends later is not read.
    """
    rows, until = _kept_by(actor, on), add_days(on, max(lengths().renewal_opens, LONGEST_MONTH))
    near = list(rows.filter(lapses_on__lte=until).order_by("lapses_on", "number")[: most + 1])
    seen = renewables_of(actor, near[:most], on)
    found = [each for each in seen if each.plan is not None]
    later = len(found) < len(seen) or rows.filter(lapses_on__gt=until).exists()
    return OpenForRenewal(found, len(near) > most, later)


def _kept_by(actor: Actor, on: date) -> QuerySet[Subscription]:
    rows = Subscription.objects.filter(not_cancelled(on), organisation_id=actor.customer_id, contract__channel=Channel.DIRECT)
    contracts = actor.contracts(Can.RENEW)
    if contracts is not None:
        rows = rows.filter(contract_id__in=contracts)
    return rows.select_related("contract__reseller", "product", "organisation")


def renewables_of(actor: Actor, rows: Sequence[Subscription], on: date, command: RenewByHand = AS_PLANNED) -> list[Renewable]:
    """These subscriptions as they may be renewed today, in their order."""
    if not rows:
        return []
    states, methods = renewal_states(rows), chargeable(rows[0].organisation_id, on)
    running = with_payment_running(rows[0].organisation_id, [row.pk for row in rows])
    stand, waiting = states_on(rows, on), delayed_among(actor.customer_id, [row.pk for row in rows if row.renews_on <= on], on)
    found = []
    for row in rows:
        state = replace(_as_it_stands(row, states[row.pk], on), run_awaited=row.pk in waiting)
        stands = stand[row.pk]
        one = Renewable(row, stands, charged_to(methods, row))
        reach = actor.reach(Can.RENEW, row.contract_id)
        why = reasons(Verb.RENEW, _facts(row, state, stands, on, reach, running=row.pk in running), on)
        found.append(replace(one, refusal=refusal_of(why)) if why else _planned(one, state, command, on))
    return found


def _as_it_stands(row: Subscription, state: RenewalState, on: date) -> RenewalState:
    """A renewal that is not paid is paid, not ordered again: only once it is suspended it can be renewed anew (rules 6)."""
    if row.lapses_on >= row.renews_on:
        return state
    return replace(state, open_invoice_due_on=row.lapses_on, automatic_failed=False)


def _planned(one: Renewable, state: RenewalState, command: RenewByHand, on: date) -> Renewable:
    try:
        return replace(one, plan=plan_renewal_by_hand(state, command, on, lengths()))
    except Refused as refusal:
        return replace(one, refusal=refusal)


def _facts(row: Subscription, state: RenewalState, stands: State, on: date, reach: Reach, *, running: bool) -> Facts:
    """What the table of rules 8 reads for renewing, without a statement of its own."""
    plan = state.plan
    ahead = row.turns_on is not None and row.turns_on > on
    any_day = ahead or stands != State.ACTIVE
    return Facts(
        product=row.product.name,
        country=row.organisation.country,
        country_served=row.organisation.country not in settings.COUNTRIES_NOT_SERVED,
        channel=Channel(row.contract.channel),
        plan=Plan(row.contract.plan),
        product_status=ProductStatus(row.product.status),
        self_service=row.product.self_service,
        new_price_known=plan.book.find(PriceKind.NEW, plan.next_term, on) is not None,
        renewal_price_known=plan.book.find(PriceKind.RENEWAL, plan.next_term, on) is not None,
        reach={Verb.RENEW: reach},
        state=stands,
        automatic_renewal=row.automatic_renewal,
        renews_on=row.renews_on,
        renewable_from=on if any_day else renewable_from(state.period_start, row.renews_on, plan.term, lengths()),
        already_renewed=ahead,
        invoice_overdue=False,
        payment_running=running,
        seats=row.seats_now,
        seats_left=0,
        turns_on=row.turns_on,
    )


def preview_renewals(found: Sequence[Renewable], on: date) -> list[RenewalOrder]:
    """What renewing exactly these orders: one order for each way in which they are paid, on invoice last.

    Raises Refused for the first that can't be renewed, naming it.
    """
    groups: dict[int, list[Renewable]] = defaultdict(list)
    for each in found:
        if each.refusal is not None:
            names = [each.subscription.product.name]
            raise Refused(each.refusal.code, params={"names": names, **each.refusal.params}, status=each.refusal.status)
        groups[each.paid_with.pk if each.paid_with else 0].append(each)
    return [_order(groups[pk], on) for pk in sorted(groups, reverse=True)]


def _order(renewed: Sequence[Renewable], on: date) -> RenewalOrder:
    treatment = treatment_for(renewed[0].subscription.organisation, on)
    plans = [(each.subscription, each.plan) for each in renewed if each.plan is not None]
    summed = totals_by_contract([(row.contract_id, line.net) for row, plan in plans for line in plan.lines], treatment)
    left_behind = [(row.number, plan.period.end, plan.seats_after, plan.credits_open_invoice) for row, plan in plans]
    versions = sum(row.version for row, _plan in plans)
    quote = quote_of_what([line for _row, plan in plans for line in plan.lines], summed.tax, left_behind, versions, on)
    return RenewalOrder(on, tuple(renewed), renewed[0].paid_with, treatment, summed, quote)


def next_open_invoice(row: Subscription) -> InvoiceBalance | None:
    """The unpaid invoice of its last renewal, which is paid instead of being ordered again."""
    sold = row.sales.filter(organisation_id=row.organisation_id, kind="renewal", undone_on=None).values("invoice_id")
    own = InvoiceBalance.objects.filter(organisation_id=row.organisation_id, invoice__in=sold, open_minor__gt=0)
    return own.order_by("pk").first()
