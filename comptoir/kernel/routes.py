"""Every address of the house with its permission, as the program itself has them: for tests, and for whoever asks."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from ninja import NinjaAPI

from comptoir.permissions import Permission

from .errors import HouseRule

PUBLIC = "public"
_PART = re.compile(r"<(?:\w+:)?(\w+)>|\{(?:\w+:)?(\w+)\}")
_HANDLED = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Route:
    """One address and method. Variable parts stand in braces; `permission` is its name in the table, or `public`."""

    path: str
    method: str
    name: str
    permission: str


def routes() -> list[Route]:
    """All of them: the pages in the order of `urls`, then the API's operations.

    Raises HouseRule for a page that has no gate or does not say which methods it takes.
    """
    project = import_module(settings.ROOT_URLCONF)
    apis = [value for value in vars(project).values() if isinstance(value, NinjaAPI)]
    return [*_pages(get_resolver().url_patterns, "/"), *(route for api in apis for route in _operations(api))]


def _pages(patterns: Iterable[URLPattern | URLResolver], before: str) -> Iterator[Route]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if pattern.app_name != "ninja":
                yield from _pages(pattern.url_patterns, path)
            continue
        view = pattern.callback
        if not hasattr(view, "permission"):
            raise HouseRule(f"{path} has no gate: give its view @page, @own_page or @public_page")
        for method in _methods(view, path):
            yield Route(_in_braces(path), method, pattern.name or "", _name(view.permission))


def _methods(view: Any, path: str) -> Iterator[str]:
    kept = getattr(view, "methods", None)
    page = getattr(view, "view_class", None)  # a page of a library
    if kept is None and page is None:
        raise HouseRule(f"{path} does not say which methods it takes: give its view @gets, @posts or @gets_and_posts")
    for method in _HANDLED:
        if method in kept if kept is not None else hasattr(page, method.lower()):
            yield method


def _operations(api: NinjaAPI) -> Iterator[Route]:
    root = reverse(f"{api.urls_namespace}:api-root")
    yield Route(reverse(f"{api.urls_namespace}:openapi-json"), "GET", "openapi", PUBLIC)
    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            whole = _in_braces(re.sub("/+", "/", f"{root}/{router.prefix}/{path}"))
            for operation in view.operations:
                if not hasattr(operation.view_func, "permission"):
                    raise HouseRule(f"{whole} has no gate: give its function @operation or @own_operation")
                name = operation.operation_id or api.get_openapi_operation_id(operation)
                for method in operation.methods:
                    yield Route(whole, method, name, _name(operation.view_func.permission))


def _in_braces(path: str) -> str:
    return _PART.sub(lambda part: "{" + (part[1] or part[2]) + "}", path)


def _name(permission: Permission | None) -> str:
    return PUBLIC if permission is None else permission.name
