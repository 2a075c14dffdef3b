"""Whether a seat was given to the person, or came by a group alone; nobody can be given a seat that there is not."""

from django.db import migrations, models

FUNCTION = """
CREATE FUNCTION entitlements_seats_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint[];
    beyond record;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT n.subscription_id ORDER BY n.subscription_id) INTO touched
        FROM new_rows n WHERE n.ended_on IS NULL AND NOT n.waiting;
    ELSE
        SELECT array_agg(DISTINCT n.subscription_id ORDER BY n.subscription_id) INTO touched
        FROM new_rows n JOIN old_rows o ON o.id = n.id
        WHERE n.ended_on IS NULL AND NOT n.waiting
        AND (o.ended_on IS NOT NULL OR o.waiting OR o.subscription_id <> n.subscription_id);
    END IF;
    IF touched IS NULL THEN
        RETURN NULL;
    END IF;
    -- whoever gives a seat of it meanwhile is waited for, and then counted
    PERFORM 1 FROM subscriptions_subscription s WHERE s.id = ANY(touched) ORDER BY s.id FOR NO KEY UPDATE;
    SELECT s.number, s.seats_now, count(*) AS people INTO beyond
    FROM subscriptions_subscription s
    JOIN entitlements_assignment a ON a.organisation_id = s.organisation_id AND a.subscription_id = s.id
    WHERE s.id = ANY(touched) AND a.ended_on IS NULL AND NOT a.waiting
    GROUP BY s.id HAVING count(*) > s.seats_now LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'subscription % has % people and % seats', beyond.number, beyond.people, beyond.seats_now
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER people_within_seats_given AFTER INSERT ON entitlements_assignment
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION entitlements_seats_kept();
CREATE TRIGGER people_within_seats_moved AFTER UPDATE ON entitlements_assignment
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION entitlements_seats_kept();
"""
BACK = """
DROP TRIGGER people_within_seats_moved ON entitlements_assignment;
DROP TRIGGER people_within_seats_given ON entitlements_assignment;
DROP FUNCTION entitlements_seats_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0004_kept_seats"), ("subscriptions", "0002_walls")]
    operations = [
        migrations.AddField("assignment", "direct", models.BooleanField(db_default=True, default=True)),
        migrations.AddIndex(
            "assignment",
            models.Index(
                fields=["organisation", "subscription", "given_on", "id"],
                name="assignment_in_line",
                condition=models.Q(ended_on=None, waiting=True),
            ),
        ),
        migrations.RunSQL(FUNCTION, BACK),
    ]
