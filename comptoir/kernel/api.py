"""The API's manners: tokens, problem JSON, request keys, cursor paging. Every operation passes this gate.

An operation's function gets `request.actor`, `request.customer` and `request.today`, and returns plain values: its answer is
written after the transaction has ended.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Annotated, Any, cast

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import path, re_path
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers, set_response_etag
from django.views.decorators.csrf import csrf_exempt
from ninja import Field, NinjaAPI, Query, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema
from ninja.responses import NinjaJSONEncoder
from ninja.security import HttpBearer
from pydantic import ConfigDict

from comptoir.permissions import Permission

from . import refusals
from .actor import Actor
from .clock import business_day
from .errors import Refused
from .failpoints import failpoint
from .gate import LONGEST_KEY, GateRequest, enters, refuse_unprintable
from .ports import Ports, Visit, not_allowed
from .walls import wall_of_request, wall_opened

log = logging.getLogger(__name__)
Operation = Callable[..., Any]


class Problem(Schema):
    """RFC 9457: what was refused and what would be right."""

    model_config = ConfigDict(extra="allow")
    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str | None = None
    next_step: str | None = None


REQUEST_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "A call that is sent twice with one key has one effect; both get the same answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
}
# what people wrote: lines and tabs, but none of the control characters that no page shows and no table takes
_NONE = r"\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F"
Text = Annotated[str, Field(pattern=rf"^[^{_NONE}]*$")]
# the same, and not blanks alone: a second pattern beside that of `Text` would take its place
NotBlank = Annotated[str, Field(pattern=rf"^[^{_NONE}]*[^\s{_NONE}][^{_NONE}]*$")]
# how many rows of a list a page of it has
Limit = Annotated[int, Query(ge=1, le=200)]
# each is a `Problem`, which the document is told once (`Api`): the library would make a type of every one at every start
PROBLEMS = dict.fromkeys((401, 403, 404, 409, 422))
PUBLIC_PROBLEMS = dict.fromkeys((404, 422))
PROBLEM_JSON = "application/problem+json"
KEPT_FOR = 300  # seconds that anybody may keep an answer of a public operation


class BearerToken(HttpBearer):
    """`Authorization: Bearer <token>`; the gate looks it up inside the transaction."""

    def authenticate(self, request: HttpRequest, token: str) -> str:
        """The digest of the token."""
        return hashlib.sha256(token.encode()).hexdigest()


def operation(can: Permission) -> Callable[[Operation], Operation]:
    """An operation on one customer: `customer` is the first parameter of its address."""

    def decorate(body: Operation) -> Operation:
        @wraps(body)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            return _answer(request, can, body, args, kwargs, number=kwargs["customer"])

        return _marked(run, can)

    return decorate


def own_operation(can: Permission) -> Callable[[Operation], Operation]:
    """An operation of the token's person about themselves."""

    def decorate(body: Operation) -> Operation:
        @wraps(body)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            return _answer(request, can, body, args, kwargs, number=None)

        return _marked(run, can)

    return decorate


def public_operation(body: Operation) -> Operation:
    """An operation for everybody, without a token (`auth=None`): it reads, and sees no customer's row."""

    @wraps(body)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        refuse_unprintable(*kwargs.values())
        passed = cast(GateRequest, request)
        with transaction.atomic():
            passed.today = business_day()
            answer = body(passed, *args, **kwargs)
        request.kept_for = KEPT_FOR  # type: ignore[attr-defined]
        return answer

    return _marked(run, None)


def _answer(request: HttpRequest, can: Permission, body: Operation, args: Any, kwargs: Any, *, number: str | None) -> Any:
    digest: str = request.auth  # type: ignore[attr-defined]
    refuse_unprintable(*kwargs.values())
    with transaction.atomic():
        found = Ports.grants.visit_by_token(digest, number)
        if found is None:
            known = number is not None and Ports.grants.visit_by_token(digest, None) is not None
            raise Http404 if known else AuthenticationError
        actor = found.actor if isinstance(found, Visit) else found
        if not enters(actor, can):
            raise _not_allowed(actor, can)
        passed = cast(GateRequest, request)
        passed.actor = actor.with_key(request_key_of(request))
        passed.today = business_day()
        read = [] if number is None else [cast(int, actor.organisation_id)]
        if isinstance(found, Visit):
            passed.customer = found.customer
        with wall_of_request(read=read, write=read[0] if read else None, person=actor.person_id):
            answer = body(request, *args, **kwargs)
        failpoint("gate.before_commit")
    failpoint("gate.after_commit")
    return _written(answer)


def _written(answer: Any) -> Any:
    """A schema was checked when it was made: it is written as it is, and not checked once more field by field."""
    if not isinstance(answer, Schema):
        return answer
    return JsonResponse(answer.model_dump(), encoder=NinjaJSONEncoder, content_type="application/json; charset=utf-8")


def _not_allowed(actor: Actor, can: Permission) -> Refused:
    read = [] if actor.organisation_id is None else [actor.organisation_id]
    with wall_opened(read=read, person=actor.person_id):
        return not_allowed(actor, can)


def request_key_of(request: HttpRequest) -> str | None:
    """The key that makes a call once; none for one that reads. Raises Refused `request_key_malformed`."""
    key = request.headers.get("Idempotency-Key")
    if key is None or request.method in {"GET", "HEAD"}:
        return None
    if not key.strip() or len(key) > LONGEST_KEY or not key.isprintable():
        raise Refused("request_key_malformed", params={"longest": LONGEST_KEY}, field="Idempotency-Key", status=422)
    return key


