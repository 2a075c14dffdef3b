"""The tables of invoices that `comptoir export` writes; columns are never renamed."""

from comptoir.kernel.export import export_of

INVOICES = export_of(
    "invoices",
    (
        *("customer", "number", "kind", "issued_on", "due_on", "contract", "payment_method", "tax_treatment", "po_number"),
        *("currency", "net", "tax", "total", "corrects", "reason"),
    ),
    """
    SELECT o.number AS customer, i.number, i.kind, i.issued_on, i.due_on, c.number AS contract, i.payment_method,
           i.tax_treatment, i.po_number, i.currency, i.net_minor, i.tax_minor, i.total_minor, f.number AS corrects, i.reason
    FROM billing_invoice i JOIN organisations_organisation o ON o.id = i.organisation_id
    LEFT JOIN billing_invoice f ON f.id = i.corrects_id
    JOIN contracts_contract c ON c.id = i.contract_id ORDER BY i.id
    """,
)
INVOICE_LINES = export_of(
    "invoice_lines",
    (
        *("customer", "invoice", "position", "kind", "item", "subscription", "start", "end", "quantity", "unit_price"),
        *("days", "denominator", "net", "tax_percent", "currency", "list_price", "promotion"),
    ),
    """
    SELECT o.number AS customer, i.number AS invoice, l.position, l.kind, l.item, l.reference AS subscription, l.start, l."end",
           l.quantity, l.unit_minor AS unit_price_minor, l.days, l.denominator, l.net_minor,
           round(l.tax_basis_points / 100.0, 2) AS tax_percent, l.currency, l.list_minor AS list_price_minor, l.promotion
    FROM billing_invoiceline l JOIN billing_invoice i ON i.id = l.invoice_id
    JOIN organisations_organisation o ON o.id = l.organisation_id ORDER BY i.id, l.position
    """,
)
