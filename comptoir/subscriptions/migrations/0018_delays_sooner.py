"""What renews by hand alone is told from the few events that say so, gathered once, and not from all of a customer's for each."""

from importlib import import_module

from django.db import migrations

BEFORE: str = import_module("comptoir.subscriptions.migrations.0014_delays").BY_HAND_ONLY
# past their end when they came here, as the import's event says, or automatic only since their end had come
BY_HAND_ONLY = """
CREATE OR REPLACE FUNCTION renewals_by_hand_only(today date) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE COST 1000 ROWS 10 AS $$
BEGIN
  RETURN QUERY
  WITH came AS MATERIALIZED (
    SELECT b.organisation_id, b.id, b.at, b."on" FROM kernel_event b WHERE b.kind IN ('customer.imported', 'world.seeded')
  ), turned AS MATERIALIZED (
    SELECT t.organisation_id, t.subject, max(t."on") AS last FROM kernel_event t
    WHERE t.kind = 'renewal.automatic_on' GROUP BY t.organisation_id, t.subject
  )
  SELECT s.id FROM subscriptions_subscription s
  LEFT JOIN turned t ON t.organisation_id = s.organisation_id AND t.subject = 'subscriptions.subscription:' || s.id
  WHERE s.automatic_renewal AND s.ended_on IS NULL AND s.lapses_on = s.renews_on AND s.renews_on < today
    AND (t.last >= s.renews_on OR EXISTS (
      SELECT 1 FROM subscriptions_seatentry e
      WHERE e.organisation_id = s.organisation_id AND e.subscription_id = s.id AND e.seq = 1 AND e.order_id IS NULL
        AND s.renews_on < (SELECT c."on" FROM came c
          WHERE c.organisation_id = s.organisation_id AND c.at >= e.at ORDER BY c.id LIMIT 1)));
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0017_tally"), ("kernel", "0009_event_by_hand_only")]
    operations = [migrations.RunSQL(BY_HAND_ONLY, BEFORE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))]
