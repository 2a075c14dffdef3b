"""Of several open requests of one person for one thing the newest stays; from now on there is one at a time."""

from django.db import migrations, models

CLOSE_OLDER = """
    UPDATE kernel_askedverb older SET state = 'withdrawn', decided_at = now(), decided_by_id = asked_by_id
    WHERE state = 'open' AND EXISTS (
        SELECT 1 FROM kernel_askedverb newer
        WHERE newer.state = 'open' AND newer.organisation_id = older.organisation_id AND newer.asked_by_id = older.asked_by_id
        AND newer.verb = older.verb AND newer.target = older.target AND newer.id > older.id
    )
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_walls")]
    operations = [
        migrations.RunSQL(CLOSE_OLDER, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="askedverb",
            constraint=models.UniqueConstraint(
                name="one_open_request_each",
                fields=["organisation_id", "asked_by_id", "verb", "target"],
                condition=models.Q(state="open"),
            ),
        ),
    ]
