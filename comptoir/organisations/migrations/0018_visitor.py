"""Who a person is inside the customer of a page's address, and all the customers that they belong to.

Every page asks it, under the person's wall: a function plans it once for each connection, which costs the database four times
what reading the rows does.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION organisations_visitor(visitor bigint, address text) RETURNS TABLE (
    membership bigint, name text, organisation bigint, number text, customer text, currency text, country text,
    held json, customers json
) LANGUAGE plpgsql STABLE SECURITY INVOKER AS $$
BEGIN
    RETURN QUERY
        SELECT m.id, m.name::text, o.id, o.number::text, o.name::text, o.currency::text, o.country::text,
            (SELECT coalesce(json_agg(json_build_array(g.role, g.contract_id, g.group_id) ORDER BY g.id), '[]')
                FROM organisations_rolegrant g WHERE g.organisation_id = o.id AND g.membership_id = m.id),
            (SELECT json_agg(json_build_array(c.number, c.name) ORDER BY c.name, c.number)
                FROM organisations_organisation c JOIN organisations_membership b ON b.organisation_id = c.id
                WHERE b.person_id = visitor AND b.left_on IS NULL AND b.active)
        FROM organisations_membership m
        JOIN organisations_organisation o ON o.id = m.organisation_id
        WHERE m.person_id = visitor AND o.number = address AND m.left_on IS NULL AND m.active;
END $$;
"""
BACK = "DROP FUNCTION organisations_visitor(bigint, text);"


class Migration(migrations.Migration):
    dependencies = [("organisations", "0017_member_by_token")]
    operations = [migrations.RunSQL(FUNCTION, BACK)]
