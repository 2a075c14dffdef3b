"""What `comptoir verify` recomputes of payments: what is open, what came in, what went back."""

from comptoir.kernel.verifying import check

check(
    "balance_recomputed",
    "What is open of an invoice is its total less credit notes and what was paid, plus what went back; each has one balance.",
    """
    SELECT 'invoice ' || i.id FROM billing_invoice i LEFT JOIN billing_invoicebalance b ON b.invoice_id = i.id
    WHERE i.kind = 'F' AND i.number IS NOT NULL AND (
        (b.number, b.contract_id, b.due_on, b.currency, b.organisation_id)
            IS DISTINCT FROM (i.number, i.contract_id, i.due_on, i.currency, i.organisation_id)
        OR b.open_minor <> i.total_minor
            - (SELECT coalesce(sum(n.total_minor), 0) FROM billing_invoice n WHERE n.corrects_id = i.id AND n.number IS NOT NULL)
            - (SELECT coalesce(sum(a.amount_minor), 0) FROM billing_allocation a WHERE a.invoice_id = i.id)
            + (SELECT coalesce(sum(r.amount_minor), 0) FROM billing_refund r
               JOIN billing_invoice n ON n.id = r.credit_note_id WHERE n.corrects_id = i.id))
    UNION ALL
    SELECT 'balance ' || b.id FROM billing_invoicebalance b
    WHERE NOT EXISTS (SELECT 1 FROM billing_invoice i WHERE i.id = b.invoice_id AND i.kind = 'F' AND i.number IS NOT NULL)
    """,
)
check(
    "nothing_owed_back",
    "No invoice is paid more than it asks for: what a credit note leaves over goes back.",
    "SELECT number FROM billing_invoicebalance WHERE open_minor < 0",
)
check(
    "success_is_one_payment",
    "Every charge that succeeded brought its amount once, and no other did.",
    """
    SELECT 'attempt ' || a.id FROM billing_attempt a
    WHERE (SELECT count(*) FROM billing_payment p WHERE p.attempt_id = a.id AND p.amount_minor = a.amount_minor
           AND p.currency = a.currency AND p.reference = a.reference)
          <> CASE WHEN a.state IN ('succeeded', 'reversed') THEN 1 ELSE 0 END
    """,
)
check(
    "one_live_attempt",
    "An invoice or an order has one attempt that is under way or has succeeded.",
    """
    SELECT coalesce('invoice ' || invoice_id, 'order ' || order_id) FROM billing_attempt
    WHERE state NOT IN ('declined', 'cancelled', 'reversed') GROUP BY invoice_id, order_id HAVING count(*) > 1
    """,
)
LEFT = """
    SELECT p.id, a.order_id, p.amount_minor, p.kind, p.amount_minor
        - (SELECT coalesce(sum(amount_minor), 0) FROM billing_allocation WHERE payment_id = p.id)
        - (SELECT coalesce(sum(amount_minor), 0) FROM billing_dispute WHERE payment_id = p.id AND state <> 'won')
        - (SELECT coalesce(sum(amount_minor), 0) FROM billing_refund WHERE payment_id = p.id AND credit_note_id IS NULL) AS rest,
        EXISTS (SELECT 1 FROM billing_dispute WHERE payment_id = p.id) AS disputed
    FROM billing_payment p LEFT JOIN billing_attempt a ON a.id = p.attempt_id
"""
check(
    "payment_is_used_up",
    "A charge pays invoices or goes back, all of it; only that of an order may wait until the order is settled. None pays twice.",
    f"""
    SELECT 'payment ' || id FROM ({LEFT}) u
    WHERE rest < 0 OR (kind = 'charge' AND NOT disputed AND rest > 0 AND (order_id IS NULL OR rest < amount_minor))
    """,
)
check(
    "credit_in_the_log",
    "What credit paid of each invoice stands in the log, to the cent; credit is money that came by transfer or was won back.",
    """
    SELECT 'invoice ' || coalesce(a.invoice_id, e.invoice_id) FROM (
        SELECT invoice_id, sum(amount_minor) AS minor FROM billing_allocation WHERE from_credit GROUP BY invoice_id) a
    FULL JOIN (
        SELECT (detail ->> 'invoice')::bigint AS invoice_id, sum((detail ->> 'minor')::bigint) AS minor
        FROM kernel_event WHERE kind = 'payment.from_credit' GROUP BY 1) e ON e.invoice_id = a.invoice_id
    WHERE a.minor IS DISTINCT FROM e.minor
    UNION ALL
    SELECT 'allocation ' || a.id FROM billing_allocation a JOIN billing_payment p ON p.id = a.payment_id
    WHERE a.from_credit AND p.kind = 'charge'
        AND NOT EXISTS (SELECT 1 FROM billing_dispute d WHERE d.payment_id = p.id AND d.state = 'won')
    """,
)
check(
    "refunds_within_payments",
    "No more goes back of a payment than came in, and of a credit note than it credits.",
    """
    SELECT 'payment ' || p.id FROM billing_payment p
    WHERE p.amount_minor < (SELECT coalesce(sum(amount_minor), 0) FROM billing_refund WHERE payment_id = p.id)
    UNION ALL
    SELECT n.number FROM billing_invoice n
    WHERE n.total_minor < (SELECT coalesce(sum(amount_minor), 0) FROM billing_refund WHERE credit_note_id = n.id)
    """,
)
check(
    "payment_in_the_log",
    "Every charge that succeeded has exactly one line in the log.",
    """
    SELECT 'attempt ' || a.id FROM billing_attempt a
    WHERE a.state IN ('succeeded', 'reversed') AND (SELECT count(*) FROM kernel_event e
        WHERE e.organisation_id = a.organisation_id AND e.kind = 'payment.succeeded'
        AND e.subject = 'billing.attempt:' || a.id) <> 1
    """,
)
check(
    "line_is_one_payment",
    "Every line of a bank statement that was matched brought its amount once.",
    """
    SELECT 'line ' || l.id FROM billing_statementline l
    WHERE (SELECT count(*) FROM billing_payment p WHERE p.reference = l.digest AND p.amount_minor = l.amount_minor)
          <> CASE l.state WHEN 'matched' THEN 1 ELSE 0 END
    """,
)
