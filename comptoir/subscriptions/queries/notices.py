"""Which notices of rules 6 fall on a day for one customer, about which subscriptions, with which amounts."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.conf import settings
from django.db.models import F, Q, QuerySet

from comptoir.billing.models import Invoice, PaymentMethod
from comptoir.billing.queries.payments import chargeable
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import Term, add_days
from comptoir.kernel.money import Money

from ..models import Parked, Sale, Subscription
from ..rules import (
    Channel,
    Lapse,
    Lengths,
    Notice,
    NoticeFacts,
    NotRenewed,
    PriceKind,
    RenewalState,
    Standing,
    Unpaid,
    lapse_of,
    notices_between,
    plan_automatic_renewal,
    renewal_lines,
    taken_back_on,
    unpaid_notices,
)
from ..rules.notices import AUTOMATIC_DAYS, BY_HAND_DAYS, ENDS_DAYS, LAPSE_DAYS, UNPAID_DAYS, NoticeKind
from .lapses import unpaid_renewals
from .renewal_states import renewal_states
from .renewals import charged_to
from .running import with_payment_running
from .states import lengths, not_cancelled


@dataclass(frozen=True, slots=True)
class Told:
    """One notice about one subscription, with all that its sentences name. Amounts are without tax."""

    notice: Notice
    subscription: Subscription
    end: date  # the first day that is not paid, or was not
    lapse: Lapse
    net: Money | None = None  # of the coming renewal
    later: Money | None = None  # of the renewal after the end: the new price
    method: PaymentMethod | None = None  # what it is charged to; None: on invoice
    invoice: Invoice | None = None  # what is to be paid
    back_on: date | None = None  # the day on which an unpaid sale is taken back

    @property
    def kind(self) -> NoticeKind:
        """What it says."""
        return self.notice.kind


def with_notices(organisations: Collection[int], day: date) -> set[int]:
    """Those of these customers who get a notice on that day, as far as rows tell. Two statements."""
    after = add_days(day, -1)
    rows = _near(organisations, after, day).order_by().values_list("organisation_id")
    unpaid = _unpaid_sales(organisations, after, day).order_by().values_list("organisation_id")
    undone = _cancelled_sales(organisations, after, day).order_by().values_list("organisation_id")
    return {pk for (pk,) in rows.distinct()} | {pk for (pk,) in unpaid.union(undone)}


def days_with_notices(actor: Actor, after: date, upto: date) -> list[date]:
    """The days past one day and up to another on which the customer may get a notice, as far as rows tell. Four statements."""
    before_end, after_lapse = _days(lengths())
    days: set[date | None] = set()
    ends = _near([actor.customer_id], after, upto).order_by().values_list("renews_on", "lapses_on")
    for renews_on, lapses_on in ends.distinct():
        days |= {add_days(renews_on, -ahead) for ahead in before_end} | {add_days(lapses_on, late) for late in after_lapse}
    own = Subscription.objects.filter(_short(after, upto), organisation_id=actor.customer_id, ended_on=None)
    days |= set(own.order_by().values_list("periods__start", flat=True).distinct())
    due = _unpaid_sales([actor.customer_id], after, upto).order_by().values_list("invoice__balance__due_on", flat=True)
    days |= {add_days(day, late) for day in due.distinct() for late in UNPAID_DAYS}
    undone = _cancelled_sales([actor.customer_id], after, upto).order_by().values_list("undone_on", flat=True)
    days |= set(undone.distinct())
    return sorted(day for day in days if day is not None and after < day <= upto)


def notices_of(actor: Actor, after: date, upto: date) -> list[Told]:
    """What is to be told of the customer's subscriptions, due after one day and up to another, in the order of the days."""
    near = _near([actor.customer_id], after, upto).select_related("product", "organisation", "contract__reseller")
    rows = list(near.order_by("number"))
    states = renewal_states(rows)
    unpaid = {sale.subscription_id: sale.invoice for sale in _unpaid(rows)}
    quiet = _decided_by_us(actor, rows)
    methods = chargeable(actor.customer_id, upto)
    found = []
    for row in rows:
        for facts in _facts(row, states[row.pk], row.pk in quiet, upto):
            for notice in notices_between(facts, after, upto, lengths()):
                told = _told(row, states[row.pk], facts, notice, charged_to(methods, row))
                found.append(
                    replace(told, invoice=unpaid.get(row.pk) if facts.standing == Standing.UNPAID or facts.failed else None)
                )
    found += _unpaid_told(actor, after, upto) + _cancelled_told(actor, after, upto)
    return sorted(found, key=lambda told: (told.notice.on, told.subscription.number))


