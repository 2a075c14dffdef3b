"""Mails about what became of an order, and about what was returned or taken back (rules 6, 7)."""

from collections.abc import Mapping

from comptoir.billing.models import Invoice
from comptoir.kernel.actor import Actor
from comptoir.kernel.jobs import job
from comptoir.organisations.models import Membership
from comptoir.organisations.queries import members_by_id, who_may
from comptoir.permissions import Role

from ..models import Order, OrderLine, Sale
from ..queries.orders import failure_words, invoices_of, sums_of, verb_words
from ..queries.states import sale_words
from .mails import write_to


@job("subscriptions.tell_order_settled")
def tell_order_settled(actor: Actor, *, order_id: int) -> None:
    """What was aligned, renewed or bought: with amounts to managers, payers and who ordered, without to coordinators."""
    order = Order.objects.select_related("organisation").prefetch_related("invoices__invoice").get(pk=order_id)
    invoices = invoices_of(order)
    told = {**_about(order), "invoices": invoices, "sums": lambda: sums_of(order)}
    # one invoice goes with the mail; of several each has its link
    attached = f"billing.document:{invoices[0].pk}" if len(invoices) == 1 else ""
    once, buyer = f"order:{order.pk}", _orderer(actor, order)
    _write_both(actor, order.contract_id, told, template="order_settled", once=once, and_to=buyer, attached=attached)


@job("subscriptions.tell_order_failed")
def tell_order_failed(actor: Actor, *, order_id: int) -> None:
    """Nothing came of an order: to whoever ordered, and to those who pay."""
    order = Order.objects.select_related("organisation").get(pk=order_id)
    told = {**_about(order), "why": lambda: failure_words(order.failed_because), "amounts": True}
    told["discarded"] = order.failed_because == "discarded"
    hear = [*who_may(actor, (Role.CONTRACT_MANAGER, Role.PAYER), order.contract_id), *_orderer(actor, order)]
    for member in {member.pk: member for member in hear}.values():
        write_to(member, "subscriptions/mail/order_failed", told, once=f"order-failed:{order.pk}:{member.pk}")


@job("subscriptions.tell_order_released")
def tell_order_released(actor: Actor, *, order_id: int) -> None:
    """What was held goes on: to whoever ordered, who may have to confirm the payment."""
    order = Order.objects.select_related("organisation", "paid_with").get(pk=order_id)
    for member in _orderer(actor, order):
        write_to(member, "subscriptions/mail/order_released", _about(order), once=f"order-released:{order.pk}:{member.pk}")


@job("subscriptions.tell_sale_undone")
def tell_sale_undone(actor: Actor, *, sale_id: int, credit_note_id: int, paid: int) -> None:
    """What was returned or, `paid` 0, taken back unpaid, with its credit note; coordinators hear without amounts."""
    sale = Sale.objects.select_related("subscription__product", "subscription__organisation", "invoice").get(pk=sale_id)
    told = {
        "sale": sale,
        "subscription": sale.subscription,
        "customer": sale.subscription.organisation,
        "note": Invoice.objects.get(pk=credit_note_id),
        "returned": bool(paid),
        "what": lambda: sale_words()[sale.kind],
    }
    _write_both(actor, sale.subscription.contract_id, told, template="sale_undone", once=f"undone:{credit_note_id}")


def _about(order: Order) -> dict[str, object]:
    lines = OrderLine.objects.filter(organisation_id=order.organisation_id, order=order).order_by("position")
    rows = lines.select_related("subscription__product", "product")
    seen: dict[int | None, OrderLine | Sale] = {line.subscription_id or line.product_id: line for line in rows}
    # a line of a purchase names its product alone; what came of it stands with the sale
    sales = Sale.objects.filter(organisation_id=order.organisation_id, order=order, kind=Sale.Kind.PURCHASE)
    seen = {sale.pk: sale for sale in sales.select_related("subscription__product").order_by("pk")} or seen
    return {
        "order": order,
        "customer": order.organisation,
        "lines": list(seen.values()),
        "what": lambda: verb_words().get(order.verb, order.verb),  # in the language of whoever reads
    }


def _orderer(actor: Actor, order: Order) -> list[Membership]:
    found = members_by_id(actor, [order.ordered_by_id or 0]).get(order.ordered_by_id or 0)
    return [found] if found is not None and found.left_on is None else []


def _write_both(
    actor: Actor,
    contract_id: int | None,
    told: Mapping[str, object],
    *,
    template: str,
    once: str,
    and_to: list[Membership] | None = None,
    attached: str = "",
) -> None:
    """With amounts, and what is attached, to managers and payers, without to coordinators; who is both hears once."""
    with_amounts = [*who_may(actor, (Role.CONTRACT_MANAGER, Role.PAYER), contract_id), *(and_to or [])]
    without = who_may(actor, (Role.SOFTWARE_COORDINATOR,), contract_id)
    hear = {member.pk: (member, False) for member in without} | {member.pk: (member, True) for member in with_amounts}
    for member, amounts in hear.values():
        goes_with = attached if amounts else ""
        write_to(
            member, f"subscriptions/mail/{template}", {**told, "amounts": amounts}, once=f"{once}:{member.pk}", attached=goes_with
        )
