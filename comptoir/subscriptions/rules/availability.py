"""When a verb is not available, and every reason why: the one answer for pages, API and jobs. Source: rules 8.

`_TABLE` is that section's table in its order. Codes are stable; their sentences and next steps live with the pages.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum

from comptoir.permissions import DIRECT, Reach

from .lifecycle import State
from .reason import Reason


class Verb(StrEnum):
    """What can be done to a subscription, or, for `BUY`, to become one."""

    BUY = "buy"
    ADD_SEATS = "add_seats"
    PLAN_SEATS = "plan_seats"
    PLAN_TERM = "plan_term"
    AUTOMATIC_ON = "automatic_on"
    AUTOMATIC_OFF = "automatic_off"
    ALIGN = "align"
    RENEW = "renew"
    PAY = "pay"
    CHANGE_METHOD = "change_method"
    RETURN = "return"
    ASSIGN = "assign"


class Channel(StrEnum):
    """Who sold the contract: the vendor, a reseller, or a third-party store."""

    DIRECT = "direct"
    RESELLER = "reseller"
    STORE = "store"


class Plan(StrEnum):
    """What the contract is."""

    SUBSCRIPTION = "subscription"
    MAINTENANCE = "maintenance"


class ProductStatus(StrEnum):
    """Whether the product is still sold."""

    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class SoldBy:
    """The reseller or store that sold the contract, as far as it is known."""

    name: str = ""
    link: str = ""
    email: str = ""
    phone: str = ""
    order_number: str = ""


@dataclass(frozen=True, slots=True)
class Alignable:
    """The customer's other subscriptions, by name, seen from this one (rules 5).

    `matching` can be aligned with it as they are; `term_differs` and `method_differs` could, but for that (a
    subscription may stand in both).
    """

    matching: tuple[str, ...] = ()
    term_differs: tuple[str, ...] = ()
    method_differs: tuple[str, ...] = ()
    term_change_pending: bool = False


@dataclass(frozen=True, slots=True)
class Returnable:
    """The newest line that could be returned (rules 6): its last day (None: nothing invoiced), what is in the way."""

    until: date | None = None
    newer: tuple[str, ...] = ()
    seats_in_use_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that the table reads, about one subscription (for `BUY`, about one product) and one actor.

    `reach` and `who_may` are per verb; a verb that is not in `reach` is not allowed. `new_price_known` is for the price
    that buying, adding, or renewing after expiry takes; `renewal_price_known` for the price of a renewal before expiry,
    in the term asked for. `planned_seats` is what a plan asks for, None while nothing is asked. `turns_on` is the first
    day of a period that was renewed early and has not begun.
    """

    product: str
    country: str
    country_served: bool
    channel: Channel
    plan: Plan
    product_status: ProductStatus
    self_service: bool
    new_price_known: bool
    renewal_price_known: bool
    reach: Mapping[Verb, Reach]
    state: State
    automatic_renewal: bool
    renews_on: date
    renewable_from: date
    already_renewed: bool
    invoice_overdue: bool
    payment_running: bool
    seats: int
    seats_left: int
    planned_seats: int | None = None
    turns_on: date | None = None
    who_may: Mapping[Verb, tuple[str, ...]] = field(default_factory=dict)
    sold_by: SoldBy = SoldBy()
    alignable: Alignable = Alignable()
    returnable: Returnable = Returnable()


def reasons(verb: Verb, facts: Facts, today: date) -> tuple[Reason, ...]:
    """Every reason why `verb` is not available on `today`, in the order of rules 8; none means that it is.

    Turning automatic renewal off, paying, changing the payment method and returning are never refused for country, plan
    or product.
    """
    case = _Case(verb, facts, today)
    found = ((row.code, row.params_if_it_applies(case)) for row in _TABLE if verb in row.blocks)
    return tuple(Reason(code, params) for code, params in found if params is not None)


