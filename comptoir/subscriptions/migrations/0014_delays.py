"""Which subscriptions are past their end by a delay that is not the customer's (rules 2, 6).

Functions, so that a list asks them only once a row is past grace, and pays for no plan before. They run as who calls them: the
walls hold.
"""

from django.db import migrations

# past their end when they came here, as the import's event says, or automatic only since their end had come
BY_HAND_ONLY = """
CREATE FUNCTION renewals_by_hand_only(today date) RETURNS SETOF bigint LANGUAGE plpgsql STABLE COST 1000 ROWS 10 AS $$
BEGIN
  RETURN QUERY SELECT s.id FROM subscriptions_subscription s
    WHERE s.automatic_renewal AND s.ended_on IS NULL AND s.lapses_on = s.renews_on AND s.renews_on < today AND (
      EXISTS (SELECT 1 FROM subscriptions_seatentry e
        WHERE e.organisation_id = s.organisation_id AND e.subscription_id = s.id AND e.seq = 1 AND e.order_id IS NULL
          AND s.renews_on < (SELECT b."on" FROM kernel_event b
            WHERE b.organisation_id = s.organisation_id AND b.kind IN ('customer.imported', 'world.seeded') AND b.at >= e.at
            ORDER BY b.id LIMIT 1))
      OR 'subscriptions.subscription:' || s.id IN (SELECT t.subject FROM kernel_event t
        WHERE t.organisation_id = s.organisation_id AND t.kind = 'renewal.automatic_on' AND t."on" >= s.renews_on));
END $$;
"""
# held back by the vendor; ordered in time, so from the old end on, and not paid yet; what no night has come to
DELAYED = """
CREATE FUNCTION renewals_delayed(today date, unserved text[]) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE COST 1000 ROWS 10 AS $$
DECLARE done_to date;
BEGIN
  RETURN QUERY SELECT p.subscription_id FROM subscriptions_parked p
    JOIN subscriptions_subscription s ON s.organisation_id = p.organisation_id AND s.id = p.subscription_id
    WHERE p.state = 'open' AND p.renews_on = s.renews_on;
  RETURN QUERY SELECT s.id FROM subscriptions_order o
    JOIN subscriptions_orderline l ON l.organisation_id = o.organisation_id AND l.order_id = o.id
    JOIN subscriptions_subscription s ON s.organisation_id = l.organisation_id AND s.id = l.subscription_id
    WHERE o.state IN ('placed', 'parked') AND o.verb = 'renew' AND l.start = s.renews_on;
  SELECT coalesce(min(n.day) FILTER (WHERE n.finished_at IS NULL OR n.failed > 0) - 1, max(n.day), '-infinity') INTO done_to
    FROM kernel_nightrun n;
  IF done_to >= today THEN
    RETURN;
  END IF;
  RETURN QUERY SELECT s.id FROM subscriptions_subscription s
    JOIN contracts_contract c ON c.organisation_id = s.organisation_id AND c.id = s.contract_id
    JOIN organisations_organisation g ON g.id = s.organisation_id
    WHERE s.renews_on > done_to AND s.renews_on <= today AND s.lapses_on = s.renews_on AND s.automatic_renewal
      AND s.turns_on IS NULL AND s.ended_on IS NULL AND c.channel = 'direct' AND g.country <> ALL (unserved)
      AND NOT EXISTS (SELECT 1 FROM subscriptions_renewalrun r
        WHERE r.organisation_id = s.organisation_id AND r.finished_at IS NOT NULL AND r.day >= s.renews_on)
      AND s.id NOT IN (SELECT renewals_by_hand_only(today));
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("subscriptions", "0013_calendar_walls"),
        ("kernel", "0005_nights"),
        ("contracts", "0002_walls"),
        ("organisations", "0003_figures"),
    ]
    operations = [
        migrations.RunSQL(BY_HAND_ONLY, "DROP FUNCTION renewals_by_hand_only"),
        migrations.RunSQL(DELAYED, "DROP FUNCTION renewals_delayed"),
    ]
