"""Orders as pages and the API tell them: what was ordered, where it stands, what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from comptoir.billing.models import Attempt, Invoice
from comptoir.billing.ports import Ports, SoldHere
from comptoir.billing.queries.invoices import taxes_of
from comptoir.kernel.actor import Actor
from comptoir.kernel.money import Money
from comptoir.kernel.paging import Key, Page, Place, page_of
from comptoir.kernel.pause import nothing_is_charged_because
from comptoir.kernel.refusals import Told as Why
from comptoir.organisations.queries import members_by_id
from comptoir.permissions import Can
from comptoir.ui.arithmetic import Sum, seats_for_days, tax_at

from ..models import Order, OrderInvoice, OrderLine, Sale, Subscription
from ..rules import Verb
from .states import term_words

NEWEST = [Key("id", int)]
SOLD = 200  # of what an invoice sold; a bulk renewal may have thousands


@dataclass(frozen=True, slots=True)
class About:
    """One subscription that an order is about, with what it costs of it; `subscription` None while it is only bought."""

    product: str
    subscription: Subscription | None
    sums: Sequence[Sum]
    net: Money
    seats: int
    term_word: str
    sold: SoldHere | None = None  # whether it can be returned, and why not; None: nothing was sold, or it is not among the first


@dataclass(frozen=True, slots=True)
class Told:
    """One order as its page shows it."""

    order: Order
    abouts: Sequence[About]
    invoices: Sequence[Invoice]
    sums: Sequence[Sum]
    taxes: Sequence[Sum]
    by: str  # who ordered; empty: a job
    attempt: Attempt | None  # the charge that it waits for, or the last
    confirm_url: str  # where whoever pays must confirm it now
    failure: str  # why nothing came of it, in words
    held: bool = False  # its charge was not begun: the vendor charges nothing for the moment

    @property
    def products(self) -> int:
        """How many different products."""
        return len({about.product for about in self.abouts})

    @property
    def sold(self) -> Sequence[SoldHere]:
        """What it sold, by subscription."""
        return [about.sold for about in self.abouts if about.sold is not None]

    @property
    def alike(self) -> Sequence[Why]:
        """Why none of several can be returned, where that is the same for all: said once."""
        said = {each.reasons for each in self.sold}
        return said.pop() if len(self.sold) > 1 and len(said) == 1 else ()

    @property
    def waits(self) -> bool:
        """Whether its page asks again until it is settled."""
        return self.order.state == Order.State.PLACED

    @property
    def common_date(self) -> date | None:
        """The renewal date that all of it has; None where they differ."""
        days = {about.subscription.renews_on for about in self.abouts if about.subscription is not None}
        return days.pop() if len(days) == 1 else None


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One line of the list of orders."""

    number: str
    verb: str
    verb_word: str
    about: str  # the product, or empty where there are several
    subscriptions: int
    seats: int
    ordered_on: date
    total: Money
    state: str
    state_word: str
    state_kind: str
    invoices: Sequence[str]


def verb_words() -> dict[str, str]:
    """What was ordered, as people say it."""
    return {
        Verb.ADD_SEATS: _("Seats added"),
        Verb.ALIGN: _("Payment dates aligned"),
        Verb.RENEW: _("Renewal"),
        Verb.BUY: _("Purchase"),
    }


def order_state_words() -> dict[str, str]:
    """Where an order stands, as people say it."""
    return {
        Order.State.PLACED: _("Waits for the payment"),
        Order.State.SETTLED: _("Done"),
        Order.State.FAILED: _("Failed"),
        Order.State.PARKED: _("Being checked"),
    }


ORDER_STATE_KINDS = {"placed": "warn", "settled": "good", "failed": "danger", "parked": "warn"}


def failure_words(code: str) -> str:
    """Why a payment did not succeed, as people say it."""
    words = {
        "insufficient_funds": _("The bank says that the account does not hold enough."),
        "expired_card": _("The card has expired."),
        "authentication_required": _("The bank asked for a confirmation, and none came."),
        "not_confirmed": _("The payment was not confirmed in time."),
        "not_paid_in_time": _("The payment did not come in time."),
        "lost_card": _("The bank says that the card is blocked."),
        "stolen_card": _("The bank says that the card is blocked."),
        "card_blocked": _("The bank says that the card is blocked."),
        "processing_error": _("Something went wrong at the bank."),
        "discarded": _("We looked at it and did not carry it out."),
    }
    return words.get(code, _("The bank declined the payment and did not say why."))


