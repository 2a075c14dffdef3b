"""Whether this process lives, and whether it can serve."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from .gate import gets


@gets
@never_cache
def alive(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "alive"})


@gets
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """The process answers, reaches its database, and the schema is there."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM kernel_house")
    except DatabaseError as error:
        return JsonResponse({"status": "not ready", "reason": type(error).__name__}, status=503)
    return JsonResponse({"status": "ready"})


for _view in (alive, ready):
    _view.permission = None  # type: ignore[attr-defined]
    _view.gate = True  # type: ignore[attr-defined]
