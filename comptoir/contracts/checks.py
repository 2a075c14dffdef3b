"""What `comptoir verify` recomputes of contracts: what names one without a foreign key of its own belongs to its customer."""

from comptoir.kernel.verifying import check

NAMING = ("organisations_rolegrant", "billing_invoice", "kernel_event", "kernel_askedverb")

check(
    "contract_within_customer",
    "A row that names a contract belongs to the contract's customer.",
    " UNION ALL ".join(
        f"SELECT '{table} ' || t.id FROM {table} t WHERE t.contract_id IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM contracts_contract c WHERE c.id = t.contract_id AND c.organisation_id = t.organisation_id)"
        for table in NAMING
    ),
)
