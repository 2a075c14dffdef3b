"""Unpaid renewals and the clock of rules 6: what lapses on a day, what is to be taken back, what is to be tried again."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from django.db.models import F, Q, QuerySet

from comptoir.billing.models import Attempt
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
    and none is under way; where it fails later than grace would have lasted (a bank may take weeks), the day of the failure:
    nobody loses access without having been warned. Two statements.
    """
    fields = ("subscription_id", "period__start", "invoice_id", "invoice__payment_method", "invoice__balance__due_on")
    rows = list(unpaid_renewals([organisation_id]).filter(subscription__in=subscriptions).values_list(*fields))
    failed = failed_on(organisation_id, {invoice for _pk, _start, invoice, method, _due in rows if method != "invoice"})
    found: dict[int, date] = {}
    for pk, start, invoice, method, due in rows:
        began = max(start, due) if method == "invoice" else _clock_of_failure(start, failed.get(invoice))
        if began is not None:
            found[pk] = min(began, found.get(pk, began))
    return found


def _clock_of_failure(start: date, failed: date | None) -> date | None:
    if failed is None:
        return None
    return start if failed < add_days(start, lengths().grace) else failed


def failed_on(organisation_id: int, invoices: Collection[int]) -> Mapping[int, date]:
    """The day of the first failed try of each of these invoices whose last try has failed too."""
    tries: dict[int, list[tuple[str, date | None]]] = defaultdict(list)
    own = Attempt.objects.filter(organisation_id=organisation_id, invoice__in=invoices) if invoices else Attempt.objects.none()
    for invoice, state, ended_on in own.order_by("nth").values_list("invoice_id", "state", "ended_on"):
        tries[invoice or 0].append((state, ended_on))
    return {
        invoice: min(day for state, day in made if day is not None and state in FAILED)
        for invoice, made in tries.items()
        if made[-1][0] in FAILED
    }


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


def to_begin(organisations: Collection[int], day: date) -> QuerySet[Subscription]:
    """The subscriptions whose period, renewed early, has begun by that day."""
    return Subscription.objects.filter(organisation_id__in=organisations, turns_on__lte=day)


def moved_clocks(organisation_id: int, subscriptions: Sequence[Subscription]) -> dict[int, date]:
    """From when on those run whose clock is another than their row says, by id."""
    ids = [each.pk for each in subscriptions]
    found = clocks(organisation_id, ids)
    right = {each.pk: min(each.renews_on, found.get(each.pk, each.renews_on)) for each in subscriptions}
    return {each.pk: right[each.pk] for each in subscriptions if each.lapses_on != right[each.pk]}


def renewed_by(organisation_id: int, invoice_id: int) -> list[int]:
    """The subscriptions that an invoice renewed."""
    own = Sale.objects.filter(organisation_id=organisation_id, invoice=invoice_id, kind=Sale.Kind.RENEWAL, undone_on=None)
    return list(own.order_by("subscription_id").values_list("subscription_id", flat=True))


def ids_of(rows: Iterable[Subscription]) -> list[int]:
    """Their ids."""
    return [row.pk for row in rows]


def unpaid_sales_of(subscription: Subscription) -> list[Sale]:
    """Its renewals that are not paid, the newest first."""
    own = unpaid_renewals([subscription.organisation_id]).filter(subscription=subscription)
    return list(own.annotate(due_on=F("invoice__balance__due_on")).order_by("-pk"))
