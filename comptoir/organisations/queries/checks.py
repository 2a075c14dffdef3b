"""What `comptoir verify` recomputes."""

from comptoir.kernel.verifying import check

check(
    "member_mirrors_person",
    "A member's name and e-mail are the person's, of the account that is theirs or of one that leads to it.",
    """
    SELECT 'membership ' || m.id FROM organisations_membership m
    WHERE m.active AND m.left_on IS NULL AND NOT EXISTS (
        SELECT 1 FROM identity_person p LEFT JOIN identity_merge g ON g.closed_id = p.id
        WHERE (p.id = m.person_id OR g.kept_id = m.person_id) AND m.email = p.email
          AND m.name = coalesce(nullif(trim(p.first_name || ' ' || p.last_name), ''), p.email))
    """,
)
check(
    "nobody_stays_with_a_closed_account",
    "What is brought over leaves no member and no open wish with an account that was merged; it leads to one that is open.",
    """
    SELECT 'membership ' || m.id FROM organisations_membership m JOIN identity_merge g ON g.closed_id = m.person_id
    WHERE m.left_on IS NULL AND NOT m.organisation_id = ANY(g.customers)
    UNION ALL
    SELECT 'wish ' || j.id FROM organisations_joinrequest j JOIN identity_merge g ON g.closed_id = j.person_id
    WHERE j.state = 'open' AND NOT j.organisation_id = ANY(g.customers)
    UNION ALL
    SELECT 'merge ' || g.id FROM identity_merge g JOIN identity_person c ON c.id = g.closed_id
    WHERE c.is_active OR EXISTS (SELECT 1 FROM identity_merge o WHERE o.closed_id = g.kept_id)
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
