"""Reads of invoices and tax rates. The actor comes first and is the first filter."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from comptoir.kernel.actor import Actor
from comptoir.kernel.prepared import Prepared
from comptoir.organisations.models import Organisation
from comptoir.permissions import Can
from comptoir.ui.arithmetic import Sum, seats_for_days, tax_at

from ..models import Invoice, InvoiceBalance, InvoiceLine, TaxRate
from ..rules import Buyer, Seller, TaxRule, TaxTreatment, tax_treatment


def treatment_for(organisation: Organisation, on: date) -> TaxTreatment:
    """How a sale to this customer is taxed on that day. Raises Refused `tax_rate_missing`."""
    rows = TaxRate.objects.filter(country=organisation.country, valid_from__lte=on)
    rates = [TaxRule(row.country, row.basis_points, row.valid_from) for row in rows]
    return tax_treatment(Seller(settings.VENDOR.country), Buyer(organisation.country, organisation.tax_number), rates, on)


def invoices(actor: Actor) -> QuerySet[Invoice]:
    """The issued invoices that the actor may see, newest first."""
    found = Invoice.objects.filter(organisation_id=actor.customer_id, number__isnull=False).order_by("-id")
    contracts = actor.contracts(Can.SEE_INVOICES)
    return found if contracts is None else found.filter(contract_id__in=contracts)


def invoice(actor: Actor, number: str) -> Invoice:
    """One invoice with its lines. Raises Invoice.DoesNotExist."""
    return invoices(actor).select_related("corrects").prefetch_related("lines").get(number=number)


def document_of(pk: int) -> Invoice:
    """One invoice or credit note with all that it prints, for jobs and steps. Raises Invoice.DoesNotExist."""
    return Invoice.objects.select_related("corrects").prefetch_related("lines").get(pk=pk)


def overdue(actor: Actor, contract_id: int, on: date) -> bool:
    """Whether an invoice of that contract is past its due day on `on` and not paid in full: one look into an index."""
    return bool(_OVERDUE.all(customer=actor.customer_id, contract=contract_id, on=on))


_OVERDUE: Prepared[Any] = Prepared(
    lambda customer, contract, on: InvoiceBalance.objects.filter(
        organisation_id=customer, contract_id=contract, due_on__lt=on, open_minor__gt=0
    ).values_list("pk")[:1],
    customer=int,
    contract=int,
    on=date,
)


def sums_of(found: Invoice) -> list[Sum]:
    """The lines of an invoice, each with the words of how it came about."""
    return [
        seats_for_days(
            line.quantity,
            line.unit_price,
            line.days,
            line.denominator,
            line.net,
            start=line.start,
            end=line.end,
            item=f"{line.item} ({line.reference})",
            kind=line.kind,
            list_price=line.list_price,
            promotion=line.promotion,
        )
        for line in lines_of(found)
    ]


def lines_of(found: Invoice) -> list[InvoiceLine]:
    """The lines in their order; a query only where they were not fetched with it."""
    return sorted(found.lines.all(), key=lambda line: line.position)


def taxes_of(found: Invoice) -> list[Sum]:
    """The tax of an invoice, with its sentence."""
    rate = lines_of(found)[0].tax_basis_points
    return [tax_at(rate, found.tax, found.tax_treatment)]
