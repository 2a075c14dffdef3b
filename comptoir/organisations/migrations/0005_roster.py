"""Each customer's bare id goes on the roster of the nightly work, whichever way the customer comes in."""

from django.db import migrations

LISTED = """
    CREATE FUNCTION organisation_listed() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO kernel_roster (id) VALUES (NEW.id) ON CONFLICT DO NOTHING; RETURN NULL; END $$;
    CREATE TRIGGER organisations_organisation_listed AFTER INSERT ON organisations_organisation
    FOR EACH ROW EXECUTE FUNCTION organisation_listed();
    INSERT INTO kernel_roster (id) SELECT id FROM organisations_organisation;
"""
UNDO = """
    DROP TRIGGER organisations_organisation_listed ON organisations_organisation;
    DROP FUNCTION organisation_listed();
    DELETE FROM kernel_roster;
"""


class Migration(migrations.Migration):
    dependencies = [("organisations", "0004_buyers"), ("kernel", "0005_nights")]
    operations = [migrations.RunSQL(LISTED, UNDO)]
