"""What a customer's subscriptions come to is kept as they change, by triggers, whoever writes them.

Rows are only added, so that no verb waits for another; where a customer's have grown in number, those that are alike become one
row. The functions run as who calls them: the walls hold. Whoever sits is told by entitlements (their migration 0017).
"""

import django.db.models.deletion
from django.db import migrations, models

from comptoir.kernel.walls import wall

# one in so many new rows folds its customer's: the sum stays, and nobody else changes or deletes a row
FOLD = """
CREATE FUNCTION subscriptions_tally_folded() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE customer bigint;
BEGIN
  FOR customer IN SELECT DISTINCT a.organisation_id FROM added a WHERE a.id % 256 = 0 LOOP
    -- two at once would wait for each other: the second leaves it to the first
    CONTINUE WHEN NOT pg_try_advisory_xact_lock(hashtextextended('subscriptions_tally ' || customer, 0));
    WITH alike AS MATERIALIZED (
      SELECT array_agg(t.id) AS ids FROM subscriptions_tally t WHERE t.organisation_id = customer
      GROUP BY t.product_id, t.monthly, t.automatic, t.renews_on, t.lapses_on HAVING count(*) > 1
    ), gone AS (
      DELETE FROM subscriptions_tally t USING (SELECT unnest(ids) AS id FROM alike) g WHERE t.id = g.id RETURNING t.*
    )
    INSERT INTO subscriptions_tally (organisation_id, product_id, monthly, automatic, renews_on, lapses_on,
                                     lines, seats, people, in_line)
    SELECT organisation_id, product_id, monthly, automatic, renews_on, lapses_on,
           sum(lines), sum(seats), sum(people), sum(in_line)
    FROM gone GROUP BY organisation_id, product_id, monthly, automatic, renews_on, lapses_on
    HAVING (sum(lines), sum(seats), sum(people), sum(in_line)) <> (0, 0, 0, 0);
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER subscriptions_tally_folds AFTER INSERT ON subscriptions_tally REFERENCING NEW TABLE AS added
FOR EACH STATEMENT WHEN (pg_trigger_depth() < 2) EXECUTE FUNCTION subscriptions_tally_folded();
"""
MOVED = """
CREATE FUNCTION subscriptions_tally_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO subscriptions_tally (organisation_id, product_id, monthly, automatic, renews_on, lapses_on,
                                     lines, seats, people, in_line)
    SELECT s.organisation_id, s.product_id, s.term = 'month', s.automatic_renewal, s.renews_on, s.lapses_on,
           count(*), sum(s.seats_now), 0, 0
    FROM after s WHERE s.ended_on IS NULL GROUP BY 1, 2, 3, 4, 5, 6;
    RETURN NULL;
  END IF;
  INSERT INTO subscriptions_tally (organisation_id, product_id, monthly, automatic, renews_on, lapses_on,
                                   lines, seats, people, in_line)
  SELECT s.organisation_id, s.product_id, s.term = 'month', s.automatic_renewal, s.renews_on, s.lapses_on,
         sum(s.sign), sum(s.sign * s.seats_now), sum(s.sign * coalesce(o.people, 0)), sum(s.sign * coalesce(o.in_line, 0))
  FROM (SELECT 1 AS sign, n.* FROM after n UNION ALL SELECT -1, b.* FROM before b) s
  LEFT JOIN subscriptions_occupancy o ON o.organisation_id = s.organisation_id AND o.subscription_id = s.id
  WHERE s.ended_on IS NULL GROUP BY 1, 2, 3, 4, 5, 6
  HAVING (sum(s.sign), sum(s.sign * s.seats_now), sum(s.sign * coalesce(o.people, 0)), sum(s.sign * coalesce(o.in_line, 0)))
         <> (0, 0, 0, 0);
  UPDATE subscriptions_occupancy o SET crowded = NOT o.crowded FROM after n
  WHERE o.organisation_id = n.organisation_id AND o.subscription_id = n.id
    AND o.crowded <> (o.people > least(n.seats_now, n.seats_at_renewal));
  RETURN NULL;
END $$;
CREATE TRIGGER subscriptions_subscription_tallied AFTER INSERT ON subscriptions_subscription
REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION subscriptions_tally_moved();
CREATE TRIGGER subscriptions_subscription_moved AFTER UPDATE ON subscriptions_subscription
REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION subscriptions_tally_moved();
"""
# by how much those who sit and those who wait became more, of each subscription
PEOPLE = """
CREATE FUNCTION subscriptions_people_moved(which bigint[], given int[], waiting int[]) RETURNS void LANGUAGE plpgsql AS $$
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
  INSERT INTO subscriptions_tally (organisation_id, product_id, monthly, automatic, renews_on, lapses_on,
                                   lines, seats, people, in_line)
  SELECT s.organisation_id, s.product_id, s.term = 'month', s.automatic_renewal, s.renews_on, s.lapses_on,
         0, 0, sum(m.given), sum(m.waiting)
  FROM unnest(which, given, waiting) AS m (id, given, waiting) JOIN subscriptions_subscription s ON s.id = m.id
  WHERE s.ended_on IS NULL GROUP BY 1, 2, 3, 4, 5, 6 HAVING (sum(m.given), sum(m.waiting)) <> (0, 0);
END $$;
"""
# the triggers above hold back whoever writes until this is done
FILL = """
INSERT INTO subscriptions_tally (organisation_id, product_id, monthly, automatic, renews_on, lapses_on,
                                 lines, seats, people, in_line)
SELECT s.organisation_id, s.product_id, s.term = 'month', s.automatic_renewal, s.renews_on, s.lapses_on,
       count(*), sum(s.seats_now), 0, 0
FROM subscriptions_subscription s WHERE s.ended_on IS NULL GROUP BY 1, 2, 3, 4, 5, 6;
"""
UNDO = """
DROP TRIGGER subscriptions_subscription_moved ON subscriptions_subscription;
DROP TRIGGER subscriptions_subscription_tallied ON subscriptions_subscription;
DROP TRIGGER subscriptions_tally_folds ON subscriptions_tally;
DROP FUNCTION subscriptions_people_moved(bigint[], int[], int[]);
DROP FUNCTION subscriptions_tally_moved();
DROP FUNCTION subscriptions_tally_folded();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0004_sharing"),
        ("organisations", "0016_role_checks_walls"),
        ("subscriptions", "0016_beginnings"),
    ]
    operations = [
        migrations.CreateModel(
            name="Occupancy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("people", models.IntegerField()),
                ("in_line", models.IntegerField()),
                ("crowded", models.BooleanField()),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation"
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="occupancy",
                        to="subscriptions.subscription",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("crowded", True)), fields=["organisation", "subscription"], name="occupancy_crowded"
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("organisation", "subscription"), name="occupancy_once")],
            },
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("monthly", models.BooleanField()),
                ("automatic", models.BooleanField()),
                ("renews_on", models.DateField()),
                ("lapses_on", models.DateField()),
                ("lines", models.IntegerField()),
                ("seats", models.BigIntegerField()),
                ("people", models.BigIntegerField()),
                ("in_line", models.BigIntegerField()),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="catalogue.product"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["organisation", "lapses_on"],
                        include=("product", "monthly", "automatic", "renews_on", "lines", "seats", "people", "in_line"),
                        name="tally_by_lapse",
                    )
                ],
            },
        ),
        wall("subscriptions_occupancy", references={"subscription_id": "subscriptions_subscription"}),
        wall("subscriptions_tally"),
        migrations.RunSQL([FOLD, MOVED, PEOPLE, FILL], UNDO),
    ]
