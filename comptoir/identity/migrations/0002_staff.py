"""The vendor's staff, and the functions by which policies know them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from comptoir.kernel.walls import wall

ROLES = ["administrator", "catalogue", "finance", "support_agent"]
FUNCTIONS = """
    CREATE FUNCTION app_at_desk() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT nullif(current_setting('app.desk', true), '') IS NOT NULL $$;
    CREATE FUNCTION app_desk(VARIADIC roles text[]) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT app_at_desk() AND EXISTS (SELECT 1 FROM identity_staffrole s
       WHERE s.person_id = app_person() AND s.role = ANY(roles) AND s.ended_on IS NULL) $$;
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_initial"), ("kernel", "0005_nights")]
    operations = [
        migrations.CreateModel(
            name="StaffRole",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.TextField()),
                ("role", models.TextField(choices=[(role, role) for role in ROLES])),
                ("given_on", models.DateField()),
                ("ended_on", models.DateField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="staff_roles",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on", None)), fields=("person", "role"), name="staff_role_given_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ended_on", None), ("ended_on__gte", models.F("given_on")), _connector="OR"),
                        name="staff_role_ends_after_it_began",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FUNCTIONS, "DROP FUNCTION app_desk(text[]); DROP FUNCTION app_at_desk();"),
        # whose roles they are sees them, and colleagues at the desk; no page writes one, since a page always has a person
        wall(
            "identity_staffrole",
            using="person_id = app_person() OR app_at_desk()",
            check="app_house() AND app_person() IS NULL",
        ),
    ]
