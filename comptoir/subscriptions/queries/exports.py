"""Paid periods and the seat ledger as they leave the house. Columns are never renamed."""

from comptoir.kernel.export import export_of

export_of(
    "periods",
    (
        *("customer", "contract", "subscription", "product", "start", "end", "days", "term", "kind", "price", "price_kind"),
        "currency",
    ),
    """
    SELECT o.number AS customer, c.number AS contract, s.number AS subscription, p.code AS product, r.start, r."end", r.days,
           r.term, r.kind, r.price_minor, r.price_kind, r.currency
    FROM subscriptions_period r JOIN subscriptions_subscription s ON s.id = r.subscription_id
    JOIN contracts_contract c ON c.id = s.contract_id JOIN organisations_organisation o ON o.id = s.organisation_id
    JOIN catalogue_product p ON p.id = s.product_id ORDER BY o.number, s.number, r.start
    """,
)
export_of(
    "seat_ledger",
    (
        *("customer", "subscription", "line", "on", "kind", "change_now", "change_at_renewal", "seats_now"),
        *("seats_at_renewal", "order", "invoice"),
    ),
    """
    SELECT o.number AS customer, s.number AS subscription, e.seq AS line, e."on", e.kind, e.change_now, e.change_at_renewal,
           e.seats_now, e.seats_at_renewal, d.number AS "order", i.number AS invoice
    FROM subscriptions_seatentry e JOIN subscriptions_subscription s ON s.id = e.subscription_id
    JOIN organisations_organisation o ON o.id = e.organisation_id
    LEFT JOIN subscriptions_order d ON d.id = e.order_id
    LEFT JOIN subscriptions_sale a ON a.order_id = e.order_id AND a.subscription_id = e.subscription_id
    LEFT JOIN billing_invoice i ON i.id = a.invoice_id
    ORDER BY o.number, s.number, e.seq
    """,
)
