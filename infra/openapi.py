"""The OpenAPI document, made of the routes (operations.py) and of what each handler promises (shared/contract.py).

`python -m infra.openapi` writes it to functions/contract/openapi.json, from where the API serves it.
"""

import importlib
import inspect
import json
import os
import re
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from infra.json_schemas import ExactNumbers
from infra.operations import API_PREFIX, ROUTES, TABLE_VARIABLES, Access, Need, Route
from shared.contract import Contract
from shared.problems import (
    BodyTooLargeError,
    ConcurrentRequestError,
    DependencyUnavailableError,
    IdempotencyKeyReusedError,
    InternalError,
    InvalidCursorError,
    InvalidIdempotencyKeyError,
    MalformedRequestError,
    MissingIdempotencyKeyError,
    ProblemDocument,
    ProblemError,
    TooManyRequestsError,
    UnsupportedContentTypeError,
    ValidationFailedError,
)

DOCUMENT = Path(__file__).parent.parent / "functions/contract/openapi.json"

_WITH_BODY = (MalformedRequestError, BodyTooLargeError, UnsupportedContentTypeError, ValidationFailedError)
_KEYED = (
    MissingIdempotencyKeyError,
    InvalidIdempotencyKeyError,
    ConcurrentRequestError,
    IdempotencyKeyReusedError,
)
_PAGED = (InvalidCursorError, ValidationFailedError)
_ALWAYS = (TooManyRequestsError, InternalError, DependencyUnavailableError)
_GATEWAY = {
    401: "No token was sent (API Gateway's own answer)",
    403: "The token is not valid, or its session has ended (API Gateway's own answer)",
}
_TAGS = {
    "auth": "Signing up, in and out",
    "profiles": "Who the users are",
    "billing": "The account, and money in and out of it",
    "orders": "Orders and their life",
    "notifications": "What users are told",
    "contract": "This document",
}


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of the platform."""
    contracts = {route.function.module: _contract_of(route.function.module) for route in ROUTES}
    schemas, components = _schemas(contracts)
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        path = re.sub(r"\{(\w+)\+\}", r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Order and billing platform",
            "version": "1.0.0",
            "description": "Money is a JSON number in major units, with the currency's own number of decimal places.",
        },
        "servers": [{"url": API_PREFIX}],
        "tags": [{"name": name, "description": description} for name, description in _TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": components
            | {
                "GatewayMessage": {
                    "description": "API Gateway's own words, before any code of ours runs.",
                    "type": "object",
                    "properties": {"message": {"type": "string"}},
                    "required": ["message"],
                }
            },
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The access token that POST /login or the hosted login gives.",
                }
            },
        },
    }


def text() -> str:
    """The document as it is committed and served."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def handler_of(module: str) -> Any:
    """The handler of a function, imported with placeholders for what it is told when deployed."""
    placeholders = dict.fromkeys([*Need, *TABLE_VARIABLES.values()], "0")
    placeholders |= {Need.CURRENCY: "USD", "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in placeholders.items():
        os.environ.setdefault(name, value)
    return importlib.import_module(module).handler


def _contract_of(module: str) -> Contract:
    promised = handler_of(module).contract
    assert isinstance(promised, Contract), module  # noqa: S101 - a row whose handler promises nothing
    return promised


def _schemas(contracts: dict[str, Contract]) -> tuple[dict[tuple[str, JsonSchemaMode], Any], dict[str, Any]]:
    inputs: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
        ("problem", "serialization", TypeAdapter(ProblemDocument))
    ]
    for module, promised in contracts.items():
        if promised.takes:
            inputs.append((module, "validation", TypeAdapter(promised.takes)))
        if promised.gives:
            inputs.append((module, "serialization", TypeAdapter(promised.gives)))
    found, definitions = TypeAdapter.json_schemas(
        inputs, ref_template="#/components/schemas/{model}", schema_generator=ExactNumbers
    )
    return dict(found), definitions.get("$defs", {})


def _operation(route: Route, schemas: dict[tuple[str, JsonSchemaMode], Any]) -> dict[str, Any]:
    function = route.function
    promised = _contract_of(function.module)
    summary, _, rest = (inspect.getdoc(handler_of(function.module)) or "").partition("\n\n")
    operation: dict[str, Any] = {
        "operationId": _operation_id(route),
        "tags": [function.service],
        "summary": " ".join(summary.split()),
        **({"description": rest} if rest else {}),
        "parameters": _parameters(route, promised),
        "responses": _responses(route, promised, schemas),
        "security": [{"bearer": []}] if route.access is Access.SIGNED_IN else [],
    }
    if promised.takes:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schemas[function.module, "validation"]}},
        }
    return operation


def _operation_id(route: Route) -> str:
    name = route.function.module.partition(".")[2]
    return f"{name}_{route.method.lower()}" if route.path.endswith("{proxy+}") else f"{route.function.service}_{name}"


def _parameters(route: Route, promised: Contract) -> list[dict[str, Any]]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\+?\}", route.path)
    ]
    if promised.keyed:
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "description": "The same key and body again get the same answer, for 90 days.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
            }
        )
    if promised.paged:
        parameters += [
            _query("limit", "How many at most", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
            _query("cursor", "`nextCursor` of the page before", {"type": "string"}),
        ]
    parameters += [
        _query(name, f"Only those with this {name}", {"type": "string", "enum": pattern.split("|")})
        for name, pattern in promised.filters.items()
    ]
    return parameters


def _query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _responses(route: Route, promised: Contract, schemas: dict[tuple[str, JsonSchemaMode], Any]) -> dict[str, Any]:
    success: dict[str, Any] = {"description": promised.status.phrase}
    headers = dict(promised.headers)
    if promised.keyed:
        headers["idempotency-replayed"] = "`true` when this is the stored answer to an earlier request"
    if headers:
        success["headers"] = {
            name: {"description": says, "schema": {"type": "string"}} for name, says in headers.items()
        }
    if promised.gives:
        success["content"] = {"application/json": {"schema": schemas[route.function.module, "serialization"]}}
    responses: dict[str, Any] = {str(int(promised.status)): success}
    for status, problems in sorted(_by_status(_refusals(promised)).items()):
        responses[str(status)] = {
            "description": "; ".join(f"`{problem.code}`: {problem.title}" for problem in problems),
            "content": {"application/problem+json": {"schema": schemas["problem", "serialization"]}},
        }
    if route.access is Access.SIGNED_IN:
        for status, says in _GATEWAY.items():
            answer = responses.setdefault(str(status), {"description": says, "content": {}})
            if answer["description"] != says:
                answer["description"] += f". Or: {says}"
            answer["content"]["application/json"] = {"schema": {"$ref": "#/components/schemas/GatewayMessage"}}
    return responses


def _refusals(promised: Contract) -> list[type[ProblemError]]:
    refusals = [*promised.refuses, *_ALWAYS]
    refusals += _WITH_BODY if promised.takes else ()
    refusals += _KEYED if promised.keyed else ()
    refusals += _PAGED if promised.paged else ()
    return list(dict.fromkeys(refusals))


def _by_status(problems: list[type[ProblemError]]) -> dict[int, list[type[ProblemError]]]:
    by_status: dict[int, list[type[ProblemError]]] = {}
    for problem in problems:
        by_status.setdefault(int(problem.status), []).append(problem)
    return by_status


if __name__ == "__main__":
    DOCUMENT.write_text(text())