def reasons_not_to_return(
    returnable: Returnable,
    today: date,
    *,
    reach: Reach,
    who_may: tuple[str, ...],
    state: State,
    ended_on: date,
    payment_running: bool,
) -> tuple[Reason, ...]:
    """Every reason why one sale can't be returned: of all that the table reads, only this counts for a return (rules 8)."""
    facts = Facts(
        product="",
        country="",
        country_served=True,
        channel=Channel.DIRECT,
        plan=Plan.SUBSCRIPTION,
        product_status=ProductStatus.ACTIVE,
        self_service=True,
        new_price_known=True,
        renewal_price_known=True,
        reach={Verb.RETURN: reach},
        state=state,
        automatic_renewal=True,
        renews_on=ended_on,
        renewable_from=today,
        already_renewed=False,
        invoice_overdue=False,
        payment_running=payment_running,
        seats=0,
        seats_left=0,
        who_may={Verb.RETURN: who_may},
        returnable=returnable,
    )
    return reasons(Verb.RETURN, facts, today)


@dataclass(frozen=True, slots=True)
class _Case:
    verb: Verb
    facts: Facts
    today: date


@dataclass(frozen=True, slots=True)
class _Row:
    code: str
    blocks: frozenset[Verb]
    params_if_it_applies: Callable[[_Case], Mapping[str, object] | None]


def _when(applies: bool, **params: object) -> Mapping[str, object] | None:
    return params if applies else None


def _country(case: _Case) -> Mapping[str, object] | None:
    return _when(not case.facts.country_served, country=case.facts.country)


def _no_self_service(case: _Case) -> Mapping[str, object] | None:
    return _when(not case.facts.self_service, product=case.facts.product)


def _sold_by(facts: Facts, channel: Channel) -> Mapping[str, object] | None:
    return asdict(facts.sold_by) if facts.channel == channel else None


def _retired(case: _Case) -> Mapping[str, object] | None:
    facts = case.facts
    still_renews = case.verb == Verb.RENEW and facts.renewal_price_known
    return _when(facts.product_status == ProductStatus.RETIRED and not still_renews, product=facts.product)


def _price_missing(case: _Case) -> Mapping[str, object] | None:
    """Which price a verb takes: rules 2, and rules 4 for planned seats above today's."""
    verb, facts = case.verb, case.facts
    after_expiry = verb == Verb.RENEW and facts.state != State.ACTIVE
    takes_new = after_expiry or verb in {Verb.BUY, Verb.ADD_SEATS}
    known = facts.new_price_known if takes_new else facts.renewal_price_known
    if verb == Verb.PLAN_SEATS and (facts.planned_seats or 0) > facts.seats:
        known = known and facts.new_price_known
    return _when(not known, product=facts.product)


def _not_allowed(case: _Case) -> Mapping[str, object] | None:
    reach = case.facts.reach.get(case.verb, Reach.NONE)
    offers = {"may_ask": reach == Reach.ASK, "may_propose": reach == Reach.PROPOSE}
    return _when(reach not in DIRECT, who_may=case.facts.who_may.get(case.verb, ()), **offers)


def _differs(facts: Facts, names: tuple[str, ...]) -> Mapping[str, object] | None:
    return _when(bool(names) and not facts.alignable.matching, names=names)


def _nothing_to_align(case: _Case) -> Mapping[str, object] | None:
    others = case.facts.alignable
    return _when(not (others.matching or others.term_differs or others.method_differs))


def _return_over(case: _Case) -> Mapping[str, object] | None:
    until = case.facts.returnable.until
    return _when(until is None or case.today > until, until=until)


def _newer_first(case: _Case) -> Mapping[str, object] | None:
    newer = case.facts.returnable.newer
    return _when(bool(newer), names=newer)


def _in_use(case: _Case) -> Mapping[str, object] | None:
    people = case.facts.returnable.seats_in_use_by
    return _when(bool(people), names=people)


