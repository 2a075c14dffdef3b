"""`comptoir routes`: every address, with the permission that guards it, and none without a gate."""

import json
import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from comptoir import urls
from comptoir.kernel import routes as listing
from comptoir.kernel.errors import HouseRule
from comptoir.kernel.gate import gets, public_page
from comptoir.kernel.routes import Route, routes
from comptoir.permissions import table


def test_pages_and_operations_are_listed_with_their_permission() -> None:
    found = routes()
    assert Route("/c/{customer}/", "GET", "home", "see_home") in found
    assert Route("/profile/language/", "POST", "profile_language", "confirm_language") in found
    assert Route("/api/v1/me/language", "PUT", "confirm_language", "confirm_language") in found
    assert Route("/healthz", "GET", "healthz", "public") in found
    assert not any(route.path == "/profile/language/" and route.method == "GET" for route in found)


def test_each_address_and_method_stands_once_and_its_permission_is_in_the_table() -> None:
    found = routes()
    assert len({(route.path, route.method) for route in found}) == len(found)
    assert {route.permission for route in found} <= {"public", *table()}
    assert not any("<" in route.path or "//" in route.path for route in found)


def test_every_page_of_a_customer_and_every_operation_is_guarded() -> None:
    owned = [route for route in routes() if "{customer}" in route.path or route.path.startswith("/api/")]
    everybodys = {"/api/v1/openapi.json", "/api/v1/catalogue", "/api/v1/catalogue/{code}"}
    public = {route.path for route in owned if route.permission == "public"}
    assert {path for path in public if not path.startswith("/api/v1/licences/")} == everybodys
    assert len(owned) > 2


@pytest.mark.django_db
def test_what_products_ask_needs_a_secret_of_theirs() -> None:
    asked = [route for route in routes() if route.path.startswith("/api/v1/licences/")]
    assert len(asked) > 10
    for route in asked:
        path = re.sub(r"\{\w+\}", "7", route.path)
        answer = Client().generic(route.method, path, "{}", "application/json")
        assert answer.status_code == 401, f"{route.method} {route.path}"


def test_the_json_is_one_list_of_path_method_name_permission() -> None:
    out = StringIO()
    call_command("routes", json=True, stdout=out)
    told = json.loads(out.getvalue())
    assert len(told) == len(routes())
    assert all(list(route) == ["path", "method", "name", "permission"] for route in told)


def test_the_words_have_one_line_for_each() -> None:
    out = StringIO()
    call_command("routes", stdout=out)
    assert len(out.getvalue().splitlines()) == len(routes())


@gets
def without_gate(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@public_page
def without_methods(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@pytest.mark.parametrize(("view", "sentence"), [(without_gate, "has no gate"), (without_methods, "which methods")])
def test_a_page_that_hides_something_is_refused(view: object, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Resolver:
        url_patterns = [*urls.public, path("secret/", view)]  # type: ignore[arg-type]

    monkeypatch.setattr(listing, "get_resolver", Resolver)
    with pytest.raises(HouseRule, match=rf"^/secret/ .*{sentence}"):
        routes()
