"""What `comptoir export` writes; columns are never renamed."""

from comptoir.kernel.export import export_of

export_of(
    "assignments",
    ("customer", "subscription", "product", "email", "given_on", "waiting", "ended_on"),
    """
    SELECT o.number AS customer, s.number AS subscription, p.code AS product, m.email, a.given_on, a.waiting, a.ended_on
    FROM entitlements_assignment a JOIN subscriptions_subscription s ON s.id = a.subscription_id
    JOIN catalogue_product p ON p.id = s.product_id JOIN organisations_membership m ON m.id = a.membership_id
    JOIN organisations_organisation o ON o.id = a.organisation_id ORDER BY o.number, s.number, a.given_on, a.id
    """,
)