def _near(organisations: Collection[int], after: date, upto: date) -> QuerySet[Subscription]:
    """The subscriptions with any day of rules 6 after one day and up to another."""
    dates = _short(after, upto)
    before_end, after_lapse = _days(lengths())
    for days in before_end:
        dates |= Q(renews_on__gt=add_days(after, days), renews_on__lte=add_days(upto, days))
    for days in after_lapse:
        dates |= Q(lapses_on__gt=add_days(after, -days), lapses_on__lte=add_days(upto, -days))
    own = Subscription.objects.filter(organisation_id__in=organisations, ended_on=None)
    return own.filter(pk__in=own.filter(dates).values("pk"))


def _days(ends: Lengths) -> tuple[set[int], set[int]]:
    """How many days before the end of a period something is told, and how many after the day from which a lapse counts."""
    wholes = {ends.grace, ends.grace + ends.suspended, ends.grace + ends.suspended_month}
    return {0, *AUTOMATIC_DAYS, *BY_HAND_DAYS, ENDS_DAYS}, wholes | {whole - LAPSE_DAYS for whole in wholes}


def _short(after: date, upto: date) -> Q:
    """What can't be renewed is told with its first day where that is less than 90 days before its end."""
    return Q(product__status="retired", periods__start__gt=after, periods__start__lte=upto, periods__undone_on=None)


def _unpaid(rows: Sequence[Subscription]) -> Iterable[Sale]:
    if not rows:
        return []
    sales = unpaid_renewals([rows[0].organisation_id]).filter(subscription__in=[row.pk for row in rows])
    return sales.select_related("invoice").order_by("-pk")


def _decided_by_us(actor: Actor, rows: Sequence[Subscription]) -> frozenset[int]:
    """Those whose renewal waits for the vendor or for a payment: nothing is said to be lost by it."""
    ids = [row.pk for row in rows]
    held = Parked.objects.filter(organisation_id=actor.customer_id, subscription__in=ids, state="open")
    return with_payment_running(actor.customer_id, ids) | frozenset(held.values_list("subscription_id", flat=True))


def _facts(row: Subscription, state: RenewalState, quiet: bool, upto: date) -> list[NoticeFacts]:
    """How its notices see it: the renewal that is not paid, where there is one, and the next, as long as that is not late."""
    found, term = [], Term(row.term)
    if row.lapses_on < row.renews_on and not quiet:
        start = min(state.period_start, row.lapses_on)
        if state.automatic_failed:
            found.append(NoticeFacts(Standing.AUTOMATIC, term, start, row.lapses_on, failed=True))
        else:
            found.append(NoticeFacts(Standing.UNPAID, term, start, state.plan.renews_on, invoice_due_on=row.lapses_on))
    if row.lapses_on == row.renews_on or upto < row.lapses_on:
        standing = _standing(row, state, upto)
        late = standing == Standing.AUTOMATIC and row.renews_on < upto
        if not (quiet and row.renews_on <= upto):
            begin = min(state.period_start, row.renews_on) if row.lapses_on == row.renews_on else state.plan.renews_on
            found.append(NoticeFacts(Standing.BY_HAND if late else standing, term, begin, row.renews_on))
    return found


def _standing(row: Subscription, state: RenewalState, upto: date) -> Standing:
    plan = replace(state.plan, renews_on=row.renews_on)
    served = row.organisation.country not in settings.COUNTRIES_NOT_SERVED
    priced = plan.book.find(PriceKind.RENEWAL, plan.next_term, row.renews_on) is not None
    if row.contract.channel == Channel.DIRECT and served:
        if not priced:
            return Standing.ENDS
        if row.automatic_renewal:
            return Standing.AUTOMATIC
    return Standing.BY_HAND


