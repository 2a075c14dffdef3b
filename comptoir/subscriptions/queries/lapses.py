"""Unpaid renewals and the clock of rules 6: what lapses on a day, what is to be taken back, what is to be tried again."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Max, Q, QuerySet

from comptoir.billing.models import Allocation, Attempt, Invoice
from comptoir.kernel.calendar import Term, add_days

from ..models import Sale, Subscription
from ..rules import State
from .states import lengths

FAILED = (Attempt.State.DECLINED, Attempt.State.CANCELLED, Attempt.State.REVERSED)


def unpaid_renewals(organisations: Collection[int]) -> QuerySet[Sale]:
    """The renewals whose invoice is still open, in whole or in part."""
    return Sale.objects.filter(
        organisation_id__in=organisations, kind=Sale.Kind.RENEWAL, undone_on=None, invoice__balance__open_minor__gt=0
    )


def clocks(organisation_id: int, subscriptions: Collection[int]) -> Mapping[int, date]:
    """From which day the clock of rules 6 runs, for those of these subscriptions whose renewal is not paid.

    On invoice: its due day, though never inside what was paid before. By card or account: the old end, once a try has failed
    and none is under way. Where it fails, or a bank takes back what had paid it, later than grace would have lasted, it is that
    day: nobody loses access without having been warned. One statement where all is paid, else three.
    """
    fields = ("subscription_id", "period__start", "invoice_id", "invoice__payment_method", "invoice__balance__due_on")
    rows = list(unpaid_renewals([organisation_id]).filter(subscription__in=subscriptions).values_list(*fields))
    taken_back = taken_back_on(organisation_id, {invoice for _pk, _start, invoice, method, _due in rows if method == "invoice"})
    failed = failed_on(organisation_id, {invoice for _pk, _start, invoice, method, _due in rows if method != "invoice"})
    found: dict[int, date] = {}
    for pk, start, invoice, method, due in rows:
        if method == "invoice":
            began = _clock_of_failure(max(start, due), taken_back.get(invoice, due))
        else:
            began = _clock_of_failure(start, failed.get(invoice))
        if began is not None:
            found[pk] = min(began, found.get(pk, began))
    return found


def _clock_of_failure(start: date, failed: date | None) -> date | None:
    if failed is None:
        return None
    return start if failed < add_days(start, lengths().grace) else failed


def taken_back_on(organisation_id: int, invoices: Collection[int]) -> Mapping[int, date]:
    """The last day on which a bank took back what had paid one of these invoices. No statement for none."""
    if not invoices:
        return {}
    taken = Allocation.objects.filter(organisation_id=organisation_id, invoice__in=invoices, dispute__isnull=False)
    return dict(taken.filter(amount_minor__lt=0).values_list("invoice_id").annotate(Max("on")).order_by())


def failed_on(organisation_id: int, invoices: Collection[int]) -> Mapping[int, date]:
    """The day of the first failed try of each of these invoices whose last try has failed too.

    Of one that was charged and then taken back by its bank it is the day of that: what failed before was made good.
    """
    tries: dict[int, list[tuple[str, date | None]]] = defaultdict(list)
    own = Attempt.objects.filter(organisation_id=organisation_id, invoice__in=invoices) if invoices else Attempt.objects.none()
    for invoice, state, ended_on in own.order_by("nth").values_list("invoice_id", "state", "ended_on"):
        tries[invoice or 0].append((state, ended_on))
    return {invoice: min(_failed_since(made)) for invoice, made in tries.items() if made[-1][0] in FAILED}


def _failed_since(tries: Sequence[tuple[str, date | None]]) -> list[date]:
    """The days of the failed tries, from the last on that had succeeded."""
    since = max((place for place, (state, _day) in enumerate(tries) if state == Attempt.State.REVERSED), default=0)
    return [day for state, day in tries[since:] if day is not None and state in FAILED]


def lapsing(organisations: Collection[int], day: date) -> Mapping[State, QuerySet[Subscription]]:
    """The subscriptions that are in grace, suspended or cancelled from that very day on."""
    own = Subscription.objects.filter(organisation_id__in=organisations, ended_on=None)
    ends = lengths()
    month = Q(term=Term.MONTH, lapses_on=add_days(day, -ends.grace - ends.suspended_month))
    other = Q(lapses_on=add_days(day, -ends.grace - ends.suspended)) & ~Q(term=Term.MONTH)
    return {
        State.GRACE: own.filter(lapses_on=day),
        State.SUSPENDED: own.filter(lapses_on=add_days(day, -ends.grace)),
        State.CANCELLED: own.filter(month | other),
    }


def to_take_back(organisations: Collection[int], day: date) -> QuerySet[Sale]:
    """The additions and alignments whose invoice is open 15 days after its due day, the newest first (rules 6)."""
    kinds = (Sale.Kind.ADDITION, Sale.Kind.ALIGNMENT)
    overdue = {"invoice__balance__open_minor__gt": 0, "invoice__balance__due_on__lte": add_days(day, -lengths().taken_back)}
    return Sale.objects.filter(organisation_id__in=organisations, kind__in=kinds, undone_on=None, **overdue).order_by("-pk")


def newest_alignments(organisation_id: int, subscriptions: Collection[int]) -> dict[int, int]:
    """The sale of the alignment that stands last, by subscription, where nothing was renewed after it. No statement for none."""
    if not subscriptions:
        return {}
    standing = {"organisation_id": organisation_id, "subscription__in": subscriptions, "undone_on": None}
    own = Sale.objects.filter(**standing, kind=Sale.Kind.ALIGNMENT, period__end=F("subscription__renews_on"))
    return dict(own.order_by("pk").values_list("subscription_id", "pk"))


def to_begin(organisations: Collection[int], day: date) -> QuerySet[Subscription]:
    """The subscriptions whose period, renewed early, has begun by that day."""
    return Subscription.objects.filter(organisation_id__in=organisations, turns_on__lte=day)


def moved_clocks(organisation_id: int, subscriptions: Sequence[Subscription]) -> dict[int, date]:
    """From when on those run whose clock is another than their row says, by id."""
    ids = [each.pk for each in subscriptions]
    found = clocks(organisation_id, ids)
    right = {each.pk: min(each.renews_on, found.get(each.pk, each.renews_on)) for each in subscriptions}
    return {each.pk: right[each.pk] for each in subscriptions if each.lapses_on != right[each.pk]}


def renewed_by(organisation_id: int, invoice_id: int) -> QuerySet[Subscription]:
    """The subscriptions that an invoice renewed."""
    own = Sale.objects.filter(organisation_id=organisation_id, invoice=invoice_id, kind=Sale.Kind.RENEWAL, undone_on=None)
    return Subscription.objects.filter(organisation_id=organisation_id, pk__in=own.values("subscription_id"))


def renewed_by_payment(organisation_id: int, payment_id: int) -> QuerySet[Subscription]:
    """The subscriptions that the invoices renewed which a payment pays, or had paid."""
    own = Sale.objects.filter(organisation_id=organisation_id, kind=Sale.Kind.RENEWAL, undone_on=None)
    paid = Allocation.objects.filter(organisation_id=organisation_id, payment=payment_id).values("invoice_id")
    found = own.filter(invoice__in=paid).values("subscription_id")
    return Subscription.objects.filter(organisation_id=organisation_id, pk__in=found)


def unpaid_sales_of(subscription: Subscription) -> list[Sale]:
    """Its renewals that are not paid, the newest first."""
    return list(unpaid_renewals([subscription.organisation_id]).filter(subscription=subscription).order_by("-pk"))


@dataclass(frozen=True, slots=True)
class FailedCharge:
    """A renewal's invoice whose last try to charge it has failed, for the subscription that tells its method."""

    invoice: Invoice
    subscription: Subscription
    grace_from: date
    last_tried_on: date


