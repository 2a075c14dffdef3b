"""What `comptoir verify` recomputes of plans, renewals and the clock of rules 6."""

from comptoir.kernel.verifying import check

check(
    "clock_within_the_last_period",
    "The clock of a lapse runs from the first day that is not paid, or from a day of the last period where that is not paid.",
    """
    SELECT 'subscription ' || s.number FROM subscriptions_subscription s
    LEFT JOIN LATERAL (SELECT min(start) AS start FROM subscriptions_period p WHERE p.subscription_id = s.id
                       AND undone_on IS NULL
                       AND EXISTS (SELECT 1 FROM subscriptions_sale l WHERE l.period_id = p.id)) sold ON true
    WHERE s.ended_on IS NULL AND (s.lapses_on > s.renews_on
       OR s.lapses_on < s.renews_on AND (sold.start IS NULL OR s.lapses_on < sold.start))
    """,
)
check(
    "open_renewals_run_the_clock",
    "Where a renewal on invoice is open, the clock runs from its due day at the latest, or from when a bank took back its money.",
    """
    SELECT 'subscription ' || s.number FROM subscriptions_sale l
    JOIN subscriptions_subscription s ON s.id = l.subscription_id JOIN subscriptions_period p ON p.id = l.period_id
    JOIN billing_invoice i ON i.id = l.invoice_id JOIN billing_invoicebalance b ON b.invoice_id = i.id
    WHERE l.kind = 'renewal' AND l.undone_on IS NULL AND p.undone_on IS NULL AND i.payment_method = 'invoice'
      AND b.open_minor > 0 AND s.ended_on IS NULL AND s.lapses_on > greatest(p.start, least(s.renews_on, greatest(b.due_on,
        (SELECT max(a."on") FROM billing_allocation a
         WHERE a.invoice_id = i.id AND a.dispute_id IS NOT NULL AND a.amount_minor < 0))))
    """,
)
check(
    "renewal_sold_once",
    "A period that was renewed here was sold by one invoice, and each sale of a renewal has its period.",
    """
    SELECT 'period ' || period_id FROM subscriptions_sale WHERE period_id IS NOT NULL GROUP BY period_id HAVING count(*) > 1
    UNION ALL SELECT 'sale ' || id FROM subscriptions_sale WHERE kind = 'renewal' AND period_id IS NULL
    """,
)
check(
    "plan_mirrors_the_ledger",
    "Pending seats are the difference between the seats at renewal and those of today.",
    """
    SELECT 'subscription ' || s.number FROM subscriptions_subscription s
    LEFT JOIN subscriptions_plannedchange c ON c.subscription_id = s.id AND c.field = 'seats' AND c.outcome = 'pending'
    WHERE s.turns_on IS NULL AND s.ended_on IS NULL AND coalesce(c.seats, 0) <> s.seats_at_renewal - s.seats_now
    """,
)