def _marked(run: Any, can: Permission | None) -> Operation:
    run.permission = can
    return cast(Operation, run)


def problem(request: HttpRequest, status: int, code: str, detail: str, **more: object) -> HttpResponse:
    """An answer of RFC 9457."""
    body = {
        "type": f"urn:comptoir:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
        **{key: value for key, value in more.items() if value is not None},
    }
    response = HttpResponse(json.dumps(body, default=str, ensure_ascii=False), status=status, content_type=PROBLEM_JSON)
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="comptoir"'
    return response


class Api(NinjaAPI):
    """An API that answers with problems where its library would answer with a page or a bare line."""

    @property
    def urls(self) -> tuple[list[Any], str, str]:
        """Its addresses; any other address below it is a problem too."""
        patterns, app, namespace = super().urls
        for pattern in patterns:
            reading = getattr(pattern, "name", None) == "openapi-json"
            pattern.callback = _with_problems(cast(Operation, pattern.callback), methods=_READING if reading else None)
        return [path("", _nothing), *patterns, re_path("", _nothing)], app, namespace

    def get_openapi_schema(self, **told: Any) -> OpenAPISchema:
        """The document, with what its library can't know: the type of problems, and the key that makes a call once."""
        document = super().get_openapi_schema(**told)
        for methods in document["paths"].values():
            for method, operation in methods.items():
                for status, answer in operation["responses"].items():
                    if int(status) >= 400:
                        answer["content"] = {PROBLEM_JSON: {"schema": {"$ref": REF_TEMPLATE.format(model=Problem.__name__)}}}
                if method != "get":
                    operation.setdefault("parameters", []).append(REQUEST_KEY)
        document["components"]["schemas"][Problem.__name__] = Problem.json_schema()
        return document


@csrf_exempt
def _nothing(request: HttpRequest) -> HttpResponse:
    return _missing(request, Http404())


_READING = ("GET", "HEAD")


def _with_problems(view: Operation, *, methods: Sequence[str] | None = None) -> Operation:
    @csrf_exempt  # no cookie counts here, and the refusal would be a page
    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        known = methods is None or request.method in methods
        answer: HttpResponse = view(request, *args, **kwargs) if known else HttpResponseNotAllowed(methods or ())
        if answer.status_code == 200 and hasattr(request, "kept_for"):
            return _kept(request, answer)
        if answer.status_code != 405:
            return answer
        told = problem(request, 405, "method_not_allowed", f"This address takes {answer['Allow']}.")
        told["Allow"] = answer["Allow"]
        return told

    return run


def _kept(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """An answer that anybody may keep for a while; who comes back with its mark is told in a line that nothing changed."""
    patch_cache_control(answer, public=True, max_age=KEPT_FOR)
    patch_vary_headers(answer, ["Accept-Language"])
    set_response_etag(answer)
    told = get_conditional_response(request, etag=answer["ETag"], response=answer)
    return cast(HttpResponse, told)


def make_api() -> NinjaAPI:
    """The API of version 1 with its manners; contexts add their routers in `urls`."""
    api = Api(
        title="Comptoir",
        version="1",
        description="Whatever a page can do, the API can.",
        auth=BearerToken(),
        docs_url=None,
        openapi_url="/openapi.json",
    )
    handlers: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        Refused: _refused,
        ValidationError: _invalid,
        AuthenticationError: _unknown,
        Http404: _missing,
        ObjectDoesNotExist: _missing,
        HttpError: _http,
        SuspiciousOperation: _too_much,
        OperationalError: _away,
        InterfaceError: _away,
        Exception: _broken,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)
    return api


def _refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    told = refusals.tell(refusal)
    return problem(
        request,
        refusal.status,
        refusal.code,
        told.sentence,
        field=refusal.field,
        next_step=told.next_step,
        params=refusal.params or None,
    )


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    faults = [{"field": _field(fault["loc"]), "detail": fault["msg"]} for fault in error.errors]
    told = "; ".join(f"{fault['field']}: {fault['detail']}" for fault in faults) + "."
    return problem(request, 422, "invalid", told, field=faults[0]["field"] if faults else None, errors=faults)


def _field(place: Sequence[str | int]) -> str:
    # body, the name of our own argument, then the field; or query, then the field
    kind, *parts = place
    named = parts[1:] if kind == "body" else parts
    return ".".join(str(part) for part in named) or str(kind)


def _unknown(request: HttpRequest, _error: Exception) -> HttpResponse:
    return problem(request, 401, "token_unknown", "Send a valid access token as 'Authorization: Bearer ...'.")


def _missing(request: HttpRequest, _error: Exception) -> HttpResponse:
    return problem(request, 404, "not_found", "There is nothing at this address, or it is not yours to see.")


def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(request, error.status_code, "bad_request", f"{error}.")


def _too_much(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    # the framework's limits on what a request may hold
    if isinstance(error, RequestDataTooBig):
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        return problem(request, 413, "too_big", f"A body has at most {most // 1_000:,} kB.")
    return problem(request, 400, "bad_request", "This request can't be taken as it is: it has too many parts.")


def _away(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("%s %s lost the database", request.method, request.path, exc_info=error)
    # the connection may have gone while committing, so what came of it is not known
    told = problem(
        request,
        503,
        "unavailable",
        "The database did not answer, so what came of this call is not known.",
        next_step="Wait a few seconds and send it again with the same Idempotency-Key: what was done is not done again.",
    )
    told["Retry-After"] = "5"
    return told


def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("%s %s broke", request.method, request.path, exc_info=error)
    return problem(request, 500, "broken", "Something broke on our side, and nothing was changed. Send it again.")
