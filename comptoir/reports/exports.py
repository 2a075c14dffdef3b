"""The activity log as it leaves the house, with what its chains are proven by. Columns are never renamed."""

from comptoir.kernel.export import export_of

export_of(
    "activity",
    (
        *("chain", "line", "customer", "at", "on", "kind", "actor", "by", "contract", "subject", "number", "detail"),
        *("previous", "hash"),
    ),
    """
    SELECT e.chain, e.seq AS line, o.number AS customer, e.at, e."on", e.kind, e.actor, m.email AS by, c.number AS contract,
           e.subject, e.subject_number AS number, e.detail::text AS detail, e.previous, e.hash
    FROM kernel_event e LEFT JOIN organisations_organisation o ON o.id = e.organisation_id
    LEFT JOIN organisations_membership m ON m.id = e.by_membership_id LEFT JOIN contracts_contract c ON c.id = e.contract_id
    ORDER BY e.chain, e.seq
    """,
)
