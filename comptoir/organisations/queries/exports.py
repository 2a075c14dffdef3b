"""What `comptoir export` writes; columns are never renamed."""

from comptoir.kernel.export import export_of

export_of(
    "people",
    ("customer", "email", "first_name", "last_name", "language", "joined_on", "left_on", "roles"),
    """
    SELECT o.number AS customer, p.email, p.first_name, p.last_name, p.language, m.joined_on, m.left_on,
           coalesce((SELECT string_agg(g.role || coalesce(' ' || c.number, ''), '; ' ORDER BY c.number NULLS FIRST, g.role)
                     FROM organisations_rolegrant g LEFT JOIN contracts_contract c ON c.id = g.contract_id
                     WHERE g.membership_id = m.id), '') AS roles
    FROM organisations_membership m JOIN identity_person p ON p.id = m.person_id
    JOIN organisations_organisation o ON o.id = m.organisation_id ORDER BY o.number, m.sort_name, m.id
    """,
)
