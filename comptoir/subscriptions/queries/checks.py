"""What `comptoir verify` recomputes of subscriptions: periods, the seat ledger, orders, and what mirrors them."""

from comptoir.kernel.verifying import check

from . import renewal_checks as _renewal_checks  # noqa: F401 - registers its own

check(
    "periods_touch",
    "The paid periods of a subscription follow one another without a gap and without an overlap; "
    "one that was renewed while it was suspended begins on the day of its payment.",
    """
    SELECT 'subscription ' || subscription_id || ' from ' || start FROM (
        SELECT id, subscription_id, start, lag("end") OVER (PARTITION BY subscription_id ORDER BY start) AS before
        FROM subscriptions_period WHERE undone_on IS NULL) p
    WHERE start <> before AND NOT (start > before AND EXISTS (
        SELECT 1 FROM subscriptions_sale l WHERE l.period_id = p.id AND l.kind = 'renewal' AND l."on" = p.start))
    """,
)
check(
    "period_denominators",
    "A period's denominator is its own days; an extension's is that of a full term, which is longer.",
    """
    SELECT 'period ' || id FROM subscriptions_period
    WHERE CASE kind WHEN 'extension' THEN days < "end" - start ELSE days <> "end" - start END
    """,
)
check(
    "subscription_mirrors_periods",
    "A subscription's first day and renewal date are those of its periods, and its term that of the running one.",
    """
    SELECT 'subscription ' || s.number FROM subscriptions_subscription s
    LEFT JOIN (SELECT subscription_id, min(start) AS first, max("end") AS last FROM subscriptions_period
               WHERE undone_on IS NULL GROUP BY subscription_id) p ON p.subscription_id = s.id
    LEFT JOIN LATERAL (SELECT term FROM subscriptions_period r WHERE r.subscription_id = s.id AND undone_on IS NULL
                       ORDER BY r.start > %(day)s, CASE WHEN r.start > %(day)s THEN r.start - %(day)s ELSE %(day)s - r.start END
                       LIMIT 1) running ON true
    WHERE s.ended_on IS NULL AND ((p.first, p.last) IS DISTINCT FROM (s.starts_on, s.renews_on)
       OR running.term IS DISTINCT FROM s.term AND (s.turns_on IS NULL OR s.turns_on > %(day)s))
    """,
)
check(
    "seat_ledger_adds_up",
    "Each line of a seat ledger is the line before it plus its change; lines are numbered from 1, and days never go back.",
    """
    SELECT 'subscription ' || subscription_id || ' line ' || seq FROM (
        SELECT subscription_id, seq, "on", change_now, change_at_renewal, seats_now, seats_at_renewal,
               row_number() OVER w AS n, coalesce(lag(seats_now) OVER w, 0) AS now_before,
               coalesce(lag(seats_at_renewal) OVER w, 0) AS renewal_before, lag("on") OVER w AS day_before
        FROM subscriptions_seatentry WINDOW w AS (PARTITION BY subscription_id ORDER BY seq)) l
    WHERE seq <> n OR seats_now <> now_before + change_now OR seats_at_renewal <> renewal_before + change_at_renewal
       OR "on" < day_before
    """,
)
check(
    "subscription_mirrors_ledger",
    "A subscription has the seats of the last line of its ledger, now and at renewal.",
    """
    SELECT 'subscription ' || s.number FROM subscriptions_subscription s
    LEFT JOIN LATERAL (SELECT seats_now, seats_at_renewal FROM subscriptions_seatentry e
                       WHERE e.subscription_id = s.id ORDER BY e.seq DESC LIMIT 1) l ON true
    WHERE (l.seats_now, l.seats_at_renewal) IS DISTINCT FROM (s.seats_now, s.seats_at_renewal)
    """,
)
check(
    "tally_of_subscriptions",
    "What is kept of a customer's subscriptions, and of who sits and waits, is what they come to.",
    """
    SELECT 'customer ' || organisation_id || ', product ' || product_id || ', renewal on ' || renews_on FROM (
        SELECT organisation_id, product_id, monthly, automatic, renews_on, lapses_on, lines, seats, people, in_line
        FROM subscriptions_tally
        UNION ALL
        SELECT s.organisation_id, s.product_id, s.term = 'month', s.automatic_renewal, s.renews_on, s.lapses_on,
               -1, -s.seats_now, -coalesce(o.people, 0), -coalesce(o.in_line, 0)
        FROM subscriptions_subscription s LEFT JOIN subscriptions_occupancy o ON o.subscription_id = s.id
        WHERE s.ended_on IS NULL) t
    GROUP BY organisation_id, product_id, monthly, automatic, renews_on, lapses_on
    HAVING (sum(lines), sum(seats), sum(people), sum(in_line)) <> (0, 0, 0, 0)
    """,
)
check(
    "order_line_recomputed",
    "A line of an order is unit price x seats x days / denominator, rounded half up once.",
    """
    SELECT 'order ' || order_id || ' line ' || position FROM subscriptions_orderline
    WHERE net_minor <> round(unit_minor::numeric * quantity * days / denominator) OR days > denominator
    """,
)
check(
    "order_sums_its_lines",
    "An order's net is the sum of its lines, and its total is net plus tax.",
    """
    SELECT 'order ' || o.number FROM subscriptions_order o
    LEFT JOIN (SELECT order_id, sum(net_minor) AS net FROM subscriptions_orderline GROUP BY order_id) l ON l.order_id = o.id
    WHERE l.net IS DISTINCT FROM o.net_minor OR o.total_minor <> o.net_minor + o.tax_minor
    """,
)
check(
    "invoice_bills_its_orders",
    "The amounts of an order are those of its invoices.",
    """
    SELECT 'order ' || o.number FROM subscriptions_order o JOIN subscriptions_orderinvoice d ON d.order_id = o.id
    JOIN billing_invoice i ON i.id = d.invoice_id
    GROUP BY o.id HAVING (sum(i.net_minor), sum(i.tax_minor), sum(i.total_minor)) <> (o.net_minor, o.tax_minor, o.total_minor)
    """,
)
LINE = 'start, "end", quantity, unit_minor, days, denominator, net_minor'
check(
    "invoice_lines_are_order_lines",
    "The invoices of an order have exactly its lines, but for those that cost nothing because no day is added; "
    "a late renewal that was paid after its order starts on the day of payment.",
    f"""
    WITH invoiced AS (SELECT order_id, {LINE} FROM billing_invoiceline JOIN subscriptions_orderinvoice USING (invoice_id)),
    ordered AS (SELECT order_id, {LINE} FROM subscriptions_orderline WHERE days > 0
                AND order_id IN (SELECT order_id FROM subscriptions_orderinvoice)),
    moved AS (SELECT id FROM subscriptions_order WHERE verb = 'renew' AND settled_on > ordered_on)
    SELECT 'order ' || order_id FROM (
        (SELECT * FROM invoiced EXCEPT ALL SELECT * FROM ordered)
        UNION ALL (SELECT * FROM ordered EXCEPT ALL SELECT * FROM invoiced)) d
    WHERE order_id NOT IN (SELECT id FROM moved)
    """,
)
check(
    "order_counts_once",
    "A settled order of seats has one line in the seat ledger with its seats, one invoice, one line in the log; "
    "one that is not settled has none.",
    """
    SELECT 'order ' || o.number FROM subscriptions_order o
    LEFT JOIN LATERAL (SELECT count(*) AS lines, sum(change_now) AS seats, min(seats_now) AS after
                       FROM subscriptions_seatentry e WHERE e.order_id = o.id) l ON true
    LEFT JOIN LATERAL (SELECT count(*) AS lines FROM kernel_event e WHERE e.organisation_id = o.organisation_id
                       AND e.kind = 'seats.added' AND e.detail -> 'order_id' = to_jsonb(o.id)) g ON true
    LEFT JOIN LATERAL (SELECT count(*) AS documents FROM subscriptions_orderinvoice d WHERE d.order_id = o.id) i ON true
    WHERE CASE WHEN o.state <> 'settled' THEN l.lines + g.lines + i.documents > 0
               WHEN o.verb = 'add_seats' THEN l.lines <> 1 OR l.seats <> o.seats OR g.lines <> 1 OR i.documents <> 1
               ELSE false END
    """,
)
check(
    "money_in_the_customers_currency",
    "A customer's periods and orders are in its one currency.",
    """
    SELECT found.what FROM (
        SELECT 'period ' || id AS what, organisation_id, currency FROM subscriptions_period
        UNION ALL SELECT 'order ' || id, organisation_id, currency FROM subscriptions_order
        UNION ALL SELECT 'order line ' || id, organisation_id, currency FROM subscriptions_orderline) found
    JOIN organisations_organisation o ON o.id = found.organisation_id WHERE o.currency <> found.currency
    """,
)
check(
    "undone_sales_are_credited",
    "What was returned or taken back has been credited whole, and the period that it sold no longer counts as paid.",
    """
    SELECT 'sale ' || s.id FROM subscriptions_sale s JOIN subscriptions_subscription u ON u.id = s.subscription_id
    LEFT JOIN subscriptions_period p ON p.id = s.period_id
    LEFT JOIN LATERAL (
        SELECT sum(l.quantity) AS sold, sum((SELECT sum(c.quantity) FROM billing_invoiceline c WHERE c.credits_id = l.id)) AS back
        FROM billing_invoiceline l WHERE l.invoice_id = s.invoice_id AND l.reference = u.number) t ON true
    WHERE s.undone_on IS NOT NULL AND (t.sold IS DISTINCT FROM t.back OR p.id IS NOT NULL AND p.undone_on IS NULL AND NOT EXISTS (
        SELECT FROM subscriptions_period n
        WHERE n.subscription_id = s.subscription_id AND n.undone_on IS NULL AND n.start >= p."end"))
    """,
)
check(
    "ended_by_return",
    "A subscription that a return ended has no paid period left; one that has none has ended.",
    """
    SELECT 'subscription ' || s.number FROM subscriptions_subscription s
    WHERE (s.ended_on IS NOT NULL) <> NOT EXISTS (
        SELECT FROM subscriptions_period p WHERE p.subscription_id = s.id AND p.undone_on IS NULL)
    """,
)
