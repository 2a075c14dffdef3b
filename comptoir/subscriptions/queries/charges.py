"""What will be charged in the next twelve months, with all that is planned: by month, and each charge (rules 4, 6)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Case, Count, F, FilteredRelation, Max, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce, Greatest, Least

from comptoir.catalogue.models import Price, Product
from comptoir.contracts.models import Contract
from comptoir.contracts.queries import within
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import Term, add_days, add_months
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.kernel.paging import Key, Page, Place, page_of
from comptoir.kernel.refusals import Told, tell
from comptoir.kernel.unmoved import kept_while_unmoved
from comptoir.permissions import Can
from comptoir.ui.arithmetic import Sum as Words
from comptoir.ui.arithmetic import seats_for_a_term

from ..models import Period, PlannedChange, Subscription
from ..rules import ChargesOfMany, Coming, PlanState, PriceBook, RenewalState, coming_charges
from .renewal_states import price_books
from .states import lengths, method_words, not_cancelled, term_words

MONTHS = 12
ALIKE = ("product_id", "next_term", "renews_on", "anchor_day", "automatic_renewal")
ROW = (
    *("product_id", "last_term", "planned_term", "renews_on", "anchor_day", "automatic_renewal"),
    "id",
    "number",
    "product__name",
    "contract__number",
    "payment_method",
    "paid_with__label",
    "kept",
    "raised",
    "now",
)


@dataclass(frozen=True, slots=True)
class Month:
    """One calendar month: what is charged by itself, and what renewing by hand would cost. Without tax."""

    first: date
    automatic: Money
    charges: int  # that run by themselves
    by_hand: Money  # only if somebody renews
    ends: int  # that end unless somebody renews


@dataclass(frozen=True, slots=True)
class Calendar:
    """Twelve months of coming charges; `next_on` None: nothing is charged by itself in them."""

    months: Sequence[Month]
    total: Money
    by_hand: Money
    charges: int
    ends: int
    next_on: date | None
    next_amount: Money

    @property
    def busy(self) -> list[Month]:
        """The months in which something is charged or ends."""
        return [month for month in self.months if month.charges or month.ends]

    @property
    def quiet(self) -> int:
        """How many months nothing happens in."""
        return len(self.months) - len(self.busy)


@dataclass(frozen=True, slots=True)
class Charge:
    """One coming charge, or the day on which a subscription ends unless it is renewed by hand. Without tax."""

    number: str
    product: str
    contract: str
    on: date
    automatic: bool
    sums: Sequence[Words]
    net: Money | None  # None: the book has no price for that day
    method_word: str
    term: str
    term_word: str
    planned: bool  # something else is planned than today
    why: Told | None  # why it ends
    coming: Coming


def calendar_of(actor: Actor, on: date, currency: str, contract_id: int | None = None) -> Calendar:
    """Twelve calendar months from that of `on`, of all that one sees the prices of, or of one contract.

    A fixed number of statements; two while neither a row of the customer nor a price has moved.
    """
    contracts = actor.contracts(Can.SEE_PRICES)
    book = Price.objects.aggregate(last=Max("id"), rows=Count("id"))
    what = ("charges", on, contracts, contract_id, book["last"], book["rows"])
    return kept_while_unmoved(actor, what, lambda: _calendar(actor, on, currency, contract_id))


def page_of_charges(
    actor: Actor, on: date, month: date, place: Place, currency: str, contract_id: int | None = None
) -> Page[Charge]:
    """The charges of one calendar month (its first day), by day. A fixed number of statements."""
    rows = _direct(actor, on, contract_id).values(*ROW)
    page = page_of(rows, [Key("renews_on", date), Key("number", str)], place, parts=_in_month(month, first_of(on)))
    return Page(_charges(page.rows, month, on, currency), page.next, page.previous)


def every_charge(actor: Actor, on: date, currency: str, contract_id: int | None = None) -> list[Charge]:
    """Every charge of the twelve months, by day: for a file."""
    rows = list(_direct(actor, on, contract_id).values(*ROW))
    found = [charge for month in months_of(on) for charge in _charges(rows, month, on, currency)]
    return sorted(found, key=lambda charge: (charge.on, charge.number))


def first_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def months_of(on: date) -> list[date]:
    """The first days of the twelve months from that of `on`."""
    return [add_months(first_of(on), n, 1) for n in range(MONTHS)]


def _direct(actor: Actor, on: date, contract_id: int | None) -> QuerySet[Subscription]:
    """What we charge: direct contracts, not ended, with the term of the last paid period and the one that is planned.

    Nothing follows by itself where the last renewal was not paid and access is suspended for it.
    """
    direct = Subscription.objects.filter(not_cancelled(on), contract__channel=Contract.Channel.DIRECT)
    unpaid = Q(lapses_on__lt=F("renews_on"), lapses_on__lte=add_days(on, -lengths().grace))
    rows = within(actor, Can.SEE_PRICES, direct.exclude(unpaid))
    if contract_id is not None:
        rows = rows.filter(contract_id=contract_id)
    last = Period.objects.filter(organisation_id=actor.customer_id, subscription=OuterRef("pk"), undone_on=None)
    pending = Q(planned__field=PlannedChange.Field.TERM, planned__outcome=PlannedChange.Outcome.PENDING)
    # what was renewed early renews next with the seats and the term of that period
    now = Case(When(turns_on=None, then="seats_now"), default="seats_at_renewal")
    term = Case(When(turns_on=None, then="term"), default=Subquery(last.order_by("-start").values("term")[:1]))
    return rows.annotate(
        pending=FilteredRelation("planned", condition=pending),
        planned_term=F("pending__term"),
        last_term=term,
        next_term=Coalesce(F("pending__term"), term),
        now=now,
        kept=Least(now, "seats_at_renewal"),
        raised=Greatest(F("seats_at_renewal") - now, 0),
    )


def _in_month(month: date, first: date) -> tuple[Q, Q]:
    """A superset of what is charged in a month: what came round to it by itself or is late, and what renews in it."""
    after = add_months(month, 1, 1)
    due = Q(renews_on__gte=month, renews_on__lt=after)
    if month == first:
        return Q(renews_on__lt=month), due  # what is late is charged as soon as it can be
    a_year_ago = Q(next_term=Term.YEAR, renews_on__gte=add_months(month, -12, 1), renews_on__lt=add_months(after, -12, 1))
    again = Q(automatic_renewal=True) & (Q(next_term=Term.MONTH) | a_year_ago)
    return Q(renews_on__lt=month) & again, due


def _calendar(actor: Actor, on: date, currency: str, contract_id: int | None) -> Calendar:
    first, sums = first_of(on), _Sums(on)
    rows = _direct(actor, on, contract_id).filter(renews_on__lt=add_months(first, MONTHS, 1))
    summed = {"lines": Count("pk"), "all_kept": Sum("kept"), "all_raised": Sum("raised")}
    groups = list(rows.values_list(*ALIKE).annotate(**summed).order_by())
    many = ChargesOfMany(_books({group[0] for group in groups}, currency), first, MONTHS)
    for product, term, renews_on, anchor, automatic, lines, kept, raised in groups:
        charges, ends_on = many.charges(product, term, renews_on, anchor, kept, raised)
        if automatic:
            sums.charged(charges, ends_on, lines)
        else:
            # once it is late another price counts, so nothing is said of what renewing by hand would cost
            sums.ended(renews_on, lines, charges[0][1] if charges and renews_on > on else 0)
    return sums.calendar(currency)


class _Sums:
    """The sums of a calendar while it is made: of each month what is charged, how often, what only by hand, what ends."""

    def __init__(self, on: date) -> None:
        self.first = first_of(on)
        self.months = {month: [0, 0, 0, 0] for month in months_of(on)}
        self.days: dict[date, int] = defaultdict(int)
        self.of_day: dict[date, list[int]] = {}

    def charged(self, charges: Sequence[tuple[date, int]], ends_on: date | None, lines: int) -> None:
        for day, minor in charges:
            month = self._month(day)
            month[0] += minor
            month[1] += lines
            self.days[day] += minor
        if ends_on is not None:
            self._month(ends_on)[3] += lines

    def ended(self, day: date, lines: int, by_hand: int) -> None:
        month = self._month(day)
        month[2] += by_hand
        month[3] += lines

    def _month(self, day: date) -> list[int]:
        if day not in self.of_day:
            self.of_day[day] = self.months[max(self.first, first_of(day))]
        return self.of_day[day]

    def calendar(self, currency: str) -> Calendar:
        next_on = min(self.days, default=None)
        months = [Month(month, Money(a, currency), n, Money(h, currency), e) for month, (a, n, h, e) in self.months.items()]
        return Calendar(
            months=months,
            total=Money.sum((each.automatic for each in months), currency),
            by_hand=Money.sum((each.by_hand for each in months), currency),
            charges=sum(each.charges for each in months),
            ends=sum(each.ends for each in months),
            next_on=next_on,
            next_amount=Money(self.days[next_on] if next_on else 0, currency),
        )


def _books(products: Iterable[int], currency: str) -> Mapping[int, PriceBook]:
    return price_books(dict(Product.objects.filter(pk__in=set(products)).values_list("id", "name")), currency)


def _state(row: Mapping[str, Any], kept: int, raised: int, book: PriceBook) -> RenewalState:
    plan = PlanState(
        seats_now=kept,
        seats_at_renewal=kept + raised,
        term=Term(row["last_term"]),
        renews_on=row["renews_on"],
        anchor_day=row["anchor_day"],
        book=book,
        planned_term=Term(row["planned_term"]) if row["planned_term"] else None,
        automatic=row["automatic_renewal"],
    )
    return RenewalState(plan, row["renews_on"])


def _coming(state: RenewalState, on: date) -> tuple[Coming, ...]:
    return coming_charges(state, first_of(on), MONTHS)


def _if_renewed(state: RenewalState, coming: Coming, on: date) -> Coming | None:
    if state.plan.automatic or coming.on <= on:
        return None
    charges = _coming(replace(state, plan=replace(state.plan, automatic=True)), on)
    return charges[0] if charges and charges[0].ends is None else None


def _charges(rows: Sequence[Mapping[str, Any]], month: date, on: date, currency: str) -> list[Charge]:
    books = _books((row["product_id"] for row in rows), currency)
    first, terms, methods = first_of(on), term_words(), method_words()
    states = ((row, _state(row, row["kept"], row["raised"], books[row["product_id"]])) for row in rows)
    return [
        _charge(row, state, coming, on, terms, methods)
        for row, state in states
        for coming in _coming(state, on)
        if max(first, first_of(coming.on)) == month
    ]


def _charge(
    row: Mapping[str, Any],
    state: RenewalState,
    coming: Coming,
    on: date,
    terms: Mapping[str, str],
    methods: Mapping[str, str],
) -> Charge:
    shown = coming if coming.ends is None else _if_renewed(state, coming, on)
    lines = shown.lines if shown else ()
    return Charge(
        number=row["number"],
        product=row["product__name"],
        contract=row["contract__number"],
        on=coming.on,
        automatic=coming.ends is None,
        sums=[seats_for_a_term(line.quantity, line.unit_price, line.net) for line in lines],
        net=shown.net if shown else None,
        method_word=row["paid_with__label"] or methods[row["payment_method"]],
        term=(term := str(lines[0].term if lines else row["last_term"])),
        term_word=terms[term],
        planned=coming.on == row["renews_on"] and bool(row["planned_term"] or row["kept"] + row["raised"] != row["now"]),
        why=None if coming.ends is None else tell(Refused(coming.ends.code, params=coming.ends.params)),
        coming=coming,
    )
