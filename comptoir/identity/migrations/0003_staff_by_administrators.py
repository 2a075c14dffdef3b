"""An administrator gives and ends roles at the desk; before, only the operator could."""

from django.db import migrations

from comptoir.kernel.walls import widened

SEEN = "person_id = app_person() OR app_at_desk()"
BY_OPERATOR = "app_house() AND app_person() IS NULL"


class Migration(migrations.Migration):
    dependencies = [("identity", "0002_staff")]
    operations = [
        widened(
            "identity_staffrole",
            using=SEEN,
            check="app_house() AND (app_person() IS NULL OR app_desk('administrator'))",
            before=(SEEN, BY_OPERATOR),
        ),
    ]
