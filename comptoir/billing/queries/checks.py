"""What `comptoir verify` recomputes of invoices: lines, tax, sums, numbers, the log."""

from comptoir.kernel.verifying import check

from . import payment_checks  # noqa: F401 - registers its checks

check(
    "invoice_line_recomputed",
    "A line of an invoice is unit price x quantity x days / denominator, rounded half up once; the credits of a line leave "
    "what the quantity that is left would have cost.",
    """
    SELECT 'invoice ' || l.invoice_id || ' line ' || l.position FROM billing_invoiceline l
    WHERE l.credits_id IS NULL AND l.net_minor <> round(l.unit_minor::numeric * l.quantity * l.days / l.denominator)
    UNION ALL
    SELECT 'credit note ' || c.invoice_id || ' line ' || c.position FROM (
        SELECT invoice_id, position, credits_id, sum(net_minor) OVER before AS net, sum(quantity) OVER before AS quantity
        FROM billing_invoiceline WHERE credits_id IS NOT NULL WINDOW before AS (PARTITION BY credits_id ORDER BY id)) c
    JOIN billing_invoiceline l ON l.id = c.credits_id
    WHERE l.net_minor - c.net <> round(l.unit_minor::numeric * (l.quantity - c.quantity) * l.days / l.denominator)
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
    "An invoice's tax is taken once per rate on the sum of the rounded lines, a credit note's is what falls away of it; a "
    "total is net plus tax.",
    """
    SELECT 'invoice ' || i.id FROM billing_invoice i
    LEFT JOIN (
        SELECT invoice_id, sum(round(net * tax_basis_points / 10000)) AS tax FROM (
            SELECT invoice_id, tax_basis_points, sum(net_minor)::numeric AS net
            FROM billing_invoiceline GROUP BY invoice_id, tax_basis_points) r
        GROUP BY invoice_id) t ON t.invoice_id = i.id
    WHERE i.kind = 'F' AND (t.tax IS DISTINCT FROM i.tax_minor OR i.total_minor <> i.net_minor + i.tax_minor)
    UNION ALL
    SELECT 'credit note ' || c.id FROM (
        SELECT id, corrects_id, net_minor + tax_minor - total_minor AS off, sum(net_minor) OVER before AS net,
               sum(tax_minor) OVER before AS tax
        FROM billing_invoice WHERE kind = 'A' WINDOW before AS (PARTITION BY corrects_id ORDER BY id)) c
    JOIN billing_invoice i ON i.id = c.corrects_id
    CROSS JOIN LATERAL (SELECT max(tax_basis_points) AS rate FROM billing_invoiceline l WHERE l.invoice_id = i.id) l
    WHERE c.off <> 0 OR i.tax_minor - c.tax <> round((i.net_minor - c.net)::numeric * l.rate / 10000)
    """,
)
check(
    "credits_never_exceed",
    "A credit note takes lines of the invoice that it corrects, at their price, and no line is taken back more than once.",
    """
    SELECT 'credit note ' || c.invoice_id || ' line ' || c.position FROM billing_invoiceline c
    JOIN billing_invoice n ON n.id = c.invoice_id
    LEFT JOIN billing_invoiceline l ON l.id = c.credits_id
    WHERE (n.kind = 'A') <> (c.credits_id IS NOT NULL) OR (n.kind = 'A' AND (n.corrects_id, c.unit_minor, c.days, c.denominator,
        c.tax_basis_points) IS DISTINCT FROM (l.invoice_id, l.unit_minor, l.days, l.denominator, l.tax_basis_points))
    UNION ALL
    SELECT 'line ' || l.id FROM billing_invoiceline l
    JOIN (SELECT credits_id, sum(quantity) AS quantity FROM billing_invoiceline GROUP BY credits_id) c ON c.credits_id = l.id
    WHERE c.quantity > l.quantity
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
    "Every issued invoice and credit note has exactly one line in the log, and every such line its document.",
    """
    SELECT 'invoice ' || i.id FROM billing_invoice i
    WHERE (SELECT count(*) FROM kernel_event e WHERE e.organisation_id = i.organisation_id
           AND e.kind = CASE i.kind WHEN 'F' THEN 'invoice.issued' ELSE 'invoice.credited' END
           AND e.subject = 'billing.invoice:' || i.id) <> 1
    UNION ALL
    SELECT 'log line ' || e.id FROM kernel_event e
    WHERE e.kind IN ('invoice.issued', 'invoice.credited') AND NOT EXISTS (
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
