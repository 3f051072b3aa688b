"""The contract keeps what was released; breaking changes of the API and of events are named."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.contract import asyncapi
from infra.contract.json_schemas import EVENTS, event_schemas, text
from infra.contract.openapi import document
from infra.contract.released import RELEASED, api_breaks, breaking_changes, event_breaks
from infra.operations import CONSUMERS
from shared import events

type Object = dict[str, Any]


def test_nothing_has_broken_since_the_release() -> None:
    assert breaking_changes() == [], "to release all the same: make release"


def test_every_event_and_the_api_are_released() -> None:
    assert {path.name for path in RELEASED.iterdir()} == {"openapi.json", *event_schemas()}


def _at(document: Object, *path: str) -> Any:
    found: Any = document
    for part in path:
        found = found[part]
    return found


def _drop(*path: str) -> Callable[[Object], None]:
    return lambda document: _at(document, *path[:-1]).pop(path[-1])


def _set(*path: str, to: object) -> Callable[[Object], None]:
    return lambda document: _at(document, *path[:-1]).__setitem__(path[-1], to)


_ORDERS = ("paths", "/orders")
_VIEW = ("components", "schemas", "OrderView")
API_CHANGES: dict[str, Callable[[Object], None]] = {
    "GET /orders/{id}: is gone": _drop("paths", "/orders/{id}", "get"),
    "POST /orders 201: is gone": _drop(*_ORDERS, "post", "responses", "201"),
    "POST /orders 201: application/json is gone": _drop(
        *_ORDERS, "post", "responses", "201", "content", "application/json"
    ),
    "POST /orders 201 header location: may be missing": _drop(
        *_ORDERS, "post", "responses", "201", "headers", "location"
    ),
    "POST /orders 201 body.orderNumber: string is not integer": _set(
        *_VIEW, "properties", "orderNumber", to={"type": "string"}
    ),
    "POST /orders 201 body.currency: is gone": _drop(*_VIEW, "properties", "currency"),
    "GET /orders 200 body.items[].currency: is gone": _drop(*_VIEW, "properties", "currency"),
    "POST /orders body: is required now": _set(*_ORDERS, "post", "requestBody", "required", to=True),
    "POST /orders body: application/json is not taken any more": _drop(
        *_ORDERS, "post", "requestBody", "content", "application/json"
    ),
    "POST /orders body.productQuantity: is not taken any more": _drop(
        "components", "schemas", "CreateOrderBody", "properties", "productQuantity"
    ),
    "POST /login body.device: is required on one side alone": _set(
        "components", "schemas", "LoginBody", "required", to=["login", "password", "device"]
    ),
    "GET /orders query parameter limit: maximum 100 is not within 50": _set(
        "components", "parameters", "Limit", "schema", "maximum", to=50
    ),
    "GET /orders query parameter cursor: is required now": _set(
        "components", "parameters", "Cursor", "required", to=True
    ),
    "POST /login: wants a token now": _set("paths", "/login", "post", "security", to=[{"bearer": []}]),
    "POST /login: operationId auth_login is sign_in now": _set("paths", "/login", "post", "operationId", to="sign_in"),
    "problem document.code: is gone": _drop("components", "schemas", "ProblemDocument", "properties", "code"),
}


@pytest.mark.parametrize("named", API_CHANGES)
def test_a_breaking_change_of_the_api_is_named(named: str) -> None:
    released, current = copy.deepcopy(document()), copy.deepcopy(document())
    API_CHANGES[named](current)
    assert named in list(api_breaks(released, current))


def test_additions_to_the_api_break_nothing() -> None:
    released, current = copy.deepcopy(document()), copy.deepcopy(document())
    _at(current, *_VIEW, "properties")["note"] = {"type": "string"}
    _at(current, "components", "schemas", "CreateOrderBody", "properties")["note"] = {"type": "string"}
    _at(current, *_ORDERS)["delete"] = _at(current, *_ORDERS, "get")
    _at(current, *_ORDERS, "get", "responses")["418"] = {"description": "a new error"}
    _at(current, *_ORDERS, "get", "parameters").append({"name": "note", "in": "query", "schema": {"type": "string"}})
    assert list(api_breaks(released, current)) == []


@pytest.mark.parametrize("name", [event.name() for event in events.EVENTS])
def test_a_missing_or_retyped_field_of_an_event_is_named(name: str) -> None:
    released = {f"{name}.v1.json": event_schemas()[f"{name}.v1.json"]}
    for field in released[f"{name}.v1.json"]["properties"]:
        current = copy.deepcopy(released)
        del current[f"{name}.v1.json"]["properties"][field]
        required = current[f"{name}.v1.json"]["required"]
        current[f"{name}.v1.json"]["required"] = [each for each in required if each != field]
        assert f"{name}.v1.{field}: is gone" in list(event_breaks(released, current))

        current = copy.deepcopy(released)
        current[f"{name}.v1.json"]["properties"][field] = {"type": "boolean"}
        [change] = event_breaks(released, current)
        assert change.startswith(f"{name}.v1.{field}: boolean is not ")


def test_an_added_field_of_an_event_breaks_nothing_and_a_lost_event_is_named() -> None:
    released, current = event_schemas(), event_schemas()
    current["OrderPaid.v1.json"]["properties"]["note"] = {"type": "string"}
    assert list(event_breaks(released, current)) == []
    del current["OrderPaid.v1.json"]
    assert list(event_breaks(released, current)) == ["OrderPaid.v1: is gone"]


def test_the_committed_event_schemas_are_those_that_the_code_makes() -> None:
    committed = {path.name: path.read_text() for path in EVENTS.glob("*.v*.json")}
    assert committed == {name: text(schema) for name, schema in event_schemas().items()}


def test_the_committed_asyncapi_document_is_the_one_that_the_code_makes() -> None:
    assert asyncapi.DOCUMENT.read_text() == text(asyncapi.document())


def test_the_asyncapi_document_says_who_says_and_who_hears_each_event() -> None:
    operations = json.loads(asyncapi.DOCUMENT.read_text())["operations"]
    told = {
        (name, message["$ref"].rpartition("/")[2])
        for name, operation in operations.items()
        for message in operation["messages"]
    }
    heard = {(consumer.function.module, name) for consumer in CONSUMERS for name in consumer.event_names}
    assert told == heard | {(f"{event.producer}.publish", event.name()) for event in events.EVENTS}
    assert {operation["action"] for name, operation in operations.items() if name.endswith(".publish")} == {"send"}