_ALL = frozenset(Verb)
_PLAN = frozenset({Verb.PLAN_SEATS, Verb.PLAN_TERM})
_BUY, _ADD, _TERM = frozenset({Verb.BUY}), frozenset({Verb.ADD_SEATS}), frozenset({Verb.PLAN_TERM})
_ALIGN, _RENEW, _RETURN = frozenset({Verb.ALIGN}), frozenset({Verb.RENEW}), frozenset({Verb.RETURN})
_ASSIGN = frozenset({Verb.ASSIGN})
_SELF_SERVICE = _ADD | _PLAN | _ALIGN | _RENEW | {Verb.AUTOMATIC_ON}
_IN_GOOD_STANDING = _ADD | _ALIGN | _PLAN

# Compared by ==, not by `is`: a word straight from a row must block as its enum does.
_TABLE = (
    _Row("country_not_served", _SELF_SERVICE | _BUY, _country),
    _Row("third_party_store", _SELF_SERVICE, lambda c: _sold_by(c.facts, Channel.STORE)),
    _Row("reseller_purchase", _SELF_SERVICE, lambda c: _sold_by(c.facts, Channel.RESELLER)),
    _Row("product_without_self_service", _SELF_SERVICE, _no_self_service),
    _Row("maintenance_plan", _ADD | _TERM | _ALIGN, lambda c: _when(c.facts.plan == Plan.MAINTENANCE)),
    _Row("product_retired", _BUY | _ADD | _TERM | _ALIGN | _RENEW, _retired),
    _Row("price_missing", _BUY | _ADD | _PLAN | _ALIGN | _RENEW, _price_missing),
    _Row("not_allowed", _ALL, _not_allowed),
    _Row("automatic_renewal_off", _TERM, lambda c: _when(not c.facts.automatic_renewal, on=c.facts.renews_on)),
    _Row("term_differs", _ALIGN, lambda c: _differs(c.facts, c.facts.alignable.term_differs)),
    _Row("payment_method_differs", _ALIGN, lambda c: _differs(c.facts, c.facts.alignable.method_differs)),
    _Row("nothing_to_align", _ALIGN, _nothing_to_align),
    _Row("term_change_pending", _ALIGN, lambda c: _when(c.facts.alignable.term_change_pending)),
    _Row("last_seat", _PLAN - _TERM, lambda c: _when(c.facts.planned_seats is not None and c.facts.planned_seats < 1)),
    _Row("too_early", _RENEW, lambda c: _when(c.today < c.facts.renewable_from, opens_on=c.facts.renewable_from)),
    _Row("already_renewed", _RENEW | _PLAN, lambda c: _when(c.facts.already_renewed, on=c.facts.turns_on)),
    _Row("in_grace", _IN_GOOD_STANDING, lambda c: _when(c.facts.state == State.GRACE, ended_on=c.facts.renews_on)),
    _Row("suspended", _IN_GOOD_STANDING, lambda c: _when(c.facts.state == State.SUSPENDED, ended_on=c.facts.renews_on)),
    _Row("cancelled", _ALL - _BUY, lambda c: _when(c.facts.state == State.CANCELLED, ended_on=c.facts.renews_on)),
    _Row("trial", _ALL - _BUY, lambda c: _when(c.facts.state == State.TRIAL, ends_on=c.facts.renews_on)),
    _Row("invoice_overdue", _IN_GOOD_STANDING, lambda c: _when(c.facts.invoice_overdue)),
    _Row("payment_running", _ALL - _BUY, lambda c: _when(c.facts.payment_running)),
    _Row("no_seat_left", _ASSIGN, lambda c: _when(c.facts.seats_left < 1, seats=c.facts.seats)),
    _Row("return_window_over", _RETURN, _return_over),
    _Row("return_newer_first", _RETURN, _newer_first),
    _Row("seats_in_use", _RETURN, _in_use),
)
