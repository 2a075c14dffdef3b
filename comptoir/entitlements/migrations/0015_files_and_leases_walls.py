"""The walls of licence files and leases; a lease is taken, kept and borrowed only where there is a seat for it."""

from django.db import migrations

from comptoir.kernel.walls import wall

SUBSCRIPTION = {"subscription_id": "subscriptions_subscription"}
MEMBER = {"membership_id": "organisations_membership"}
FUNCTION = """
CREATE FUNCTION entitlements_leases_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    seats integer;
    taken integer;
BEGIN
    -- whoever takes or keeps one meanwhile is waited for, and then counted
    SELECT CASE WHEN coalesce(s.turns_on, CASE WHEN s.automatic_renewal THEN s.renews_on END) <= NEW.heard_on
        THEN least(s.seats_now, s.seats_at_renewal) ELSE s.seats_now END
    INTO seats FROM subscriptions_subscription s WHERE s.id = NEW.subscription_id FOR NO KEY UPDATE;
    SELECT 1 + (SELECT count(*) FROM entitlements_assignment a WHERE a.organisation_id = NEW.organisation_id
            AND a.subscription_id = NEW.subscription_id AND a.ended_on IS NULL AND NOT a.waiting)
        + (SELECT count(*) FROM entitlements_lease l WHERE l.organisation_id = NEW.organisation_id
            AND l.subscription_id = NEW.subscription_id AND l.ended_at IS NULL AND l.id <> NEW.id
            -- one that was taken later gives way to one that is kept; what is borrowed does not, nor what was there before
            AND CASE WHEN l.borrowed_until IS NOT NULL THEN l.borrowed_until > NEW.heard_on
                ELSE l.free_at > NEW.heard_at AND (TG_OP = 'INSERT' OR l.id < NEW.id) END)
    INTO taken;
    IF taken > seats THEN
        RAISE EXCEPTION 'subscription % has % seats and % in use', NEW.subscription_id, seats, taken
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER lease_within_seats_taken AFTER INSERT ON entitlements_lease
    FOR EACH ROW WHEN (NEW.ended_at IS NULL) EXECUTE FUNCTION entitlements_leases_kept();
CREATE TRIGGER lease_within_seats_kept AFTER UPDATE ON entitlements_lease
    FOR EACH ROW WHEN (NEW.ended_at IS NULL) EXECUTE FUNCTION entitlements_leases_kept();
"""
BACK = """
DROP TRIGGER lease_within_seats_kept ON entitlements_lease;
DROP TRIGGER lease_within_seats_taken ON entitlements_lease;
DROP FUNCTION entitlements_leases_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("entitlements", "0014_files_and_leases"), ("subscriptions", "0016_beginnings")]
    operations = [
        wall("entitlements_lease", references={**SUBSCRIPTION, **MEMBER, "key_id": "entitlements_licencekey"}),
        wall(
            "entitlements_licencefile",
            references={**SUBSCRIPTION, **MEMBER, "device_id": "entitlements_device", "lease_id": "entitlements_lease"},
        ),
        migrations.RunSQL(FUNCTION, BACK),
    ]
