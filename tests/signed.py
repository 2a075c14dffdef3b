"""Products that sign in: an application, a code, a device that waits, a name; and what the database must refuse of them."""

from comptoir.directory.models import Application, DeviceGrant, Grant, Subject
from comptoir.kernel.clock import now
from tests.cast import Cast
from tests.staying import Copy, copy

NAME = "3f0c2a52-0000-4000-8000-000000000000"

# constraint -> the statement that breaks it and nothing else
BREAKS: dict[str, list[str | Copy]] = {
    "application_has_a_way_in": ["UPDATE directory_application SET device_flow = false, redirect_uris = ''"],
    "application_signs_with_its_key": ["UPDATE directory_application SET algorithm = 'HS256'"],
    "device_code_once": [copy("directory_devicegrant", user_code="'other'")],
    "directory_application_client_id_key": [copy("directory_application")],
    "directory_grant_code_key": [copy("directory_grant")],
    "directory_subject_name_key": [
        "SELECT set_config('app.person', max(person_id)::text, true) FROM organisations_membership WHERE name = 'Rita Nielsen'",
        f"INSERT INTO directory_subject (person_id, name) VALUES (app_person(), '{NAME}')",
    ],
    "directory_subject_person_id_key": [copy("directory_subject", name="gen_random_uuid()")],
    "user_code_once": [copy("directory_devicegrant", device_code="'other'")],
}


def application_of(cast: Cast) -> Application:
    """A public application of Sculpt LT, with the device flow."""
    return Application.objects.create(
        product=cast.sculpt,
        name="Sculpt LT",
        client_type="public",
        authorization_grant_type="authorization-code",
        algorithm="RS256",
        client_secret="argon2$of nobody",
        redirect_uris="http://127.0.0.1/callback",
        device_flow=True,
    )


def one_row_each(cast: Cast) -> None:
    """An application, with a code and a device that waits, and the name of Camille, whose wall is open."""
    made, camille = application_of(cast), cast.camille.person_id
    Grant.objects.create(user_id=camille, code="d", application=made, expires=now(), redirect_uri="http://127.0.0.1/callback")
    DeviceGrant.objects.create(device_code="d", user_code="u", expires=now(), client_id=made.client_id)
    Subject.objects.create(person_id=camille, name=NAME)
