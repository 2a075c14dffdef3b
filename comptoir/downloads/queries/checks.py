"""What `comptoir verify` recomputes of releases, downloads, trials and updates."""

from comptoir.kernel.verifying import check

check(
    "published_release_has_files",
    "A release that was published here has a file that installs it.",
    """
    SELECT 'release ' || p.code || ' ' || r.version
    FROM downloads_release r JOIN catalogue_product p ON p.id = r.product_id
    WHERE (r.published_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM downloads_releasefile f WHERE f.release_id = r.id AND f.kind <> 'documentation'
    )) OR (r.state = 'draft' AND r.published_at IS NOT NULL)
    """,
)
check(
    "downloads_counted",
    "What a file counts of its downloads and of those of trials is what the customers' rows come to.",
    """
    SELECT 'file ' || f.name || ': ' || f.downloads || ' and ' || f.of_trials || ' counted, '
           || d.n || ' and ' || d.tried || ' made'
    FROM downloads_releasefile f CROSS JOIN LATERAL (
        SELECT count(*) AS n, count(*) FILTER (WHERE trial) AS tried FROM downloads_download WHERE file_id = f.id
    ) d WHERE (f.downloads, f.of_trials) <> (d.n, d.tried)
    """,
)
check(
    "downloads_add_up",
    "A download is finished once all its bytes were sent, never more; one of a trial has its trial; no draft is downloaded.",
    """
    SELECT 'download ' || d.id FROM downloads_download d
    JOIN downloads_releasefile f ON f.id = d.file_id JOIN downloads_release r ON r.id = f.release_id
    WHERE d.sent > f.size OR (d.finished_at IS NOT NULL) <> (d.sent >= f.size) OR r.state = 'draft'
       OR d.trial AND NOT EXISTS (
           SELECT 1 FROM downloads_trial t WHERE t.membership_id = d.membership_id AND t.product_id = r.product_id
           AND t.started_on <= d."on" AND t.ends_on > d."on")
    """,
)
check(
    "trials_once_each",
    "Everybody tries a product once, for 30 days, as the member that they are.",
    """
    SELECT 'trial ' || t.id FROM downloads_trial t JOIN organisations_membership m ON m.id = t.membership_id
    WHERE m.person_id <> t.person_id OR t.ends_on <> t.started_on + 30
       OR (SELECT count(*) FROM downloads_trial o WHERE o.person_id = t.person_id AND o.product_id = t.product_id) > 1
    """,
)
check(
    "updates_of_what_is_out",
    "Nobody is told of a draft, asked to install one or has one; what is asked ends after it began, and members ask it.",
    """
    SELECT 'news ' || n.id FROM downloads_news n JOIN downloads_release r ON r.id = n.release_id WHERE r.state = 'draft'
    UNION ALL
    SELECT 'installed ' || i.id FROM downloads_installed i JOIN downloads_release r ON r.id = i.release_id WHERE r.state = 'draft'
    UNION ALL
    SELECT 'assigned update ' || a.id FROM downloads_assignedupdate a JOIN downloads_release r ON r.id = a.release_id
    WHERE r.state = 'draft' OR a.ended_on < a.assigned_on
       OR NOT EXISTS (SELECT 1 FROM organisations_membership m WHERE m.id = a.assigned_by_id
                      AND m.organisation_id = a.organisation_id)
    """,
)
check(
    "whole_downloads_are_installed",
    "Who downloaded all of an installer in the browser has that release.",
    """
    SELECT 'download ' || d.id FROM downloads_download d JOIN downloads_releasefile f ON f.id = d.file_id
    WHERE d.finished_at IS NOT NULL AND d.how = 'browser' AND f.kind <> 'documentation' AND NOT EXISTS (
        SELECT 1 FROM downloads_installed i WHERE i.membership_id = d.membership_id AND i.release_id = f.release_id
        AND i.how = 'download')
    """,
)
