"""The name under which products know a person is the person's own; who can no longer sign in leaves no token behind."""

from django.db import migrations

from comptoir.kernel.walls import wall

ENDED = """
CREATE FUNCTION tokens_end_with_the_person() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE oauth2_provider_refreshtoken SET revoked = coalesce(revoked, now()), access_token_id = NULL WHERE user_id = NEW.id;
    DELETE FROM oauth2_provider_accesstoken WHERE user_id = NEW.id;
    DELETE FROM directory_grant WHERE user_id = NEW.id;
    DELETE FROM directory_devicegrant WHERE user_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER identity_person_tokens_end AFTER UPDATE OF is_active ON identity_person FOR EACH ROW
    WHEN (OLD.is_active AND NOT NEW.is_active) EXECUTE FUNCTION tokens_end_with_the_person();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0001_initial"),
        ("identity", "0004_first_sign_in"),
        ("kernel", "0002_walls"),
        ("oauth2_provider", "0022_refreshtoken_token_family_index"),
    ]
    operations = [
        wall("directory_subject", using="person_id = app_person()", check="person_id = app_person()"),
        migrations.RunSQL(
            ENDED,
            "DROP TRIGGER identity_person_tokens_end ON identity_person; DROP FUNCTION tokens_end_with_the_person();",
        ),
    ]
