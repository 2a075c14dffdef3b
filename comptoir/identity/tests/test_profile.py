"""The profile: who I am, my language, how I sign in (F1.6)."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from comptoir.identity.models import OldSignIn, Person
from comptoir.identity.queries import speak_to
from comptoir.kernel.walls import wall_opened
from comptoir.ui.templatetags.ui import moment as moment_in_words
from tests.cast import Cast, raise_curtain, signed_in, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def change(cast: Cast, **columns: object) -> None:
    """Change Emil's own row."""
    with wall_opened(person=cast.emil.person_id):
        Person.objects.filter(pk=cast.emil.person_id).update(**columns)


def emils_language(cast: Cast) -> str:
    with wall_opened(person=cast.emil.person_id):
        return Person.objects.get(pk=cast.emil.person_id).language


def test_the_profile_says_who_i_am_and_how_i_sign_in(cast: Cast) -> None:
    with wall_opened(person=cast.emil.person_id):
        for old_id in ("SC00000002", "SC00000001"):
            OldSignIn.objects.create(person_id=cast.emil.person_id, old_id=old_id)
    page = words_of(signed_in(cast.emil).get("/profile/"))
    for words in ("Emil Larsen", "emil.larsen@example.com", "SC00000001, SC00000002", "speak English to you"):
        assert words in page
    assert "Confirm my language" not in page


def test_the_language_is_confirmed_once_and_can_be_changed(cast: Cast) -> None:
    emil = signed_in(cast.emil)
    change(cast, language_confirmed_at=None)
    assert "One thing to do: confirm" in words_of(emil.get("/profile/"))
    answer = emil.post("/profile/language/", {"language": "fr", "request_key": "k"}, follow=True)
    assert answer.redirect_chain == [("/profile/", 302)]
    page = words_of(answer)
    assert "Les pages, les e-mails et l’assistance utilisent désormais cette langue." in page
    assert "vous parlent en français" in page
    assert emils_language(cast) == "fr"


@pytest.mark.parametrize(
    ("address", "goes_to"),
    [
        ("/c/5200001/products/?q=1", "/c/5200001/products/?q=1"),
        ("https://evil.example/", "/profile/?customer=5200001"),
        ("//evil.example", "/profile/?customer=5200001"),
        ("", "/profile/?customer=5200001"),
        ("catalogue", "/profile/?customer=5200001"),  # the name of a page is no address of one
        ("a\x00b", "/profile/?customer=5200001"),
    ],
)
def test_the_menu_comes_back_to_where_one_was_and_to_no_other_site(cast: Cast, address: str, goes_to: str) -> None:
    posted = signed_in(cast.emil).post("/profile/language/?customer=5200001", {"language": "fr", "next": address})
    assert (posted.status_code, posted.headers["Location"]) == (302, goes_to)


def test_a_language_without_texts_is_refused_and_nothing_changes(cast: Cast) -> None:
    answer = signed_in(cast.emil).post("/profile/language/", {"language": "tlh"})
    assert answer.status_code == 422
    assert "Please look at this again" in words_of(answer)
    assert emils_language(cast) == "en"


def test_a_language_of_the_old_centre_without_texts_is_kept_and_said(cast: Cast) -> None:
    emil = signed_in(cast.emil)
    change(cast, language="ja")
    page = words_of(emil.get("/profile/"))
    assert "You told us Japanese. There are no texts in it yet; we keep your wish." in page
    assert "speak English to you" in page


def test_whoever_has_no_account_is_told_who_can_give_one(cast: Cast) -> None:
    page = words_of(signed_in(cast.emil).get("/access/"))
    assert "A contract manager or software coordinator of your company adds you" in page


def test_times_are_told_in_the_zone_that_one_chose_and_only_to_them(cast: Cast) -> None:
    moment = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    emil = signed_in(cast.emil)
    answer = emil.post("/profile/language/", {"language": "en", "time_zone": "Asia/Tokyo", "request_key": "k"}, follow=True)
    assert "It is" in words_of(answer)
    assert "in Japan (Tokyo)" in words_of(answer)
    assert "times are told in your time zone" in words_of(answer)
    with wall_opened(person=cast.emil.person_id):
        person = Person.objects.get(pk=cast.emil.person_id)
    with timezone.override(None):
        assert speak_to(person)
        assert moment_in_words(moment) == "1 July 2026, 21:00"
        assert not speak_to(AnonymousUser())
        assert moment_in_words(moment) == "1 July 2026, 14:00"  # the vendor's


def test_a_time_zone_that_is_none_is_refused_and_the_menu_leaves_it_alone(cast: Cast) -> None:
    emil = signed_in(cast.emil)
    change(cast, time_zone="Europe/Lisbon")
    for wrong in ("Mars/Olympus", "../etc/passwd", "UTC\x00"):
        assert emil.post("/profile/language/", {"language": "en", "time_zone": wrong}).status_code == 422
    assert emil.post("/profile/language/", {"language": "fr"}).status_code == 302
    with wall_opened(person=cast.emil.person_id):
        assert Person.objects.get(pk=cast.emil.person_id).time_zone == "Europe/Lisbon"


@pytest.mark.parametrize("kept", ["", "Nowhere/Gone"])
def test_without_a_choice_times_are_the_vendors(cast: Cast, kept: str) -> None:
    change(cast, time_zone=kept)
    assert "in France (Paris)" in words_of(signed_in(cast.emil).get("/profile/"))
