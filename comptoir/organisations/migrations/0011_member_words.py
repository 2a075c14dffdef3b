"""The words by which members are found: kept by the database with each name and address, whoever writes it."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Collate

from comptoir.kernel.walls import wall

KEPT = r"""
    CREATE FUNCTION member_words(sort_name text, email text) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS
    $$ SELECT DISTINCT left(part, 100) FROM regexp_split_to_table(
        sort_name || ' ' || lower(split_part(email, '@', 1)), '[\s.,;:''’"()/@_+-]+') AS part WHERE part <> '' $$;
    CREATE FUNCTION member_words_of_new() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        INSERT INTO organisations_memberword (organisation_id, membership_id, word)
        SELECT a.organisation_id, a.id, word FROM after a, member_words(a.sort_name, a.email) AS word ON CONFLICT DO NOTHING;
        RETURN NULL;
    END $$;
    CREATE FUNCTION member_words_of_renamed() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        DELETE FROM organisations_memberword w USING after a, before b
        WHERE w.organisation_id = a.organisation_id AND w.membership_id = a.id AND a.id = b.id
        AND (a.sort_name, a.email) IS DISTINCT FROM (b.sort_name, b.email);
        INSERT INTO organisations_memberword (organisation_id, membership_id, word)
        SELECT a.organisation_id, a.id, word FROM after a JOIN before b ON a.id = b.id, member_words(a.sort_name, a.email) AS word
        WHERE (a.sort_name, a.email) IS DISTINCT FROM (b.sort_name, b.email) ON CONFLICT DO NOTHING;
        RETURN NULL;
    END $$;
    CREATE TRIGGER organisations_membership_words AFTER INSERT ON organisations_membership
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION member_words_of_new();
    CREATE TRIGGER organisations_membership_renamed AFTER UPDATE ON organisations_membership
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION member_words_of_renamed();
"""
UNDO = """
    DROP TRIGGER organisations_membership_renamed ON organisations_membership;
    DROP TRIGGER organisations_membership_words ON organisations_membership;
    DROP FUNCTION member_words_of_renamed();
    DROP FUNCTION member_words_of_new();
    DROP FUNCTION member_words(text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("organisations", "0010_people_come_in_walls")]
    operations = [
        migrations.CreateModel(
            name="MemberWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.TextField()),
                (
                    "membership",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="words",
                        to="organisations.membership",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="organisations.organisation"),
                ),
            ],
            options={
                "indexes": [models.Index("organisation", Collate("word", "C"), "membership", name="memberword_beginning")],
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "membership", "word"), name="member_word_once"),
                ],
            },
        ),
        wall("organisations_memberword", references={"membership_id": "organisations_membership"}),
        migrations.RunSQL(KEPT, UNDO),
    ]
