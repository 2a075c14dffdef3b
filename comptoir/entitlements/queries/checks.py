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
    "occupancy_of_subscriptions",
    "How many sit and wait is kept with each subscription, and that there are more people than seats, today or at its renewal.",
    """
    SELECT 'subscription ' || s.number FROM subscriptions_subscription s
    LEFT JOIN (SELECT subscription_id, count(*) FILTER (WHERE NOT waiting) AS people, count(*) FILTER (WHERE waiting) AS in_line
               FROM entitlements_assignment WHERE ended_on IS NULL GROUP BY subscription_id) a ON a.subscription_id = s.id
    LEFT JOIN subscriptions_occupancy o ON o.subscription_id = s.id
    WHERE (coalesce(o.people, 0), coalesce(o.in_line, 0), coalesce(o.crowded, false)) <>
          (coalesce(a.people, 0), coalesce(a.in_line, 0), coalesce(a.people, 0) > least(s.seats_now, s.seats_at_renewal))
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
check(
    "no_more_home_use_than_seats",
    "On the day on which a home-use licence was given, no more ran than its subscription had seats.",
    """
    SELECT 'home-use licence ' || u.id || ' of subscription ' || s.number
    FROM entitlements_useright u JOIN subscriptions_subscription s ON s.id = u.subscription_id
    WHERE u.kind = 'home' AND (
        SELECT count(*) FROM entitlements_useright o WHERE o.subscription_id = u.subscription_id AND o.kind = 'home'
        AND o.ends_on > u.given_on AND (o.given_on, o.id) <= (u.given_on, u.id)
    ) > coalesce((
        SELECT max(e.seats_now) FROM subscriptions_seatentry e
        WHERE e.subscription_id = u.subscription_id AND e."on" <= u.given_on AND e.seq >= coalesce((
            SELECT max(b.seq) FROM subscriptions_seatentry b WHERE b.subscription_id = u.subscription_id AND b."on" < u.given_on
        ), 0)
    ), 0)
    """,
)
