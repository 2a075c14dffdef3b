"""The words of the members who are here already; whoever comes meanwhile has theirs by the trigger."""

from django.db import migrations

FILL = """
    INSERT INTO organisations_memberword (organisation_id, membership_id, word)
    SELECT m.organisation_id, m.id, word FROM organisations_membership m, member_words(m.sort_name, m.email) AS word
    ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("organisations", "0011_member_words")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
