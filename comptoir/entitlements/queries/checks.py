"""What `comptoir verify` recomputes."""

from comptoir.kernel.verifying import check

check(
    "no_more_people_than_seats",
    "No subscription has more people on its seats than seats.",
    """
    SELECT 'subscription ' || s.number || ': ' || count(*) || ' people, ' || s.seats_now || ' seats'
    FROM entitlements_assignment a JOIN subscriptions_subscription s ON s.id = a.subscription_id
    WHERE a.ended_on IS NULL AND NOT a.waiting GROUP BY s.id HAVING count(*) > s.seats_now
    """,
)
check(
    "seat_ended_after_given",
    "A seat is not taken back before it was given, and the seat ledger had begun when it was given.",
    """
    SELECT 'assignment ' || a.id FROM entitlements_assignment a
    WHERE a.ended_on < a.given_on
       OR a.given_on < (SELECT min(e."on") FROM subscriptions_seatentry e WHERE e.subscription_id = a.subscription_id)
    """,
)
