"""The choice of language, and pages of things gone wrong."""

from http import HTTPStatus

import pytest
from django.http import Http404
from django.test import Client, RequestFactory
from django.utils import translation

from comptoir.ui import views


@pytest.mark.django_db
def test_a_language_is_kept_in_a_cookie_and_one_stays_on_the_page(client: Client) -> None:
    answer = client.post("/language/", {"language": "fr", "next": "/sign-in/"})
    assert (answer.status_code, answer["Location"]) == (HTTPStatus.FOUND, "/sign-in/")
    assert [cookie.value for cookie in answer.cookies.values()] == ["fr"]


@pytest.mark.django_db
def test_a_language_that_is_not_offered_changes_nothing(client: Client) -> None:
    assert not client.post("/language/", {"language": "xx", "next": "/sign-in/"}).cookies


@pytest.mark.django_db
def test_one_is_not_sent_to_another_site(client: Client) -> None:
    answer = client.post("/language/", {"language": "fr", "next": "https://elsewhere.example/"})
    assert "elsewhere" not in answer["Location"]


@pytest.mark.django_db
def test_a_language_is_chosen_by_a_form_only(client: Client) -> None:
    assert client.get("/language/").status_code == HTTPStatus.METHOD_NOT_ALLOWED


@pytest.mark.parametrize(
    ("view", "status", "words"),
    [
        (views.bad_request, 400, "Nothing was changed"),
        (views.forbidden, 403, "contract manager"),
        (views.not_found, 404, "We can’t find this page"),
    ],
)
def test_a_mistake_is_explained_without_the_session_or_the_database(rf: RequestFactory, view, status, words) -> None:
    with translation.override("en"):
        answer = view(rf.get("/"), Http404())
    assert answer.status_code == status
    assert words in answer.content.decode()


def test_a_form_that_waited_too_long_says_so(rf: RequestFactory) -> None:
    with translation.override("en"):
        answer = views.csrf_failure(rf.post("/"), reason="CSRF token missing")
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "open too long" in answer.content.decode()
    assert "CSRF" not in answer.content.decode()


def test_our_own_failure_needs_nothing_to_be_said(rf: RequestFactory) -> None:
    with translation.override("en"):
        answer = views.broken(rf.get("/"))
    assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert "on our side" in answer.content.decode()
