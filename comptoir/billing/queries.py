"""Reads of invoices and tax rates. The actor comes first and is the first filter."""

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.db.models import QuerySet

from comptoir.kernel.actor import Actor
from comptoir.kernel.export import export_of
from comptoir.kernel.verifying import check
from comptoir.organisations.models import Organisation
from comptoir.permissions import Can
from comptoir.ui.arithmetic import Sum, seats_for_days, tax_at

from .models import Invoice, TaxRate
from .rules import Buyer, Seller, TaxRule, TaxTreatment, tax_treatment


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
    return invoices(actor).prefetch_related("lines").get(number=number)


def page_of_invoices(actor: Actor, *, before: int | None, size: int) -> Sequence[Invoice]:
    """One page of the list and one more row, which tells whether there is a next page."""
    found = invoices(actor)
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found[: size + 1])


def overdue(actor: Actor, contract_id: int, on: date) -> bool:
    """Whether an invoice of that contract is past its due day on `on`."""
    return Invoice.objects.filter(
        organisation_id=actor.customer_id, contract_id=contract_id, number__isnull=False, due_on__lt=on
    ).exists()


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
        )
        for line in sorted(found.lines.all(), key=lambda line: line.position)
    ]


def taxes_of(found: Invoice) -> list[Sum]:
    """The tax of an invoice, with its sentence."""
    rate = max(line.tax_basis_points for line in found.lines.all())
    return [tax_at(rate, found.tax, found.tax_treatment)]


# what `comptoir verify` recomputes

check(
    "invoice_line_recomputed",
    "A line of an invoice is unit price x quantity x days / denominator, rounded half up once.",
    """
    SELECT 'invoice ' || invoice_id || ' line ' || position FROM billing_invoiceline
    WHERE net_minor <> round(unit_minor::numeric * quantity * days / denominator)
    """,
)
check(
    "invoice_sums_its_lines",
    "An invoice's net is the sum of its lines, and it has lines.",
    """
    SELECT 'invoice ' || i.id FROM billing_invoice i
    LEFT JOIN (SELECT invoice_id, sum(net_minor) AS net FROM billing_invoiceline GROUP BY invoice_id) l ON l.invoice_id = i.id
    WHERE l.net IS DISTINCT FROM i.net_minor
    """,
)
check(
    "invoice_tax_recomputed",
    "An invoice's tax is taken once per rate on the sum of the rounded lines, and its total is net plus tax.",
    """
    SELECT 'invoice ' || i.id FROM billing_invoice i
    LEFT JOIN (
        SELECT invoice_id, sum(round(net * tax_basis_points / 10000)) AS tax FROM (
            SELECT invoice_id, tax_basis_points, sum(net_minor)::numeric AS net
            FROM billing_invoiceline GROUP BY invoice_id, tax_basis_points) r
        GROUP BY invoice_id) t ON t.invoice_id = i.id
    WHERE t.tax IS DISTINCT FROM i.tax_minor OR i.total_minor <> i.net_minor + i.tax_minor
    """,
)
check(
    "invoice_has_a_number",
    "There is no invoice without a number, and the number is its kind, the year of its series and six digits or more.",
    r"""
    SELECT 'invoice ' || id FROM billing_invoice
    WHERE number IS NULL OR number !~ ('^' || kind || '-[0-9]{4}-[0-9]{6,}$') OR due_on < issued_on
    """,
)

