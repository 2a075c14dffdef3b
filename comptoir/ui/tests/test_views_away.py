"""While the database is away pages say so, calmly, and once it is back the very next request is answered."""

from http import HTTPStatus
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import RequestFactory

from conftest import FreshDatabase
from tests.cast import Cast, raise_curtain, signed_in
from tests.database import SERVER


@pytest.fixture
def cast(fresh_database: FreshDatabase) -> Cast:
    return raise_curtain()


class Web:
    """The web process as its server calls it: connections live from one request to the next and are looked at before each."""

    def __init__(self, cookie: str) -> None:
        self.handler, self.cookie = WSGIHandler(), cookie

    def __call__(self, path: str, *, post: bool = False, **headers: str) -> tuple[int, dict[str, str], str]:
        made = RequestFactory(headers={"host": "127.0.0.1", **headers})
        environ: dict[str, Any] = (made.post(path) if post else made.get(path)).environ
        environ |= {"HTTP_COOKIE": f"{settings.SESSION_COOKIE_NAME}={self.cookie}", "wsgi.errors": BytesIO()}
        told: dict[str, Any] = {}
        answer = self.handler(environ, lambda status, heads: told.update(status=status, heads=dict(heads)))
        body = b"".join(answer).decode()
        answer.close()
        return int(told["status"].split()[0]), told["heads"], body


@pytest.fixture
def web(cast: Cast) -> Web:
    web = Web(signed_in(cast.camille).cookies[settings.SESSION_COOKIE_NAME].value)
    assert web("/c/5200001/")[0] == HTTPStatus.OK
    return web


def take_away(database: FreshDatabase) -> None:
    """Nobody comes in any more, and whoever is in is thrown out."""
    SERVER.do(f"ALTER DATABASE {database.name} ALLOW_CONNECTIONS false", cut_all(database))


def cut_all(database: FreshDatabase) -> str:
    return f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database.name}'"


def bring_back(database: FreshDatabase) -> None:
    SERVER.do(f"ALTER DATABASE {database.name} ALLOW_CONNECTIONS true")


def test_while_the_database_is_away_pages_say_so_in_the_browsers_language(web: Web, fresh_database: FreshDatabase) -> None:
    take_away(fresh_database)
    try:
        for path in ("/c/5200001/", "/c/5200001/invoices/", "/sign-in/", "/catalogue/"):
            status, heads, body = web(path)
            assert (status, heads["Retry-After"]) == (503, "10"), path
            assert "Back in a moment" in body
            assert f'href="{path}"' in body
            assert "Traceback" not in body
        for language, said in (("fr-CA,fr;q=0.9", "De retour dans un instant"), ("de", "Back in a moment")):
            assert said in web("/c/5200001/", **{"accept-language": language})[2]
        status, _heads, body = web("/c/5200001/invoices/F-2026-000001/credit/", post=True)
        assert status == 503
        assert "http-equiv" not in body, "what was sent is not sent again by itself"
    finally:
        bring_back(fresh_database)
    assert web("/c/5200001/")[0] == HTTPStatus.OK


def test_while_the_database_is_away_the_api_answers_with_a_problem(web: Web, fresh_database: FreshDatabase) -> None:
    take_away(fresh_database)
    try:
        for headers in ({"authorization": "Bearer nobody"}, {}):
            status, heads, body = web("/api/v1/customers/5200001/invoices", **headers)
            if headers:
                assert (status, heads["Content-Type"]) == (503, "application/problem+json")
                assert heads["Retry-After"]
            assert status in {401, 503}, body
    finally:
        bring_back(fresh_database)


def test_connections_that_died_meanwhile_are_made_anew_unseen(web: Web, fresh_database: FreshDatabase) -> None:
    connection.ensure_connection()
    SERVER.do(cut_all(fresh_database))
    assert web("/c/5200001/")[0] == HTTPStatus.OK
