"""The OpenAPI document, generated from the routes (operations.py) and each handler's interface (shared/interface.py).

`python -m infra.contract.openapi` writes it to functions/web/openapi.json, from where the API serves it.
"""

import importlib
import inspect
import os
import re
import sys
from pathlib import Path
from typing import Any

from infra.contract import json_schemas
from infra.contract.answers import HEADERS, Answers
from infra.contract.contract_error import ContractError
from infra.contract.parameters import SHARED, parameters
from infra.contract.schemas import Schemas, may_be_left_out
from infra.operations import API_PREFIX, ROUTES, TABLE_VARIABLES, Access, Need, Route
from shared.interface import Interface
from shared.problems import UnauthorizedError

DOCUMENT = Path(__file__).parent.parent.parent / "functions/web/openapi.json"
VERSION = "1.2.0"
SCOPES = {"openid": "Sign in", "email": "The e-mail address", "profile": "The login"}

TAGS = {
    "auth": "Sign-up, sign-in and sign-out",
    "profiles": "The users' profiles",
    "billing": "The account: deposits, withdrawals and payments",
    "orders": "Orders, from creation to completion",
    "notifications": "Notifications to users",
    "contract": "This document, and its documentation page",
}
_DOCUMENTS = "web"
"""The service that serves the contract."""
_DESCRIPTION = """\
Orders, and the account that pays for them.

**Signing in.** `POST /login`, or the hosted login by authorization code with PKCE, gives an access token for
`Authorization: Bearer …`. A request without one, or with a rejected token, gets 401; `code` is `invalid-token` when the
token needs renewal, `session-ended` when the user must sign in again. 403 means that something belongs to another user.

**Money** is a JSON number in major units, with the currency's own number of decimal places.

**Errors** are problem documents (RFC 9457) with a `code` to act on, and the id of the request. A body that repeats a
name within one object is malformed: 400.

**Idempotency.** Operations that create something or move money require an `Idempotency-Key`. For 90 days, repeating key
and body returns the stored answer, with `Idempotency-Replayed: true`; the key with another body gets 422.

**Paging.** Lists take `limit` and `cursor`, and return `items` and `nextCursor`, which is null on the last page, even
if that page is full.

**What changed in 1.1.** A rejected token gets 401 with a challenge instead of 403. Repeating `CONFIRM`, `COMPLETE` or
`CANCEL` gives 200 with the unchanged order instead of 409. A full last page no longer has a cursor. Newly rejected: a
repeated name within one JSON object; control characters and direction overrides in names, reasons and e-mail addresses.
A blank reason counts as none. Logins and e-mail addresses ignore case.
"""
_COUNT_OF_CALLS = re.compile(r"\s+One (?:read|write|request)\b.*$", re.DOTALL)
"""The part of a docstring that is only for developers."""


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of the platform."""
    schemas = Schemas({route.function.module: _interface_of(route.function.module) for route in ROUTES})
    answers = Answers(schemas)
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        path = re.sub(r"\{(\w+)\+\}", r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, schemas, answers)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Order and billing platform", "version": VERSION, "description": _DESCRIPTION},
        "servers": [{"url": API_PREFIX, "description": "The API that serves this document"}],
        "tags": [{"name": name, "description": description} for name, description in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "parameters": SHARED,
            "headers": HEADERS,
            "responses": dict(sorted(answers.shared.items())),
            "examples": dict(sorted(answers.examples.items())),
            "securitySchemes": _SECURITY_SCHEMES,
        },
    }


_SECURITY_SCHEMES: dict[str, dict[str, Any]] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The access token that POST /login gives.",
    },
    "hostedLogin": {
        "type": "oauth2",
        "description": "The hosted login, by authorization code with PKCE. Its addresses redirect to the stage's.",
        "flows": {
            "authorizationCode": {
                # Relative to the host of the API (OpenAPI 3.1, "Relative References in URLs").
                "authorizationUrl": f"{API_PREFIX}/oauth2/authorize",
                "tokenUrl": f"{API_PREFIX}/oauth2/token",
                "scopes": SCOPES,
            }
        },
    },
}


def text() -> str:
    """The document as committed and served."""
    return json_schemas.text(document())


def handler_of(module: str) -> Any:
    """The handler of a function, imported with placeholders for its settings."""
    placeholders = dict.fromkeys([*Need, *TABLE_VARIABLES.values()], "0")
    placeholders |= {Need.CURRENCY: "USD", "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in placeholders.items():
        os.environ.setdefault(name, value)
    return importlib.import_module(module).handler


def _interface_of(module: str) -> Interface:
    promised = handler_of(module).interface
    assert isinstance(promised, Interface), module  # noqa: S101 - a row whose handler promises nothing
    return promised


def _operation(route: Route, schemas: Schemas, answers: Answers) -> dict[str, Any]:
    module = route.function.module
    promised = _interface_of(module)
    summary, description = _words(module)
    operation: dict[str, Any] = {
        "operationId": _operation_id(route),
        "tags": [_tag(route)],
        "summary": summary,
        "description": description,
        "parameters": parameters(route, promised),
        "responses": answers.of(route, promised, _operation_id(route)),
        "security": _security(route, promised),
    }
    if promised.takes:
        operation["requestBody"] = _body(route, promised, schemas)
    return operation


def _words(module: str) -> tuple[str, str]:
    """Summary and description, from the handler's docstring."""
    first, _, rest = (inspect.getdoc(handler_of(module)) or "").partition("\n\n")
    summary = _COUNT_OF_CALLS.sub("", first).replace("\n", " ")
    paragraphs = [paragraph.replace("\n", " ") for paragraph in rest.split("\n\n")]
    return summary.removesuffix("."), "\n\n".join(paragraphs) or summary


def _tag(route: Route) -> str:
    """The tag that groups the routes of a service."""
    return "contract" if route.function.service == _DOCUMENTS else route.function.service


def _operation_id(route: Route) -> str:
    name = route.function.module.partition(".")[2]
    routes = [other for other in ROUTES if other.function == route.function]
    return f"{_tag(route)}_{name}" if len(routes) == 1 else f"{name}_{route.method.lower()}"


def _security(route: Route, promised: Interface) -> list[dict[str, list[str]]]:
    """The operations that need a token: those behind the authorizer, and those that check one themselves."""
    wants_token = route.access is Access.SIGNED_IN or UnauthorizedError in promised.refuses
    return [{name: []} for name in _SECURITY_SCHEMES] if wants_token else []


def _body(route: Route, promised: Interface, schemas: Schemas) -> dict[str, Any]:
    module = route.function.module
    media_types = ["application/json", *(["application/merge-patch+json"] if route.method == "PATCH" else [])]
    media = {"schema": schemas.taken(module), "examples": schemas.examples(module)}
    if not media["examples"]:
        raise ContractError(route, 'show a body in its model: ConfigDict(json_schema_extra={"examples": [{…}]})')
    return {"required": not may_be_left_out(promised.takes), "content": dict.fromkeys(media_types, media)}


if __name__ == "__main__":
    try:
        DOCUMENT.write_text(text())
    except ContractError as incomplete:
        sys.exit(str(incomplete))
