"""The member whom an access token acts for, in one round trip, by the digest of the token.

Every call to the API asks it, and planning the two queries under their policies cost several times what they read: a function
plans once for each connection. It sees what the restricted login sees: the policy of tokens shows the one row whose secret is
known, the wall is opened for that row's customer alone, and both are closed again.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION organisations_member_by_token(secret text, at timestamptz) RETURNS TABLE (
    token bigint, name text, scopes json, membership bigint, person bigint, held json,
    organisation bigint, number text, customer text, currency text, country text
) LANGUAGE plpgsql SECURITY INVOKER AS $$
DECLARE
    read_before text := coalesce(current_setting('app.read', true), '');
    token_before text := coalesce(current_setting('app.token', true), '');
    found_token organisations_accesstoken;
BEGIN
    PERFORM set_config('app.token', secret, true);
    SELECT * INTO found_token FROM organisations_accesstoken t
    WHERE t.digest = secret AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > at);
    PERFORM set_config('app.token', token_before, true);
    IF found_token.id IS NULL THEN
        RETURN;
    END IF;
    PERFORM set_config('app.read', '{' || found_token.organisation_id::text || '}', true);
    RETURN QUERY
        SELECT found_token.id, found_token.name, found_token.scopes::json, m.id, m.person_id,
            (SELECT coalesce(json_agg(json_build_array(g.role, g.contract_id, g.group_id) ORDER BY g.id), '[]')
                FROM organisations_rolegrant g WHERE g.organisation_id = o.id AND g.membership_id = m.id),
            o.id, o.number::text, o.name::text, o.currency::text, o.country::text
        FROM organisations_membership m
        JOIN organisations_organisation o ON o.id = m.organisation_id
        JOIN identity_person p ON p.id = m.person_id
        WHERE m.organisation_id = found_token.organisation_id AND m.id = found_token.membership_id
        AND m.left_on IS NULL AND m.active AND p.is_active;
    PERFORM set_config('app.read', read_before, true);
END $$;
"""
BACK = "DROP FUNCTION organisations_member_by_token(text, timestamptz);"


class Migration(migrations.Migration):
    dependencies = [("organisations", "0016_role_checks_walls"), ("identity", "0001_initial"), ("kernel", "0002_walls")]
    operations = [migrations.RunSQL(FUNCTION, BACK)]
