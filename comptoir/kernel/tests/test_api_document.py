"""The document of the API, and a fuzzer that has read it."""

import json
from collections.abc import Callable
from typing import Any, get_type_hints

import pytest
import schemathesis
from django.core import signals
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from ninja import Schema
from schemathesis.specs.openapi import checks

from comptoir.urls import api
from comptoir.wsgi import application
from tests.cast import Cast, raise_curtain
from tests.depth import times

from .stage import token_of

DOCUMENT = "/api/v1/openapi.json"
EXAMPLES = times(20, 100)  # of each operation


@pytest.fixture
def cast(db: None) -> Cast:
    return raise_curtain()


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    document = json.loads(Client().get(DOCUMENT).content)
    return [(method, path, told) for path, methods in document["paths"].items() for method, told in methods.items()]


def test_the_document_is_valid() -> None:
    schemathesis.openapi.from_dict(json.loads(Client().get(DOCUMENT).content)).validate()


def test_every_operation_tells_which_problems_it_may_answer_with() -> None:
    for method, path, told in operations():
        needed = {"401", "403", "404", "409", "422"} if "security" in told else {"404", "422"}  # one for everybody
        assert needed <= set(told["responses"]), f"{method} {path}"
        refused = {json.dumps(answer["content"]) for status, answer in told["responses"].items() if status >= "400"}
        assert refused == {'{"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}'}
        assert told["operationId"]
        assert told["summary"]
        assert told["tags"]


def test_every_list_in_pages_says_how_many_rows_a_page_has() -> None:
    paged = {"cursor", "after"}
    lists = {told["operationId"]: {each["name"]: each["schema"] for each in told["parameters"]} for _, _, told in operations()}
    lists = {name: asked for name, asked in lists.items() if asked.keys() & paged}
    bounds = {
        name: (each["minimum"], each["maximum"], each["default"]) for name, asked in lists.items() if (each := asked.get("limit"))
    }
    assert bounds == dict.fromkeys(lists, (1, 200, 50))
    assert len(lists) > 14


def test_an_operation_returns_the_very_schema_that_it_declares() -> None:
    # its answer is written without being checked against the document once more
    told = [each for _, router in api._routers for view in router.path_operations.values() for each in view.operations]
    schemas = {each.operation_id: get_type_hints(each.view_func)["return"] for each in told if 200 in each.response_models}
    declared = {each.operation_id: each.response_models[200] for each in told if 200 in each.response_models}
    found = {name for name, given in schemas.items() if isinstance(given, type) and issubclass(given, Schema)}
    assert len(found) > 90
    assert [name for name in found if declared[name].model_fields["response"].annotation is not schemas[name]] == []


def test_money_is_text_in_the_document() -> None:
    numbers = [
        f"{name}.{field}"
        for name, schema in json.loads(Client().get(DOCUMENT).content)["components"]["schemas"].items()
        for field, told in schema.get("properties", {}).items()
        if told.get("type") == "number"
    ]
    assert numbers == []


# --- a fuzzer ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def served(cast: Cast) -> Any:
    """The API as a fuzzer meets it, inside the test's transaction; it signs in as Camille."""
    # the signals of a request would close the test's connection
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    schema = schemathesis.openapi.from_wsgi(DOCUMENT, application)
    yield schema, token_of(cast.camille)
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


def test_odd_calls_of_every_operation_are_answered_as_the_document_says(
    served: Any, record_property: Callable[[str, object], None]
) -> None:
    schema, token = served
    seen, calls = 0, 0
    for found in schema.get_all_operations():
        operation = found.ok()
        seen += 1

        @given(case=operation.as_strategy())
        @settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
        def ask(case: Any) -> None:
            nonlocal calls
            calls += 1
            for name, real in (("customer", "5200001"), ("number", "560000001")):
                if name in (case.path_parameters or {}) and len(str(case.path_parameters[name])) % 2:
                    case.path_parameters[name] = real
            # what fits the document may still be refused by the business, so that alone is no fault
            case.call_and_validate(
                headers={"Authorization": f"Bearer {token}"}, excluded_checks=[checks.positive_data_acceptance]
            )

        ask()
    record_property("operations", seen)
    record_property("calls", calls)
    assert seen == len(operations())