def seen_orders(actor: Actor) -> QuerySet[Order]:
    """The orders that the actor may see the prices of: all contracts that they are about, or what one ordered oneself."""
    found = Order.objects.filter(organisation_id=actor.customer_id)
    contracts = actor.contracts(Can.SEE_PRICES)
    if contracts is None:
        return found
    lines = OrderLine.objects.filter(organisation_id=actor.customer_id, order=OuterRef("pk"))
    hidden = lines.filter(Q(contract=None) | ~Q(contract_id__in=contracts))
    of_several = Q(contract=None) & Q(Exists(lines)) & ~Q(Exists(hidden))
    return found.filter(Q(contract_id__in=contracts) | of_several | Q(contract=None, ordered_by_id=actor.membership_id or 0))


def order_of(actor: Actor, number: str) -> Order:
    """One order with its lines, for those who may see prices on its contracts. Raises Order.DoesNotExist."""
    found = seen_orders(actor).select_related("subscription__product", "subscription__contract", "organisation", "paid_with")
    lines = ("lines__product", "lines__subscription__product", "lines__subscription__contract")
    return found.prefetch_related(*lines, "invoices__invoice__lines").get(number=number)


def lines_of(order: Order) -> list[OrderLine]:
    """The lines in their order."""
    return sorted(order.lines.all(), key=lambda line: line.position)


def invoices_of(order: Order) -> list[Invoice]:
    """The invoices that an order was settled with, oldest first."""
    return sorted((row.invoice for row in order.invoices.all()), key=lambda invoice: invoice.pk)


def sums_of(order: Order) -> list[Sum]:
    """The lines of an order in words; each names its subscription where there are several."""
    lines = lines_of(order)
    several = len({line.subscription_id or line.product_id for line in lines}) > 1
    return [_sum(line, _item(line) if several or (line.subscription_id is None and line.product_id) else "") for line in lines]


def taxes_of_order(order: Order) -> list[Sum]:
    """The tax of an order with its sentence, as it was priced; of an earlier release's, as its invoice says it."""
    if order.tax_basis_points is not None:
        return [tax_at(order.tax_basis_points, order.tax, order.tax_treatment)]
    return [tax for invoice in invoices_of(order)[:1] for tax in taxes_of(invoice)]


def told_of(actor: Actor, order: Order, on: date) -> Told:
    """All that the page of an order shows."""
    invoices = invoices_of(order)
    attempts = Attempt.objects.filter(organisation_id=actor.customer_id, order_id=order.pk).select_related("method")
    attempt = attempts.order_by("-nth").first()
    by = members_by_id(actor, [order.ordered_by_id or 0]).get(order.ordered_by_id or 0)
    confirms = attempt is not None and attempt.state == Attempt.State.NEEDS_ACTION and actor.may(Can.PAY, anywhere=True)
    return Told(
        order=order,
        abouts=_abouts(actor, order, invoices, on),
        invoices=invoices,
        sums=sums_of(order),
        taxes=taxes_of_order(order),
        by=by.name if by else "",
        attempt=attempt,
        confirm_url=attempt.action_url if attempt is not None and confirms else "",
        failure=failure_words(order.failed_because) if order.state == Order.State.FAILED else "",
        held=attempt is not None and attempt.state == Attempt.State.CREATED and bool(nothing_is_charged_because()),
    )


def page_of_orders(actor: Actor, *, state: str = "", verb: str = "", words: str = "", place: Place) -> Page[OrderRow]:
    """One page of the orders, the newest first, as far as one may see them. Three queries."""
    page = page_of(_rows(_wanted(actor, state, verb, words)), NEWEST, place, descending=True)
    return Page(_told_rows(actor, page.rows), page.next, page.previous)


def orders_after(actor: Actor, *, state: str, verb: str, before: int | None, size: int) -> list[tuple[int, OrderRow]]:
    """One page of the orders for the API, newest first, each with its id, and one more row: there is a next page."""
    found = _wanted(actor, state, verb)
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(_rows(found.order_by("-id"))[: size + 1])
    return list(zip((row["id"] for row in rows), _told_rows(actor, rows), strict=True))


def waiting_orders(actor: Actor) -> int:
    """How many orders wait for their payment or are held."""
    return seen_orders(actor).filter(state__in=(Order.State.PLACED, Order.State.PARKED)).count()


