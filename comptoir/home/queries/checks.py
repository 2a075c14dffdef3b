"""What `comptoir verify` recomputes of notices."""

from comptoir.kernel.verifying import check

check(
    "notices_are_of_the_log",
    "A notice is of a line of the customer's log that was read for notices, on the day of that line.",
    """
    SELECT 'notice ' || n.id || ' of line ' || n.seq
    FROM home_notice n LEFT JOIN kernel_event e ON e.chain = 'c:' || n.organisation_id AND e.seq = n.seq
    LEFT JOIN home_logread r ON r.organisation_id = n.organisation_id
    WHERE e.seq IS NULL OR e."on" <> n."on" OR n.seq > coalesce(r.seq, 0)
    UNION ALL
    SELECT 'log of customer ' || r.organisation_id || ' read up to ' || r.seq
    FROM home_logread r LEFT JOIN kernel_chain c ON c.chain = 'c:' || r.organisation_id
    WHERE r.seq > coalesce(c.seq, 0)
    """,
)