def _told(row: Subscription, state: RenewalState, facts: NoticeFacts, notice: Notice, method: PaymentMethod | None) -> Told:
    net = later = None
    if facts.standing in {Standing.AUTOMATIC, Standing.BY_HAND} and row.contract.channel == Channel.DIRECT and not facts.failed:
        plan = replace(state.plan, renews_on=row.renews_on)
        new = plan.book.find(PriceKind.NEW, plan.next_term, row.renews_on)
        later = None if new is None else new * plan.seats_at_renewal
        if facts.standing == Standing.AUTOMATIC:
            done = plan_automatic_renewal(replace(state, plan=plan), row.renews_on)
            net = None if isinstance(done, NotRenewed) else done.net
        elif plan.book.find(PriceKind.RENEWAL, plan.next_term, row.renews_on) is not None and (new or later is not None):
            net = Money.sum((line.net for line in renewal_lines(plan, row.renews_on)), plan.book.currency)
    lapse = lapse_of(facts.end, facts.term, facts.invoice_due_on, lengths())
    return Told(notice, row, facts.end, lapse, net, later, method)


def _unpaid_sales(organisations: Collection[int], after: date, upto: date) -> QuerySet[Sale]:
    """The additions and alignments of which something is told between these days, as they are not paid."""
    dates = Q(pk__in=[])
    for days in UNPAID_DAYS:
        due = {"invoice__balance__due_on__gt": add_days(after, -days), "invoice__balance__due_on__lte": add_days(upto, -days)}
        dates |= Q(**due)
    kinds = (Sale.Kind.ADDITION, Sale.Kind.ALIGNMENT)
    return Sale.objects.filter(
        dates, organisation_id__in=organisations, kind__in=kinds, undone_on=None, invoice__balance__open_minor__gt=0
    )


def _unpaid_told(actor: Actor, after: date, upto: date) -> list[Told]:
    sales = _unpaid_sales([actor.customer_id], after, upto).annotate(due_on=F("invoice__balance__due_on"))
    if not sales.exists():  # most nights: what follows joins so much that planning it alone takes milliseconds
        return []
    found = []
    for sale in sales.select_related(
        "invoice", "subscription__product", "subscription__organisation", "subscription__contract__reseller"
    ).order_by("pk"):
        unpaid = Unpaid(str(sale.invoice.number), sale.due_on)
        row = sale.subscription
        lapse = lapse_of(row.renews_on, Term(row.term), None, lengths())
        for notice in unpaid_notices(unpaid, after, upto, lengths())[-1:]:
            back_on = taken_back_on(unpaid, lengths())
            found.append(Told(notice, row, row.renews_on, lapse, invoice=sale.invoice, back_on=back_on))
    return found


def _cancelled_sales(organisations: Collection[int], after: date, upto: date) -> QuerySet[Sale]:
    """The renewals that were credited as their subscription was cancelled: it stands at its old end, long ago, again."""
    ended = Subscription.objects.filter(organisation_id__in=organisations).exclude(not_cancelled(upto))
    own = Sale.objects.filter(organisation_id__in=organisations, kind=Sale.Kind.RENEWAL, undone_on__gt=after, undone_on__lte=upto)
    return own.filter(subscription__in=ended.values("pk"))


def _cancelled_told(actor: Actor, after: date, upto: date) -> list[Told]:
    undone = _cancelled_sales([actor.customer_id], after, upto)
    if not undone.exists():
        return []
    sales = undone.order_by("subscription_id", "-pk").distinct("subscription_id")
    rows = sales.select_related(
        "subscription__product", "subscription__organisation", "subscription__contract__reseller", "period"
    )
    return [_cancelled(sale, sale.undone_on) for sale in rows if sale.undone_on is not None]


def _cancelled(sale: Sale, on: date) -> Told:
    row = sale.subscription
    lapse = replace(lapse_of(row.renews_on, Term(row.term), None, lengths()), cancelled=on)
    notice = Notice(NoticeKind.CANCELLED, on, f"{NoticeKind.CANCELLED}:{row.renews_on.isoformat()}")
    return Told(notice, row, row.renews_on, lapse)