def to_try_again(organisations: Collection[int], day: date) -> QuerySet[Sale]:
    """The renewals that were charged in vain and are in grace on that day."""
    ends = {"subscription__lapses_on__lte": day, "subscription__lapses_on__gt": add_days(day, -lengths().grace)}
    behind = {"subscription__lapses_on__lt": F("subscription__renews_on")}
    return unpaid_renewals(organisations).filter(**ends, **behind).exclude(invoice__payment_method="invoice")


def failed_charges(organisation_id: int, day: date) -> list[FailedCharge]:
    """Those of them that no payment runs for, once for each invoice."""
    sales = to_try_again([organisation_id], day).select_related("invoice", "subscription").order_by("pk")
    first = {sale.invoice_id: sale for sale in reversed(sales)}
    failed = failed_on(organisation_id, first.keys())
    own = Attempt.objects.filter(organisation_id=organisation_id, invoice__in=failed)
    last = dict(own.values_list("invoice_id").annotate(Max("made_on")).order_by())
    return [
        FailedCharge(sale.invoice, sale.subscription, sale.subscription.lapses_on, last[pk])
        for pk, sale in sorted(first.items())
        if pk in failed
    ]


def with_running_clock(organisation_id: int) -> QuerySet[Subscription]:
    """The subscriptions of a customer whose last renewal is not paid, as far as their rows tell."""
    return Subscription.objects.filter(organisation_id=organisation_id, ended_on=None, lapses_on__lt=F("renews_on"))


def waits_for_payment(organisation_id: int, invoice_id: int) -> bool:
    """Whether a clock of rules 6 runs that the payment of this invoice (0: of any) may stop. One look."""
    rows = with_running_clock(organisation_id)
    return (rows.filter(pk__in=renewed_by(organisation_id, invoice_id).values("pk")) if invoice_id else rows).exists()
