"""What `comptoir export` writes; columns are never renamed."""

from comptoir.kernel.export import export_of

export_of(
    "releases",
    ("product", "version", "kind", "released_on", "title", "state", "published_at", "files", "downloads", "of_trials"),
    """
    SELECT p.code AS product, r.version, r.kind, r.released_on, r.title, r.state, r.published_at, count(f.id) AS files,
           coalesce(sum(f.downloads), 0)::bigint AS downloads, coalesce(sum(f.of_trials), 0)::bigint AS of_trials
    FROM downloads_release r JOIN catalogue_product p ON p.id = r.product_id
    LEFT JOIN downloads_releasefile f ON f.release_id = r.id GROUP BY p.code, r.id ORDER BY p.code, r.released_on, r.id
    """,
)
export_of(
    "downloads",
    ("customer", "email", "product", "version", "file", "on", "how", "trial", "sent", "size", "finished_at"),
    """
    SELECT o.number AS customer, m.email, p.code AS product, r.version, f.name AS file, d."on", d.how, d.trial, d.sent, f.size,
           d.finished_at
    FROM downloads_download d JOIN organisations_organisation o ON o.id = d.organisation_id
    JOIN organisations_membership m ON m.id = d.membership_id JOIN downloads_releasefile f ON f.id = d.file_id
    JOIN downloads_release r ON r.id = f.release_id JOIN catalogue_product p ON p.id = r.product_id
    ORDER BY o.number, d.id
    """,
)
export_of(
    "trials",
    ("customer", "email", "product", "started_on", "ends_on", "bought_on"),
    """
    SELECT o.number AS customer, m.email, p.code AS product, t.started_on, t.ends_on, t.bought_on
    FROM downloads_trial t JOIN organisations_organisation o ON o.id = t.organisation_id
    JOIN organisations_membership m ON m.id = t.membership_id JOIN catalogue_product p ON p.id = t.product_id
    ORDER BY o.number, t.started_on, t.id
    """,
)
export_of(
    "assigned_updates",
    ("customer", "product", "version", "email", "group", "deadline", "assigned_by", "assigned_on", "ended_on"),
    """
    SELECT o.number AS customer, p.code AS product, r.version, m.email, g.name AS "group", a.deadline, b.email AS assigned_by,
           a.assigned_on, a.ended_on
    FROM downloads_assignedupdate a JOIN organisations_organisation o ON o.id = a.organisation_id
    JOIN downloads_release r ON r.id = a.release_id JOIN catalogue_product p ON p.id = r.product_id
    JOIN organisations_membership b ON b.id = a.assigned_by_id LEFT JOIN organisations_membership m ON m.id = a.membership_id
    LEFT JOIN organisations_group g ON g.id = a.group_id ORDER BY o.number, a.id
    """,
)
export_of(
    "installed_updates",
    ("customer", "email", "product", "version", "how", "on", "noted_by"),
    """
    SELECT o.number AS customer, m.email, p.code AS product, r.version, i.how, i."on", b.email AS noted_by
    FROM downloads_installed i JOIN organisations_organisation o ON o.id = i.organisation_id
    JOIN organisations_membership m ON m.id = i.membership_id JOIN downloads_release r ON r.id = i.release_id
    JOIN catalogue_product p ON p.id = r.product_id LEFT JOIN organisations_membership b ON b.id = i.marked_by_id
    ORDER BY o.number, i.id
    """,
)
