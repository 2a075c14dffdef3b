"""Whoever sits or waits moves what subscriptions keep of their people (their migration 0017)."""

from django.db import migrations

TALLIED = """
CREATE FUNCTION entitlements_people_tallied() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  which bigint[];
  given int[];
  waiting int[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(d.id ORDER BY d.id), array_agg(d.given::int ORDER BY d.id), array_agg(d.waiting::int ORDER BY d.id)
    INTO which, given, waiting FROM (
      SELECT n.subscription_id AS id, count(*) FILTER (WHERE NOT n.waiting) AS given, count(*) FILTER (WHERE n.waiting) AS waiting
      FROM after n WHERE n.ended_on IS NULL GROUP BY n.subscription_id) d;
  ELSE
    SELECT array_agg(d.id ORDER BY d.id), array_agg(d.given::int ORDER BY d.id), array_agg(d.waiting::int ORDER BY d.id)
    INTO which, given, waiting FROM (
      SELECT r.subscription_id AS id, coalesce(sum(r.sign) FILTER (WHERE NOT r.waiting), 0) AS given,
             coalesce(sum(r.sign) FILTER (WHERE r.waiting), 0) AS waiting
      FROM (SELECT 1 AS sign, n.* FROM after n UNION ALL SELECT -1, b.* FROM before b) r
      WHERE r.ended_on IS NULL GROUP BY r.subscription_id) d
    WHERE (d.given, d.waiting) <> (0, 0);
  END IF;
  IF which IS NOT NULL THEN
    PERFORM subscriptions_people_moved(which, given, waiting);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER people_tallied AFTER INSERT ON entitlements_assignment
REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION entitlements_people_tallied();
CREATE TRIGGER people_tallied_anew AFTER UPDATE ON entitlements_assignment
REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION entitlements_people_tallied();
"""
# subscriptions stay on their days until those who are here already are counted
FILL = """
LOCK TABLE subscriptions_subscription IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO subscriptions_occupancy (organisation_id, subscription_id, people, in_line, crowded)
SELECT s.organisation_id, s.id, count(*) FILTER (WHERE NOT a.waiting), count(*) FILTER (WHERE a.waiting),
       count(*) FILTER (WHERE NOT a.waiting) > least(s.seats_now, s.seats_at_renewal)
FROM entitlements_assignment a JOIN subscriptions_subscription s ON s.id = a.subscription_id
WHERE a.ended_on IS NULL GROUP BY s.id;
INSERT INTO subscriptions_tally (organisation_id, product_id, monthly, automatic, renews_on, lapses_on,
                                 lines, seats, people, in_line)
SELECT s.organisation_id, s.product_id, s.term = 'month', s.automatic_renewal, s.renews_on, s.lapses_on,
       0, 0, sum(o.people), sum(o.in_line)
FROM subscriptions_occupancy o JOIN subscriptions_subscription s ON s.id = o.subscription_id
WHERE s.ended_on IS NULL GROUP BY 1, 2, 3, 4, 5, 6;
"""
UNDO = """
DROP TRIGGER people_tallied_anew ON entitlements_assignment;
DROP TRIGGER people_tallied ON entitlements_assignment;
DROP FUNCTION entitlements_people_tallied();
"""


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0016_licence_of_device"), ("subscriptions", "0017_tally")]
    operations = [migrations.RunSQL([TALLIED, FILL], UNDO)]
