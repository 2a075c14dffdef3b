"""What `comptoir verify` recomputes."""

from comptoir.kernel.verifying import check

check(
    "member_mirrors_person",
    "A member's name and e-mail are the person's.",
    """
    SELECT 'membership ' || m.id FROM organisations_membership m JOIN identity_person p ON p.id = m.person_id
    WHERE m.active AND m.left_on IS NULL AND (m.email <> p.email
       OR m.name <> coalesce(nullif(trim(p.first_name || ' ' || p.last_name), ''), p.email))
    """,
)
check(
    "requests_by_members",
    "Whoever asked and whoever decided belongs to the customer; only who asked can withdraw.",
    """
    SELECT 'request ' || a.id FROM kernel_askedverb a
    WHERE NOT EXISTS (
            SELECT 1 FROM organisations_membership m WHERE m.id = a.asked_by_id AND m.organisation_id = a.organisation_id)
       OR a.decided_by_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM organisations_membership m WHERE m.id = a.decided_by_id AND m.organisation_id = a.organisation_id)
       OR a.state = 'withdrawn' AND a.decided_by_id IS DISTINCT FROM a.asked_by_id
    """,
)