def _wanted(actor: Actor, state: str, verb: str, words: str = "") -> QuerySet[Order]:
    found = seen_orders(actor)
    if words:
        found = found.filter(number__icontains=words)
    if state:
        found = found.filter(state=state)
    return found.filter(verb=verb) if verb else found


def _rows(found: QuerySet[Order]) -> QuerySet[Order, dict[str, Any]]:
    fields = ("id", "number", "verb", "seats", "ordered_on", "total_minor", "currency", "state", "subscription__product__name")
    counted = found.annotate(subscriptions=Count("lines__subscription", distinct=True))
    rows: QuerySet[Order, dict[str, Any]] = counted.values(*fields, "subscriptions")
    return rows


def _told_rows(actor: Actor, rows: Sequence[Mapping[str, Any]]) -> list[OrderRow]:
    numbers: dict[int, list[str]] = {row["id"]: [] for row in rows}
    settled = OrderInvoice.objects.filter(organisation_id=actor.customer_id, order_id__in=list(numbers)).order_by("invoice_id")
    for order_id, number in settled.values_list("order_id", "invoice__number"):
        numbers[order_id].append(str(number))
    verbs, states = verb_words(), order_state_words()
    return [
        OrderRow(
            number=row["number"],
            verb=row["verb"],
            verb_word=verbs.get(row["verb"], row["verb"]),
            about=row["subscription__product__name"] or "",
            subscriptions=row["subscriptions"],
            seats=row["seats"],
            ordered_on=row["ordered_on"],
            total=Money(row["total_minor"], row["currency"]),
            state=row["state"],
            state_word=states[row["state"]],
            state_kind=ORDER_STATE_KINDS[row["state"]],
            invoices=numbers[row["id"]],
        )
        for row in rows
    ]


def _abouts(actor: Actor, order: Order, invoices: Sequence[Invoice], on: date) -> list[About]:
    groups: dict[tuple[int | None, int | None], list[OrderLine]] = {}
    for line in lines_of(order):
        own = line.subscription_id or order.subscription_id
        groups.setdefault((own, None if own else line.position), []).append(line)
    bought = _bought(order)
    sold: dict[str, SoldHere] = {}
    for invoice in invoices:
        sold |= {each.subscription: each for each in Ports.returns.of_invoice(actor, invoice, on, SOLD)}
    return [_about(order, lines, sold, bought) for lines in groups.values()]


def _bought(order: Order) -> Mapping[int, Subscription]:
    """The subscriptions that an order to buy made, by the position of its line: it made them in that order."""
    if order.verb != Verb.BUY or order.state != Order.State.SETTLED:
        return {}
    sales = Sale.objects.filter(organisation_id=order.organisation_id, order=order, kind=Sale.Kind.PURCHASE).order_by("id")
    made = [sale.subscription for sale in sales.select_related("subscription__product", "subscription__contract")]
    lines = lines_of(order)
    return {line.position: subscription for line, subscription in zip(lines, made, strict=False)}


def _about(order: Order, lines: Sequence[OrderLine], sold: Mapping[str, SoldHere], bought: Mapping[int, Subscription]) -> About:
    first = lines[0]
    subscription = first.subscription or order.subscription or bought.get(first.position)
    product = subscription.product.name if subscription else first.product.name if first.product else ""
    seats = first.quantity if order.verb == Verb.ADD_SEATS else sum(line.quantity for line in lines)
    return About(
        product=product,
        subscription=subscription,
        sums=[_sum(line, "") for line in lines],
        net=Money.sum((line.net for line in lines), order.currency),
        seats=seats,
        term_word=term_words().get(first.term, ""),
        sold=sold.get(subscription.number) if subscription else None,
    )


def _item(line: OrderLine) -> str:
    if line.subscription is not None:
        return f"{line.subscription.product.name} ({line.subscription.number})"
    return line.product.name if line.product else ""


def _sum(line: OrderLine, item: str) -> Sum:
    listed = None if line.list_minor is None else Money(line.list_minor, line.currency)
    kind = line.kind if line.kind in {"renewal", "raised", "purchase"} else ""
    return seats_for_days(
        line.quantity,
        line.unit_price,
        line.days,
        line.denominator,
        line.net,
        start=line.start,
        end=line.end,
        item=item,
        kind=kind,
        list_price=listed,
        promotion=line.promotion,
    )
