"""The walls of licences beside the seat and of exceptions; never more home-use licences than seats."""

from django.db import migrations

from comptoir.kernel.walls import wall

SUBSCRIPTION = {"subscription_id": "subscriptions_subscription"}
FUNCTION = """
CREATE FUNCTION entitlements_home_use_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    seats integer;
    given integer;
BEGIN
    -- whoever gives one meanwhile is waited for, and then counted
    SELECT s.seats_now INTO seats FROM subscriptions_subscription s WHERE s.id = NEW.subscription_id FOR NO KEY UPDATE;
    SELECT count(*) INTO given FROM entitlements_useright u
    WHERE u.organisation_id = NEW.organisation_id AND u.subscription_id = NEW.subscription_id AND u.kind = 'home'
    AND u.given_on <= NEW.given_on AND u.ends_on > NEW.given_on;
    IF given > seats THEN
        RAISE EXCEPTION 'subscription % has % home-use licences and % seats', NEW.subscription_id, given, seats
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER home_use_within_seats AFTER INSERT ON entitlements_useright
    FOR EACH ROW WHEN (NEW.kind = 'home') EXECUTE FUNCTION entitlements_home_use_kept();
"""
BACK = """
DROP TRIGGER home_use_within_seats ON entitlements_useright;
DROP FUNCTION entitlements_home_use_kept();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0008_use_rights"),
        ("organisations", "0008_groups_walls"),
        ("subscriptions", "0015_sharing"),
    ]
    operations = [
        wall("entitlements_useright", references={"membership_id": "organisations_membership", **SUBSCRIPTION}),
        wall("entitlements_versionexception", references=SUBSCRIPTION),
        migrations.RunSQL(FUNCTION, BACK),
    ]
