"""Customers as finance and administrators look them up. What one customer has is read inside that customer's wall."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Min, Q, Sum

from comptoir.billing.models import Attempt, Invoice, InvoiceBalance, Refund
from comptoir.contracts.queries import contracts
from comptoir.kernel.actor import Actor
from comptoir.kernel.models import Roster
from comptoir.kernel.money import Money
from comptoir.kernel.paging import Key, Page, Place, page_of
from comptoir.organisations.models import Organisation, RoleGrant
from comptoir.organisations.queries import roles_with
from comptoir.permissions import Can
from comptoir.subscriptions.models import Order, Sale, Subscription

NEWEST = 8  # rows of each kind on a customer's first page


def how_many() -> int:
    """How many customers there are."""
    return Roster.objects.count()


def overdue_invoices(on: date) -> int:
    """How many invoices of all customers are past their due day and not paid in full."""
    return InvoiceBalance.objects.filter(due_on__lt=on, open_minor__gt=0).count()


def page_of_customers(words: str, place: Place) -> Page[Mapping[str, Any]]:
    """One page of the customers by name: those whose number begins with `words`, or whose name holds every word."""
    rows = Organisation.objects.all()
    if words:
        named = Q()
        for word in words.split():
            named &= Q(name__icontains=word)
        rows = rows.filter(Q(number__startswith=words.strip()) | named)
    fields = ("id", "number", "name", "country", "city", "currency")
    return page_of(rows.values(*fields), [Key("name", str), Key("id", int)], place)


@dataclass(frozen=True, slots=True)
class Had:
    """What one customer has, in figures. What is open counts invoices; less than nothing means that we owe."""

    contracts: int
    subscriptions: int
    seats: int
    open: Money
    overdue: Money
    overdue_invoices: int
    next_renewal: date | None


def figures_of(customer_id: int, currency: str, on: date) -> Had:
    """The figures of one customer, inside its wall. Three queries."""
    mine = {"organisation_id": customer_id}
    running = Subscription.objects.filter(**mine, lapses_on__gt=on).filter(Q(ended_on=None) | Q(ended_on__gt=on))
    told = running.aggregate(n=Count("id"), seats=Sum("seats_now"), renews_on=Min("renews_on"))
    late = Q(due_on__lt=on, open_minor__gt=0)
    open_ = InvoiceBalance.objects.filter(**mine).aggregate(
        open=Sum("open_minor"), overdue=Sum("open_minor", filter=late), n=Count("id", filter=late)
    )
    return Had(
        contracts=Organisation.objects.filter(pk=customer_id).aggregate(n=Count("contract"))["n"],
        subscriptions=told["n"],
        seats=told["seats"] or 0,
        open=Money(open_["open"] or 0, currency),
        overdue=Money(open_["overdue"] or 0, currency),
        overdue_invoices=open_["n"],
        next_renewal=told["renews_on"],
    )


def organisation_of(actor: Actor) -> Organisation:
    """The actor's customer."""
    return Organisation.objects.get(pk=actor.customer_id)


def sales_on(actor: Actor, number: str) -> list[Sale]:
    """What that invoice of the actor's customer sold and is not undone. Raises Invoice.DoesNotExist."""
    invoice = Invoice.objects.get(organisation_id=actor.customer_id, number=number)
    rows = Sale.objects.filter(organisation_id=actor.customer_id, invoice=invoice, undone_on=None)
    return list(rows.select_related("subscription__product").order_by("subscription__number"))


@dataclass(frozen=True, slots=True)
class Manager:
    """Somebody who manages contracts: of the whole customer, or these."""

    name: str
    email: str
    contracts: list[str]


def _managers(actor: Actor) -> list[Manager]:
    rows = RoleGrant.objects.filter(
        organisation_id=actor.customer_id, role__in=roles_with(Can.PLAN_RENEWAL), membership__left_on=None
    ).order_by("membership__sort_name", "membership_id")
    fields = ("membership_id", "membership__name", "membership__email", "contract_id")
    numbers = dict(contracts(actor).values_list("id", "number"))
    found: dict[int, Manager] = {}
    for pk, name, email, contract_id in rows.values_list(*fields)[:200]:
        manager = found.setdefault(pk, Manager(name, email, []))
        if contract_id is not None:
            manager.contracts.append(numbers.get(contract_id, ""))
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Shown:
    """The newest of each kind for a customer's page at the desk; money only for whoever may see it."""

    organisation: Organisation
    managers: list[Manager]
    contracts: list[Any]
    orders: list[Order]
    invoices: list[Invoice]
    attempts: list[Attempt]
    refunds: list[Refund]


def shown(actor: Actor) -> Shown:
    """One customer, inside its wall."""
    money = actor.may(Can.SEE_SALES)
    mine = {"organisation_id": actor.customer_id}
    numbered = Invoice.objects.filter(**mine, number__isnull=False).select_related("balance")
    return Shown(
        organisation=Organisation.objects.get(pk=actor.customer_id),
        managers=_managers(actor),
        contracts=list(contracts(actor).select_related("reseller").annotate(lines=Count("subscription")).order_by("number")[:50]),
        orders=list(Order.objects.filter(**mine).order_by("-id")[:NEWEST]) if money else [],
        invoices=list(numbered.order_by("-id")[:NEWEST]) if money else [],
        attempts=list(Attempt.objects.filter(**mine).select_related("method", "invoice").order_by("-id")[:NEWEST])
        if money
        else [],
        refunds=list(Refund.objects.filter(**mine).select_related("credit_note").order_by("-id")[:NEWEST]) if money else [],
    )
