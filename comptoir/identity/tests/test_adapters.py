"""Signing in through the library, behind the narrow wall of the sign-in pages."""

import pytest
from django.contrib.sessions.backends.db import SessionStore as Store
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from comptoir.identity.adapters import signing_in
from comptoir.identity.adapters.sessions import SessionStore
from comptoir.identity.models import OldSignIn, Person
from comptoir.kernel.models import Message
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import AccessToken, Membership
from tests.cast import PASSWORD, Cast, raise_curtain

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def _stored_password(cast: Cast) -> str:
    with signing_in():
        return Person.objects.get(pk=cast.camille.person_id).password


@pytest.mark.parametrize("name", ["camille.morel@example.com", " Camille.Morel@EXAMPLE.com ", "CMOREL7"])
def test_an_old_password_signs_in_and_is_stored_anew(name: str, cast: Cast) -> None:
    with wall_opened(person=cast.camille.person_id):
        OldSignIn.objects.create(person_id=cast.camille.person_id, old_id="cmorel7")
    assert _stored_password(cast).startswith("old_sha1$")
    visitor = Client()
    answer = visitor.post("/sign-in/", {"login": name, "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert _stored_password(cast).startswith("argon2$")
    again = Client().post("/sign-in/", {"login": name, "password": PASSWORD})
    assert again.status_code == 302


@pytest.mark.parametrize(("name", "password"), [("camille.morel@example.com", "wrong"), ("nobody@example.com", PASSWORD)])
def test_a_wrong_sign_in_tells_nothing_and_changes_nothing(name: str, password: str, cast: Cast) -> None:
    before = _stored_password(cast)
    visitor = Client()
    answer = visitor.post("/sign-in/", {"login": name, "password": password})
    assert answer.status_code == 200
    assert "_auth_user_id" not in visitor.session
    assert _stored_password(cast) == before


def test_the_wall_of_the_sign_in_pages_shows_people_and_nothing_of_a_customer(cast: Cast) -> None:
    with signing_in():
        assert Person.objects.filter(email="oskar.ost@example.com").exists()
        assert not Membership.objects.exists()
        assert not AccessToken.objects.exists()
        assert not Message.objects.exists()
    with transaction.atomic():
        assert not Person.objects.exists()


def test_signing_in_inside_signing_in_leaves_the_outer_one_open(cast: Cast) -> None:
    with signing_in():
        with signing_in():
            pass
        assert Person.objects.filter(pk=cast.camille.person_id).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.signing_in', true)")
        assert cursor.fetchone() == ("",)


def test_a_session_is_found_until_its_time_is_over_and_never_under_another_key(cast: Cast) -> None:
    kept = SessionStore()
    kept["word"] = "kept"
    kept.create()
    assert SessionStore(kept.session_key)["word"] == "kept"
    assert Store(kept.session_key)["word"] == "kept"  # Django's own reads it, as before
    Session.objects.filter(session_key=kept.session_key).update(expire_date=timezone.now())
    for key in (kept.session_key, "x" * 32, None):
        unknown = SessionStore(key)
        assert unknown.get("word") is None
        assert unknown.session_key is None
