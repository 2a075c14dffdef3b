"""The baselines over HTTP: no framework, and a Django with nothing in it, on the same server, processes and database."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

import django
import psycopg
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import Context, Engine
from django.urls import path

from comptoir.settings import database

ROWS = (
    "SELECT s.number, p.name, c.number, s.term, s.seats_now, s.renews_on FROM subscriptions_subscription s "
    "JOIN catalogue_product p ON p.id = s.product_id JOIN contracts_contract c ON c.id = s.contract_id "
    "WHERE s.organisation_id = %s ORDER BY s.renews_on, s.number LIMIT 50"
)
ONE = "SELECT id, code, name FROM catalogue_product WHERE id = %s"
TABLE = Engine().from_string(
    "<!doctype html><title>Rows</title><table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>"
    "{% endfor %}</table>"
)
CUSTOMER, PRODUCT = int(os.environ["BENCH_CUSTOMER"]), int(os.environ["BENCH_PRODUCT"])
_own = threading.local()


def one(request: HttpRequest) -> HttpResponse:
    """One query, as JSON."""
    with connection.cursor() as cursor:
        cursor.execute(ONE, [PRODUCT])
        return JsonResponse({"row": cursor.fetchone()})


def rows(request: HttpRequest) -> HttpResponse:
    """One query, 50 rows, a template without a frame."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [CUSTOMER])
        return HttpResponse(TABLE.render(Context({"rows": cursor.fetchall()})))


urlpatterns = [path("one", one), path("rows", rows)]
settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    SECRET_KEY=os.urandom(16).hex(),
    DATABASES={"default": database(os.environ["DATABASE_URL"]) | {"CONN_HEALTH_CHECKS": False}},
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    USE_TZ=True,
)
django.setup()
_django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """`/raw`: one query without a framework; everything else is Django's."""
    if environ["PATH_INFO"] != "/raw":
        return _django(environ, start_response)
    if not hasattr(_own, "connection"):
        _own.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    body = repr(_own.connection.execute(ONE, [PRODUCT]).fetchone()).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