NUMBERED = """
    WITH numbered AS (
        SELECT seller ->> 'legal_name' AS entity, kind, split_part(number, '-', 2)::int AS year,
               split_part(number, '-', 3)::bigint AS n, number, issued_on
        FROM billing_invoice WHERE number ~ '^[A-Z]+-[0-9]+-[0-9]+$')
"""
check(
    "invoice_numbers_without_gaps",
    "The numbers of a series run from 1 to its last, none missing, none beyond.",
    NUMBERED
    + """
    SELECT 'number ' || due || ' of ' || s.kind || '-' || s.year || ' is missing'
    FROM billing_series s CROSS JOIN LATERAL generate_series(1, s.last) AS due
    WHERE NOT EXISTS (SELECT 1 FROM numbered i
                      WHERE i.entity = s.legal_entity AND i.kind = s.kind AND i.year = s.year AND i.n = due)
    UNION ALL
    SELECT i.number || ' is in no series' FROM numbered i
    WHERE NOT EXISTS (SELECT 1 FROM billing_series s
                      WHERE s.legal_entity = i.entity AND s.kind = i.kind AND s.year = i.year AND i.n BETWEEN 1 AND s.last)
    """,
)
check(
    "invoice_days_never_go_back",
    "No invoice has an earlier day than the one numbered before it, and the series knows the day of its last.",
    NUMBERED
    + """
    SELECT number FROM (SELECT number, issued_on,
               lag(issued_on) OVER (PARTITION BY entity, kind ORDER BY year, n) AS before FROM numbered) d
    WHERE issued_on < before
    UNION ALL
    SELECT 'series ' || s.kind || '-' || s.year FROM billing_series s
    WHERE s.last_day IS DISTINCT FROM (SELECT max(i.issued_on) FROM numbered i
                                       WHERE i.entity = s.legal_entity AND i.kind = s.kind AND i.year = s.year)
    """,
)
check(
    "invoice_in_the_log",
    "Every issued invoice has exactly one line in the log, and every such line its invoice.",
    """
    SELECT 'invoice ' || i.id FROM billing_invoice i
    WHERE i.kind = 'F' AND (SELECT count(*) FROM kernel_event e WHERE e.organisation_id = i.organisation_id
                            AND e.kind = 'invoice.issued' AND e.subject = 'billing.invoice:' || i.id) <> 1
    UNION ALL
    SELECT 'log line ' || e.id FROM kernel_event e
    WHERE e.kind = 'invoice.issued' AND NOT EXISTS (
        SELECT 1 FROM billing_invoice i WHERE e.subject = 'billing.invoice:' || i.id AND i.number = e.detail ->> 'number')
    """,
)
check(
    "invoice_in_the_customers_currency",
    "A customer's invoices and their lines are in its one currency.",
    """
    SELECT 'invoice ' || i.id FROM billing_invoice i JOIN organisations_organisation o ON o.id = i.organisation_id
    WHERE i.currency <> o.currency
    UNION ALL
    SELECT 'invoice ' || l.invoice_id || ' line ' || l.position FROM billing_invoiceline l
    JOIN organisations_organisation o ON o.id = l.organisation_id WHERE l.currency <> o.currency
    """,
)


# what `comptoir export` writes; columns are never renamed

export_of(
    "invoices",
    (
        *("customer", "number", "kind", "issued_on", "due_on", "contract", "payment_method", "tax_treatment", "po_number"),
        *("currency", "net", "tax", "total"),
    ),
    """
    SELECT o.number AS customer, i.number, i.kind, i.issued_on, i.due_on, c.number AS contract, i.payment_method,
           i.tax_treatment, i.po_number, i.currency, i.net_minor, i.tax_minor, i.total_minor
    FROM billing_invoice i JOIN organisations_organisation o ON o.id = i.organisation_id
    JOIN contracts_contract c ON c.id = i.contract_id ORDER BY i.id
    """,
)
export_of(
    "invoice_lines",
    (
        *("customer", "invoice", "position", "kind", "item", "subscription", "start", "end", "quantity", "unit_price"),
        *("days", "denominator", "net", "tax_percent", "currency"),
    ),
    """
    SELECT o.number AS customer, i.number AS invoice, l.position, l.kind, l.item, l.reference AS subscription, l.start, l."end",
           l.quantity, l.unit_minor AS unit_price_minor, l.days, l.denominator, l.net_minor,
           round(l.tax_basis_points / 100.0, 2) AS tax_percent, l.currency
    FROM billing_invoiceline l JOIN billing_invoice i ON i.id = l.invoice_id
    JOIN organisations_organisation o ON o.id = l.organisation_id ORDER BY i.id, l.position
    """,
)
