"""What every verb asks and writes costs less: one subscription's people are moved without a plan for many, rows are folded by who
adds them, and which payments run is asked of a function, whose plans are kept.
"""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("comptoir.subscriptions.migrations.0017_tally")
FOLD = """
DROP TRIGGER subscriptions_tally_folds ON subscriptions_tally;
DROP FUNCTION subscriptions_tally_folded();
CREATE FUNCTION subscriptions_tally_folded(customer bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- two at once would wait for each other: the second leaves it to the first
  IF NOT pg_try_advisory_xact_lock(hashtextextended('subscriptions_tally ' || customer, 0)) THEN
    RETURN;
  END IF;
  WITH alike AS MATERIALIZED (
    SELECT array_agg(t.id) AS ids FROM subscriptions_tally t WHERE t.organisation_id = customer
    GROUP BY t.product_id, t.monthly, t.automatic, t.renews_on, t.lapses_on HAVING count(*) > 1
  ), gone AS (
    DELETE FROM subscriptions_tally t USING (SELECT unnest(ids) AS id FROM alike) g WHERE t.id = g.id RETURNING t.*
  )
  INSERT INTO subscriptions_tally (organisation_id, product_id, monthly, automatic, renews_on, lapses_on,
                                   lines, seats, people, in_line)
  SELECT organisation_id, product_id, monthly, automatic, renews_on, lapses_on, sum(lines), sum(seats), sum(people), sum(in_line)
  FROM gone GROUP BY organisation_id, product_id, monthly, automatic, renews_on, lapses_on
  HAVING (sum(lines), sum(seats), sum(people), sum(in_line)) <> (0, 0, 0, 0);
END $$;
"""
MOVED = """
CREATE OR REPLACE FUNCTION subscriptions_tally_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE customer bigint;
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO subscriptions_tally (organisation_id, product_id, monthly, automatic, renews_on, lapses_on,
                                     lines, seats, people, in_line)
    SELECT s.organisation_id, s.product_id, s.term = 'month', s.automatic_renewal, s.renews_on, s.lapses_on,
           count(*), sum(s.seats_now), 0, 0
    FROM after s WHERE s.ended_on IS NULL GROUP BY 1, 2, 3, 4, 5, 6;
    RETURN NULL;
  END IF;
  FOR customer IN
    WITH moved AS (
      SELECT s.organisation_id, s.product_id, s.term = 'month', s.automatic_renewal, s.renews_on, s.lapses_on,
             sum(s.sign), sum(s.sign * s.seats_now), sum(s.sign * coalesce(o.people, 0)), sum(s.sign * coalesce(o.in_line, 0))
      FROM (SELECT 1 AS sign, n.* FROM after n UNION ALL SELECT -1, b.* FROM before b) s
      LEFT JOIN subscriptions_occupancy o ON o.organisation_id = s.organisation_id AND o.subscription_id = s.id
      WHERE s.ended_on IS NULL GROUP BY 1, 2, 3, 4, 5, 6
      HAVING (sum(s.sign), sum(s.sign * s.seats_now), sum(s.sign * coalesce(o.people, 0)), sum(s.sign * coalesce(o.in_line, 0)))
             <> (0, 0, 0, 0)
    ), added AS (
      INSERT INTO subscriptions_tally (organisation_id, product_id, monthly, automatic, renews_on, lapses_on,
                                       lines, seats, people, in_line)
      SELECT * FROM moved RETURNING id, organisation_id
    ) SELECT DISTINCT a.organisation_id FROM added a WHERE a.id % 256 = 0
  LOOP
    PERFORM subscriptions_tally_folded(customer);
  END LOOP;
  UPDATE subscriptions_occupancy o SET crowded = NOT o.crowded FROM after n
  WHERE o.organisation_id = n.organisation_id AND o.subscription_id = n.id
    AND o.crowded <> (o.people > least(n.seats_now, n.seats_at_renewal));
  RETURN NULL;
END $$;
"""
PEOPLE = """
ALTER FUNCTION subscriptions_people_moved(bigint[], int[], int[]) RENAME TO subscriptions_people_of_many_moved;
CREATE FUNCTION subscriptions_people_moved(which bigint[], given int[], waiting int[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  s subscriptions_subscription;
  made bigint;
BEGIN
  IF cardinality(which) > 1 THEN
    PERFORM subscriptions_people_of_many_moved(which, given, waiting);
    RETURN;
  END IF;
  -- a subscription that moves to other days meanwhile takes its people with it: first the one, then the other
  SELECT * INTO STRICT s FROM subscriptions_subscription WHERE id = which[1] FOR NO KEY UPDATE;
  UPDATE subscriptions_occupancy SET people = people + given[1], in_line = in_line + waiting[1],
    crowded = people + given[1] > least(s.seats_now, s.seats_at_renewal)
  WHERE organisation_id = s.organisation_id AND subscription_id = s.id;
  IF NOT FOUND THEN
    INSERT INTO subscriptions_occupancy (organisation_id, subscription_id, people, in_line, crowded)
    VALUES (s.organisation_id, s.id, given[1], waiting[1], given[1] > least(s.seats_now, s.seats_at_renewal));
  END IF;
  IF s.ended_on IS NULL THEN
    INSERT INTO subscriptions_tally (organisation_id, product_id, monthly, automatic, renews_on, lapses_on,
                                     lines, seats, people, in_line)
    VALUES (s.organisation_id, s.product_id, s.term = 'month', s.automatic_renewal, s.renews_on, s.lapses_on,
            0, 0, given[1], waiting[1]) RETURNING id INTO made;
    IF made % 256 = 0 THEN
      PERFORM subscriptions_tally_folded(s.organisation_id);
    END IF;
  END IF;
END $$;
"""
# an order that waits for its payment or is held, or an invoice that is being charged
RUNNING = """
CREATE FUNCTION subscriptions_payment_running(customer bigint, which bigint[]) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE COST 1000 ROWS 10 AS $$
BEGIN
  RETURN QUERY SELECT l.subscription_id FROM subscriptions_order o
    JOIN subscriptions_orderline l ON l.organisation_id = o.organisation_id AND l.order_id = o.id
    WHERE o.organisation_id = customer AND o.state IN ('placed', 'parked') AND l.subscription_id = ANY (which);
  RETURN QUERY SELECT s.subscription_id FROM billing_attempt a
    JOIN subscriptions_sale s ON s.organisation_id = a.organisation_id AND s.invoice_id = a.invoice_id
    WHERE a.organisation_id = customer AND a.state IN ('created', 'sent', 'unknown', 'pending', 'needs_action')
      AND s.subscription_id = ANY (which);
END $$;
"""
BACK = f"""
DROP FUNCTION subscriptions_payment_running(bigint, bigint[]);
DROP FUNCTION subscriptions_people_moved(bigint[], int[], int[]);
ALTER FUNCTION subscriptions_people_of_many_moved(bigint[], int[], int[]) RENAME TO subscriptions_people_moved;
{BEFORE.MOVED.split("CREATE TRIGGER", 1)[0].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")}
DROP FUNCTION subscriptions_tally_folded(bigint);
{BEFORE.FOLD}
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0018_delays_sooner"), ("billing", "0005_payments")]
    operations = [migrations.RunSQL([FOLD, MOVED, PEOPLE, RUNNING], BACK)]
