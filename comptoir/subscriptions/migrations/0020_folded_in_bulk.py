"""What comes in bulk is folded too: as many rows stay as there are days and products, not as there were statements."""

from django.db import migrations

NEW = """
CREATE FUNCTION subscriptions_tally_new() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE customer bigint;
BEGIN
  FOR customer IN
    WITH added AS (
      INSERT INTO subscriptions_tally (organisation_id, product_id, monthly, automatic, renews_on, lapses_on,
                                       lines, seats, people, in_line)
      SELECT s.organisation_id, s.product_id, s.term = 'month', s.automatic_renewal, s.renews_on, s.lapses_on,
             count(*), sum(s.seats_now), 0, 0
      FROM after s WHERE s.ended_on IS NULL GROUP BY 1, 2, 3, 4, 5, 6 RETURNING id, organisation_id
    ) SELECT DISTINCT a.organisation_id FROM added a WHERE a.id % 256 = 0
  LOOP
    PERFORM subscriptions_tally_folded(customer);
  END LOOP;
  RETURN NULL;
END $$;
DROP TRIGGER subscriptions_subscription_tallied ON subscriptions_subscription;
CREATE TRIGGER subscriptions_subscription_tallied AFTER INSERT ON subscriptions_subscription
REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION subscriptions_tally_new();
"""
MANY = """
CREATE OR REPLACE FUNCTION subscriptions_people_of_many_moved(which bigint[], given int[], waiting int[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE customer bigint;
BEGIN
  -- a subscription that moves to other days meanwhile takes its people with it: first the one, then the other
  PERFORM 1 FROM subscriptions_subscription s WHERE s.id = ANY(which) ORDER BY s.id FOR NO KEY UPDATE;
  INSERT INTO subscriptions_occupancy AS o (organisation_id, subscription_id, people, in_line, crowded)
  SELECT s.organisation_id, s.id, m.given, m.waiting, m.given > least(s.seats_now, s.seats_at_renewal)
  FROM unnest(which, given, waiting) AS m (id, given, waiting) JOIN subscriptions_subscription s ON s.id = m.id ORDER BY s.id
  ON CONFLICT (organisation_id, subscription_id) DO UPDATE SET
    people = o.people + excluded.people, in_line = o.in_line + excluded.in_line,
    crowded = o.people + excluded.people > (SELECT least(s.seats_now, s.seats_at_renewal) FROM subscriptions_subscription s
      WHERE s.organisation_id = excluded.organisation_id AND s.id = excluded.subscription_id);
  FOR customer IN
    WITH added AS (
      INSERT INTO subscriptions_tally (organisation_id, product_id, monthly, automatic, renews_on, lapses_on,
                                       lines, seats, people, in_line)
      SELECT s.organisation_id, s.product_id, s.term = 'month', s.automatic_renewal, s.renews_on, s.lapses_on,
             0, 0, sum(m.given), sum(m.waiting)
      FROM unnest(which, given, waiting) AS m (id, given, waiting) JOIN subscriptions_subscription s ON s.id = m.id
      WHERE s.ended_on IS NULL GROUP BY 1, 2, 3, 4, 5, 6 HAVING (sum(m.given), sum(m.waiting)) <> (0, 0)
      RETURNING id, organisation_id
    ) SELECT DISTINCT a.organisation_id FROM added a WHERE a.id % 256 = 0
  LOOP
    PERFORM subscriptions_tally_folded(customer);
  END LOOP;
END $$;
"""
BACK = """
DROP TRIGGER subscriptions_subscription_tallied ON subscriptions_subscription;
CREATE TRIGGER subscriptions_subscription_tallied AFTER INSERT ON subscriptions_subscription
REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION subscriptions_tally_moved();
DROP FUNCTION subscriptions_tally_new();
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0019_told_sooner")]
    operations = [migrations.RunSQL([NEW, MANY], BACK)]
