"""Orders: placed as they were priced, then settled once, in the same transaction or when the payment has succeeded.

See `ARCHITECTURE.md`, "A verb that charges has two halves".
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F
from django.urls import reverse

from comptoir.billing.actions.invoices import Draft, Line, issue_invoices
from comptoir.billing.actions.payments import allocate_order_payment, start_attempt
from comptoir.billing.actions.refunds import give_back_order
from comptoir.billing.models import Invoice, PaymentMethod
from comptoir.billing.rules import TaxKind, TaxTreatment, Totals, totals
from comptoir.events import Events
from comptoir.kernel.action import action, step
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import HouseRule, Refused
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.jobs import enqueue
from comptoir.kernel.money import Money
from comptoir.kernel.recording import record
from comptoir.organisations.models import Organisation
from comptoir.permissions import Can

from ..models import Order, OrderInvoice, OrderLine, Sale, Subscription
from ..queries.safety import Ordered, findings_of
from ..rules import SeatLine, Verb
from ..rules.totals import totals_by_contract
from .delays import tell_ended_delays
from .effects import EFFECTS, Effect, bring_about
from .holding import hold


@dataclass(frozen=True, slots=True)
class Item:
    """One line to order: for a subscription, or for one that is to be (`contract_id` None: under a new contract).

    `anchor_day` is the one that the subscription has from this line's period on; None where it keeps its own.
    """

    line: SeatLine
    product_id: int
    subscription_id: int | None = None
    contract_id: int | None = None
    anchor_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """An order to place. `subscription` and `contract_id` where it is about one; `paid_with` None: on invoice."""

    organisation: Organisation
    verb: Verb
    items: Sequence[Item]
    treatment: TaxTreatment
    quote: str
    on: date
    paid_with: PaymentMethod | None = None
    subscription: Subscription | None = None
    contract_id: int | None = None
    seats: int = 0
    seats_before: int = 0
    po_number: str = ""
    terms_version: str = ""

    @property
    def totals(self) -> Totals:
        """What is to be paid: the sum of the invoices to come, one for each contract, each with its own tax."""
        return totals_by_contract(((item.contract_id, item.line.net) for item in self.items), self.treatment)


@step
def order(actor: Actor, placing: Placing) -> Order:
    """Place an order and, on invoice, settle it. One that is charged is settled when its payment has succeeded.

    One that breaks a safety bound is held: nothing else exists until the desk has decided (rules 2).
    """
    ordered = [Ordered(item.line, item.product_id, item.subscription_id) for item in placing.items]
    findings = findings_of(placing.organisation.pk, placing.verb, ordered, placing.totals.net, placing.on)
    placed = place_order(actor, placing)
    failpoint("order.placed")
    if findings:
        hold(placed, findings, placing.on)
    else:
        carry_out(placed, placing.on)
    return placed


@step
def carry_out(placed: Order, on: date) -> None:
    """Settle an order that was placed, or begin to charge it. Raises Refused `method_unusable`."""
    if placed.paid_with is None or placed.total_minor == 0:
        settle_order(placed, on)
        return
    start_attempt(
        placed.organisation,
        amount=placed.total,
        method=placed.paid_with,
        on=on,
        order_id=placed.pk,
        by_hand=True,
        back_to=reverse("order", kwargs={"customer": placed.organisation.number, "number": placed.number}),
    )
    record(Events.ORDER_PLACED, placed, on=on, order=placed.number, order_id=placed.pk, verb=placed.verb)


@step
def place_order(actor: Actor, placing: Placing) -> Order:
    """Write what was ordered, as it was priced. Nothing else exists until it is settled."""
    organisation, summed = placing.organisation, placing.totals
    placed = Order.objects.create(
        organisation=organisation,
        contract_id=placing.contract_id,
        subscription=placing.subscription,
        number=_next_number(placing),
        verb=placing.verb,
        seats=placing.seats,
        seats_before=placing.seats_before,
        ordered_on=placing.on,
        ordered_by_id=actor.membership_id,
        payment_method="invoice" if placing.paid_with is None else placing.paid_with.kind,
        paid_with=placing.paid_with,
        currency=summed.net.currency,
        net_minor=summed.net.minor,
        tax_minor=summed.tax.minor,
        total_minor=summed.total.minor,
        tax_basis_points=placing.treatment.rate_basis_points,
        tax_treatment=placing.treatment.code,
        quote=placing.quote,
        po_number=placing.po_number or organisation.po_number,
        terms_version=placing.terms_version,
    )
    OrderLine.objects.bulk_create(_row(placed, position, item) for position, item in enumerate(placing.items, 1))
    return placed


def _next_number(placing: Placing) -> str:
    """The subscription's number, or the customer's, and a count. Whoever orders for one holds its lock."""
    own = Order.objects.filter(organisation_id=placing.organisation.pk)
    if placing.subscription is not None:
        return f"{placing.subscription.number}-{own.filter(subscription=placing.subscription).count() + 1}"
    Organisation.objects.select_for_update(no_key=True).get(pk=placing.organisation.pk)
    return f"{placing.organisation.number}-{own.filter(subscription=None).count() + 1}"


def _row(placed: Order, position: int, item: Item) -> OrderLine:
    line = item.line
    return OrderLine(
        organisation_id=placed.organisation_id,
        order=placed,
        position=position,
        kind=line.kind,
        subscription_id=item.subscription_id,
        contract_id=item.contract_id,
        product_id=item.product_id,
        term=line.term,
        price_kind=line.price_kind,
        anchor_day=item.anchor_day,
        list_minor=None if line.list_price is None else line.list_price.minor,
        promotion=line.promotion,
        start=line.start,
        end=line.end,
        quantity=line.quantity,
        unit_minor=line.unit_price.minor,
        days=line.days,
        denominator=line.denominator,
        net_minor=line.net.minor,
        currency=line.net.currency,
    )


@step
def settle_order(placed: Order, on: date) -> None:
    """Bring about what was ordered, issue one invoice for each contract, close the order: once.

    The invoices carry the very lines of the order. HouseRule if it is not waiting.
    """
    if placed.state != Order.State.PLACED:
        raise HouseRule(f"order {placed.number} is {placed.state}, not waiting to be settled")
    lines = list(placed.lines.select_related("product").order_by("position"))
    effects = bring_about(placed, lines, on)
    failpoint("order.seated")
    invoices = _invoice(placed, effects, on)
    sold = [effect for effect in effects if any(line.days for line in effect.lines)]
    Sale.objects.bulk_create(_sale(effect, placed, invoices[effect.subscription.contract_id], on) for effect in sold)
    OrderInvoice.objects.bulk_create(
        OrderInvoice(organisation_id=placed.organisation_id, order=placed, invoice=invoice) for invoice in invoices.values()
    )
    placed.state, placed.settled_on = Order.State.SETTLED, on
    placed.save(update_fields=["state", "settled_on"])
    if placed.paid_with_id is not None and placed.total_minor:
        allocate_order_payment(placed.organisation, order_id=placed.pk, invoices=list(invoices.values()), on=on)
    for effect in effects:
        EFFECTS[placed.verb].settled(placed, effect, invoices.get(effect.subscription.contract_id), on)
    if placed.verb != Verb.ADD_SEATS:  # which tells of itself; what is about several is told once, not by each
        enqueue("subscriptions.tell_order_settled", organisation_id=placed.organisation_id, order_id=placed.pk)


def _invoice(placed: Order, effects: Sequence[Effect], on: date) -> Mapping[int, Invoice]:
    """The invoices by contract, in the order in which the contracts come."""
    under: dict[int, list[Effect]] = defaultdict(list)
    for effect in effects:
        under[effect.subscription.contract_id].append(effect)
    treatment = _treatment_of(placed)
    drafts = {}
    for contract_id, own in under.items():
        lines = [_invoice_line(placed, effect, line) for effect in own for line in effect.lines if line.days]
        if lines:
            summed = totals([line.net for line in lines], treatment)
            drafts[contract_id] = Draft(contract_id, placed.payment_method, lines, treatment, summed, po_number=placed.po_number)
    issued = issue_invoices(placed.organisation, list(drafts.values()), on=on)
    return dict(zip(drafts, issued, strict=True))


def _treatment_of(placed: Order) -> TaxTreatment:
    kind = TaxKind(placed.tax_treatment.removeprefix("tax_"))
    return TaxTreatment(kind, placed.tax_basis_points or 0, placed.tax_treatment, placed.organisation.country)


def _invoice_line(placed: Order, effect: Effect, line: OrderLine) -> Line:
    kinds = {Verb.ADD_SEATS: f"added_seats_{line.kind}", Verb.ALIGN: "alignment"}
    return Line(
        kind=kinds.get(Verb(placed.verb), line.kind),
        item=effect.subscription.product.name,
        reference=effect.subscription.number,
        start=line.start,
        end=line.end,
        quantity=line.quantity,
        unit_price=line.unit_price,
        days=line.days,
        denominator=line.denominator,
        net=line.net,
        list_price=None if line.list_minor is None else Money(line.list_minor, line.currency),
        promotion=line.promotion,
    )


def _sale(effect: Effect, placed: Order | None, invoice: Invoice, on: date) -> Sale:
    return Sale(
        organisation_id=effect.subscription.organisation_id,
        subscription=effect.subscription,
        kind=effect.kind,
        invoice=invoice,
        order=placed,
        period=effect.period,
        seats=effect.seats,
        seats_before=effect.seats_before,
        on=on,
        anchor_day_before=effect.anchor_day_before,
    )


@action(Can.SETTLE_ORDERS)
def settle_paid(actor: Actor, placed: Order, *, on: date) -> Order:
    """The second half of an order whose payment has succeeded. Raises Refused `order_not_waiting` for one that has ended."""
    if placed.state != Order.State.PLACED:
        raise Refused("order_not_waiting", params={"state": placed.state})
    settle_order(placed, on)
    return placed


@action(Can.SETTLE_ORDERS)
def fail_order(actor: Actor, placed: Order, *, because: str, on: date) -> Order:
    """Close an order whose payment was declined or never came: nothing comes of it. Raises Refused as `settle_paid`."""
    if placed.state != Order.State.PLACED:
        raise Refused("order_not_waiting", params={"state": placed.state})
    close_order(placed, because=because, on=on)
    return placed


@step
def close_order(placed: Order, *, because: str, on: date) -> None:
    """Nothing comes of an order: what came in for it goes back."""
    placed.state, placed.failed_because = Order.State.FAILED, because
    placed.save(update_fields=["state", "failed_because"])
    give_back_order(placed.organisation, order_id=placed.pk, on=on)
    record(Events.ORDER_FAILED, placed, on=on, order=placed.number, order_id=placed.pk, because=because)
    if placed.verb == Verb.RENEW:
        in_time = placed.lines.filter(start=F("subscription__renews_on"))
        tell_ended_delays(list(in_time.values_list("subscription_id", flat=True)), on)
