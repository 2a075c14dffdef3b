"""The licence check of an activated device in one round trip, by the digest of its secret.

It sees what the restricted login sees: the policy of devices shows the one row whose secret is known, and the wall is opened for
that row's customer alone, while the function runs. It says `yes` only where that needs no count of people; everything else
(`ask`) is answered by the rule itself, `rules.licences`.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION entitlements_licence_of_device(
    secret text, wanted text, grace integer, in_sandbox boolean, zone text, use_minutes integer, seen_minutes integer
) RETURNS TABLE (
    verdict text, device bigint, organisation bigint, member bigint, product bigint, on_day date, house text, used boolean,
    unseen boolean
) LANGUAGE plpgsql SECURITY INVOKER AS $$
DECLARE
    read_before text := coalesce(current_setting('app.read', true), '');
    token_before text := coalesce(current_setting('app.token', true), '');
    house_before text := coalesce(current_setting('app.house', true), '');
    found_device entitlements_device;
    seat record;
BEGIN
    PERFORM set_config('app.token', secret, true);
    SELECT * INTO found_device FROM entitlements_device d WHERE d.digest = secret;
    IF NOT FOUND THEN
        PERFORM set_config('app.token', token_before, true);
        RETURN;
    END IF;
    device := found_device.id;
    organisation := found_device.organisation_id;
    member := found_device.membership_id;
    product := found_device.product_id;
    used := found_device.in_use AND found_device.used_at > now() - make_interval(mins => use_minutes);
    unseen := found_device.last_seen_at < now() - make_interval(mins => seen_minutes);
    verdict := 'ask';
    PERFORM set_config('app.token', token_before, true),
        set_config('app.read', '{' || organisation::text || '}', true), set_config('app.house', 'yes', true);
    SELECT coalesce(CASE WHEN in_sandbox THEN h.business_day END, (now() AT TIME ZONE zone)::date), c.hash INTO on_day, house
    FROM kernel_house h LEFT JOIN kernel_chain c ON c.chain = 'h';
    PERFORM set_config('app.house', house_before, true);
    IF found_device.ended_at IS NOT NULL THEN
        verdict := 'ended';
    ELSIF NOT EXISTS (SELECT 1 FROM catalogue_product p WHERE p.id = product AND p.code = wanted) THEN
        verdict := 'other';
    ELSIF member IS NOT NULL AND EXISTS (
        SELECT 1 FROM organisations_membership m JOIN identity_person p ON p.id = m.person_id
        WHERE m.organisation_id = organisation AND m.id = member AND m.left_on IS NULL AND m.active AND p.is_active
    ) AND (found_device.key_id IS NULL OR EXISTS (
        SELECT 1 FROM entitlements_licencekey k
        WHERE k.organisation_id = organisation AND k.id = found_device.key_id AND k.ended_at IS NULL
    )) AND NOT EXISTS (
        SELECT 1 FROM entitlements_device o
        WHERE o.organisation_id = organisation AND o.membership_id = member AND o.product_id = product
        AND o.in_use AND o.id <> device AND o.used_at > now() - make_interval(mins => use_minutes)
    ) THEN
        FOR seat IN
            SELECT s.id, CASE
                WHEN s.turns_on <= on_day OR (s.turns_on IS NULL AND s.renews_on <= on_day AND s.automatic_renewal)
                THEN least(s.seats_now, s.seats_at_renewal) ELSE s.seats_now END AS counted
            FROM entitlements_assignment a
            JOIN subscriptions_subscription s ON s.organisation_id = a.organisation_id AND s.id = a.subscription_id
            WHERE a.organisation_id = organisation AND a.membership_id = member AND a.ended_on IS NULL AND NOT a.waiting
            AND s.product_id = product AND s.ended_on IS NULL AND s.lapses_on > on_day - grace
        LOOP
            -- nobody is given a seat that there is not: where seats were never more than those that count, everybody has one
            IF NOT EXISTS (
                SELECT 1 FROM subscriptions_seatentry e
                WHERE e.organisation_id = organisation AND e.subscription_id = seat.id AND e.seats_now > seat.counted
            ) OR (
                SELECT count(*) FROM entitlements_assignment a
                WHERE a.organisation_id = organisation AND a.subscription_id = seat.id AND a.ended_on IS NULL AND NOT a.waiting
            ) <= seat.counted THEN
                verdict := 'yes';
                EXIT;
            END IF;
        END LOOP;
    END IF;
    PERFORM set_config('app.read', read_before, true);
    RETURN NEXT;
END $$;
"""
BACK = "DROP FUNCTION entitlements_licence_of_device(text, text, integer, boolean, text, integer, integer);"


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0015_files_and_leases_walls"),
        ("kernel", "0005_nights"),
        ("identity", "0001_initial"),
        ("subscriptions", "0016_beginnings"),
    ]
    operations = [migrations.RunSQL(FUNCTION, BACK)]
