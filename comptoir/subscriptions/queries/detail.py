"""One subscription with its history, and one contract."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from comptoir.catalogue.models import Price
from comptoir.catalogue.queries import valid_on
from comptoir.contracts.models import Contract
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import Term, add_days
from comptoir.kernel.money import Money
from comptoir.kernel.paging import Page, Place
from comptoir.permissions import Can

from ..models import Period, SeatEntry, Subscription
from ..ports import Holder, Ports, SeatUse, Serial
from ..rules import State
from .delays import delayed_among
from .lists import Row
from .lists import seen as seen_by
from .states import entry_words, lengths, period_words, state_on, term_words

MOST_SERIALS = 100


@dataclass(frozen=True, slots=True)
class NextPayment:
    """What the next renewal costs without tax. `seat` None: the book has no price for that day.

    `late`: it is past its renewal date, and the new price counts (rules 2, 6).
    """

    seat: Money | None
    total: Money | None  # for all the seats that renew
    late: bool


@dataclass(frozen=True, slots=True)
class PaidPeriod:
    """One paid period in words. `price` is of one seat; None: not known, or not to be seen."""

    start: date
    end: date
    days: int
    term_word: str
    kind_word: str
    price: Money | None


@dataclass(frozen=True, slots=True)
class SeatChange:
    """One line of the seat ledger in words. `order` is a number, empty where there is none to be seen."""

    on: date
    kind_word: str
    change_now: int
    seats_now: int
    seats_at_renewal: int
    order: str


@dataclass(frozen=True, slots=True)
class Detail:
    """One subscription as its page shows it. `payment` is None where the vendor will not ask for one."""

    subscription: Subscription
    state: State
    last_day: date  # the day on which its state ends by itself; the renewal date while it is active
    delayed: bool  # past its end, and not by the customer's doing: it stays in grace until that is over
    periods: Sequence[PaidPeriod]
    ledger: Sequence[SeatChange]
    use: SeatUse
    holders: Page[Holder]
    serials: Sequence[Serial]
    more_serials: bool
    sees_prices: bool
    payment: NextPayment | None  # only for those who may see prices

    @property
    def ordered(self) -> bool:
        """Whether an order that may be seen changed the seats."""
        return any(change.order for change in self.ledger)

    @property
    def free(self) -> int:
        """Seats that nobody uses."""
        return max(0, self.subscription.seats_now - self.use.taken)


def subscription_for_reading(actor: Actor, number: str) -> Subscription:
    """One subscription under a contract that the actor may see. Raises Subscription.DoesNotExist."""
    return seen_by(actor).select_related("contract__reseller", "product", "organisation").get(number=number)


def detail_of(actor: Actor, subscription: Subscription, on: date, holders: Place) -> Detail:
    """All that its page shows. The number of queries does not depend on how long its history is."""
    seen = actor.may(Can.SEE_PRICES, subscription.contract_id)
    state = state_on(subscription, on)
    serials = Ports.seated.serials(actor, subscription.pk, MOST_SERIALS + 1)
    return Detail(
        subscription=subscription,
        state=state,
        last_day=_last_day(subscription, state),
        delayed=state == State.GRACE and bool(delayed_among(actor.customer_id, [subscription.pk], on)),
        periods=_periods(subscription, priced=seen),
        ledger=_ledger(subscription, ordered=seen),
        use=Ports.seated.use(actor, [subscription.pk], on).get(subscription.pk, SeatUse()),
        holders=Ports.seated.holders(actor, subscription.pk, holders, on),
        serials=serials[:MOST_SERIALS],
        more_serials=len(serials) > MOST_SERIALS,
        sees_prices=seen,
        payment=_payment(subscription, state, on) if seen else None,
    )


def _last_day(subscription: Subscription, state: State) -> date:
    """The first day of the next state (rules 6)."""
    ends = lengths()
    suspended = ends.suspended_month if subscription.term == Term.MONTH else ends.suspended
    days = {State.GRACE: ends.grace, State.SUSPENDED: ends.grace + suspended}.get(state, 0)
    return add_days(subscription.lapses_on, days)


def _periods(subscription: Subscription, *, priced: bool) -> list[PaidPeriod]:
    rows = Period.objects.filter(
        organisation_id=subscription.organisation_id, subscription=subscription, undone_on=None
    ).order_by("-start")
    kinds, terms = period_words(), term_words()
    return [
        PaidPeriod(row.start, row.end, row.days, terms[row.term], kinds[row.kind], row.price if priced else None) for row in rows
    ]


def _ledger(subscription: Subscription, *, ordered: bool) -> list[SeatChange]:
    rows = SeatEntry.objects.filter(organisation_id=subscription.organisation_id, subscription=subscription).order_by("-seq")
    kinds, fields = entry_words(), ("on", "kind", "change_now", "seats_now", "seats_at_renewal", "order__number")
    return [
        SeatChange(on, kinds[kind], change, now, at_renewal, (order or "") if ordered else "")
        for on, kind, change, now, at_renewal, order in rows.values_list(*fields)
    ]


def _payment(subscription: Subscription, state: State, on: date) -> NextPayment | None:
    """What the next renewal costs: before its date the renewal price of that date; after it the new price of today, but for
    an automatic payment that is made good in grace (rules 2). Only direct contracts are invoiced here (rules 6).
    """
    if subscription.contract.channel != Contract.Channel.DIRECT or state == State.CANCELLED:
        return None
    prices = _book([subscription.product_id], subscription.organisation.currency).get(
        (subscription.product_id, subscription.term), []
    )
    late = state == State.SUSPENDED or (state == State.GRACE and not subscription.automatic_renewal)
    price = valid_on(prices, on if late else subscription.renews_on)
    seat = (price.new if late else price.renewal) if price else None
    return NextPayment(seat, seat * subscription.seats_at_renewal if seat else None, late)


def priced(actor: Actor, rows: Sequence[Row], currency: str) -> list[Row]:
    """The rows with what each costs at its next renewal: where the vendor will invoice it, the book has a price for that
    day, and the actor may see it. One query.
    """
    book = _book({row.product_id for row in rows}, currency)
    return [replace(row, at_renewal=_amount(actor, row, book)) for row in rows]


def _amount(actor: Actor, row: Row, book: Mapping[tuple[int, str], list[Price]]) -> Money | None:
    price = valid_on(book.get((row.product_id, row.term), ()), row.renews_on)
    if price is None or row.channel != Contract.Channel.DIRECT or not actor.may(Can.SEE_PRICES, row.contract_id):
        return None
    return price.renewal * row.seats_at_renewal if price.renewal else None


def _book(products: Collection[int], currency: str) -> Mapping[tuple[int, str], list[Price]]:
    book: dict[tuple[int, str], list[Price]] = {}
    for price in Price.objects.filter(product_id__in=products, currency=currency).order_by("valid_from"):
        book.setdefault((price.product_id, price.term), []).append(price)
    return book
