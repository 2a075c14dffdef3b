"""Lists of subscriptions: searched, filtered, sorted, a page at a time, always in the same number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from comptoir.catalogue.models import Product
from comptoir.contracts.queries import within
from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import Term, add_days
from comptoir.kernel.money import Money
from comptoir.kernel.paging import Key, Page, Place, page_of
from comptoir.kernel.prepared import Prepared
from comptoir.permissions import Can

from ..models import Subscription
from ..ports import Ports, SeatUse
from ..rules import State
from .plans import mark_of, pending_in_row
from .renewal_states import planned_terms
from .states import STATE_KINDS, in_state, not_cancelled, state_words, states_of_days, term_words

EVERY_STATE = "all"
NUMBER = Key("number", str)
SORTS = {
    "renews": (Key("renews_on", date), NUMBER),
    "number": (NUMBER,),
    "product": (Key("product__name", str), NUMBER),
    "seats": (Key("seats_now", int), NUMBER),
}
FIELDS = (
    "id",
    "number",
    "product_id",
    "product__name",
    "product__code",
    "contract_id",
    "contract__number",
    "contract__channel",
    "term",
    "automatic_renewal",
    "seats_now",
    "seats_at_renewal",
    "renews_on",
    "lapses_on",
    "ended_on",
    "turns_on",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for in the list; empty: everything, the next to renew first."""

    words: str = ""
    product: str = ""  # a product's code
    term: str = ""
    state: str = ""  # a state, or `all`; empty: all that have not ended
    within: int | None = None  # renews within so many days
    sort: str = "renews"  # a name of SORTS, with a minus for the other way round
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    id: int
    number: str
    product: str
    product_id: int
    contract: str
    contract_id: int
    channel: str
    term: str
    term_word: str
    automatic: bool
    seats: int
    seats_at_renewal: int
    use: SeatUse
    renews_on: date
    state: State
    state_kind: str
    state_word: str
    pending: Sequence[str]  # what the renewal will do differently, a few words each
    at_renewal: Money | None = None  # what its next renewal costs without tax, where the actor may see it


def seen(actor: Actor) -> QuerySet[Subscription]:
    """The subscriptions under the contracts that the actor may see."""
    return within(actor, Can.SEE_CONTRACTS, Subscription.objects.all())


def page_of_subscriptions(actor: Actor, wanted: Wanted, on: date, *, contract_id: int | None = None) -> Page[Row]:
    """One page of what is wanted, of one contract or of all. Three queries."""
    rows = seen(actor) if contract_id is None else seen(actor).filter(contract_id=contract_id)
    keys = SORTS[wanted.sort.removeprefix("-")]
    values = rows.filter(_condition(wanted, on)).values(*FIELDS)
    page = page_of(values, keys, wanted.place, descending=wanted.sort.startswith("-"))
    return Page(rows_of(actor, page.rows, on), page.next, page.previous)


def _condition(wanted: Wanted, on: date) -> Q:
    condition = Q()
    if wanted.words:
        named = Product.objects.filter(Q(name__icontains=wanted.words) | Q(code__iexact=wanted.words)).values_list(
            "id", flat=True
        )
        condition &= Q(number__icontains=wanted.words) | Q(contract__number=wanted.words) | Q(product_id__in=list(named))
    if wanted.product:
        condition &= Q(product__code=wanted.product)
    if wanted.term:
        condition &= Q(term=wanted.term)
    if wanted.state != EVERY_STATE:
        condition &= in_state(State(wanted.state), on) if wanted.state else not_cancelled(on)
    if wanted.within is not None:
        condition &= Q(renews_on__gt=on, renews_on__lte=add_days(on, wanted.within))
    return condition


def rows_of(actor: Actor, rows: Sequence[Mapping[str, Any]], on: date) -> list[Row]:
    """Plain rows of FIELDS as lines of a list: with who uses them, and in words. Two queries."""
    planned = planned_terms([row["id"] for row in rows], actor.customer_id) if rows else {}
    use = Ports.seated.use(actor, [row["id"] for row in rows], on) if rows else {}
    days = {row["id"]: (row["term"], row["lapses_on"], row["ended_on"]) for row in rows}
    stand, states, terms = states_of_days(actor.customer_id, days, on), state_words(), term_words()
    lines = []
    for row in rows:
        state = stand[row["id"]]
        lines.append(
            Row(
                id=row["id"],
                number=row["number"],
                product=row["product__name"],
                product_id=row["product_id"],
                contract=row["contract__number"],
                contract_id=row["contract_id"],
                channel=row["contract__channel"],
                term=row["term"],
                term_word=terms[row["term"]],
                automatic=row["automatic_renewal"],
                seats=row["seats_now"],
                seats_at_renewal=row["seats_at_renewal"],
                use=use.get(row["id"], SeatUse()),
                renews_on=row["renews_on"],
                state=state,
                state_kind=STATE_KINDS[state],
                state_word=states[state],
                pending=[] if state == State.CANCELLED else _marks(row, planned.get(row["id"])),
            )
        )
    return lines


def _marks(row: Mapping[str, Any], planned: Term | None) -> list[str]:
    # seats of a period that is paid ahead are settled, and automatic renewal that is off is told beside the term
    at_renewal = row["seats_now"] if row["turns_on"] else row["seats_at_renewal"]
    found = pending_in_row(row["seats_now"], at_renewal, row["renews_on"], automatic=True, planned=planned)
    return [mark_of(each) for each in found]


def products_of(actor: Actor) -> list[tuple[str, str]]:
    """Code and name of every product that the actor sees a subscription of, for the filter."""
    if actor.contracts(Can.SEE_CONTRACTS) is None:
        return _PRODUCTS.all(customer=actor.customer_id)
    return list(_with_any(seen(actor)))


def _with_any(rows: QuerySet[Subscription]) -> QuerySet[Product, tuple[str, str]]:
    # asked product by product: there are few, and one look into an index tells whether there is a subscription
    return Product.objects.filter(Exists(rows.filter(product_id=OuterRef("pk")))).order_by("name").values_list("code", "name")


_PRODUCTS: Prepared[Any] = Prepared(
    lambda customer: _with_any(Subscription.objects.filter(organisation_id=customer)), customer=int
)
