"""The parameters of operations, for the OpenAPI document."""

import re
from typing import Any

from infra.openapi_examples import ORDER_ID, PROFILE_ID
from infra.operations import Route
from shared.contract import Contract
from shared.paging import DEFAULT_LIMIT, LARGEST_LIMIT

SHARED: dict[str, dict[str, Any]] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "The same key and body again get the same answer, for 90 days. Best a fresh UUID.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        "example": "7f6b2a90-53d1-4c8e-b1fa-2d3c4e5f6a7b",
    },
    "Limit": {
        "name": "limit",
        "in": "query",
        "required": False,
        "description": "How many at most",
        "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
        "example": 50,
    },
    "Cursor": {
        "name": "cursor",
        "in": "query",
        "required": False,
        "description": "`nextCursor` of the page before",
        "schema": {"type": "string"},
    },
}
"""Those that several operations have."""

_IN_PATH: dict[tuple[str, str], dict[str, Any]] = {
    ("profiles", "id"): {
        "description": "The id of the profile: `profileId` of who registered",
        "schema": {"type": "string", "format": "uuid"},
        "example": PROFILE_ID,
    },
    ("orders", "id"): {
        "description": "The id of the order",
        "schema": {"type": "string", "format": "uuid"},
        "example": ORDER_ID,
    },
    ("auth", "proxy"): {
        "description": "The path of the original request, which does not matter",
        "schema": {"type": "string", "minLength": 1},
        "example": "api/v1/orders",
    },
    ("contract", "file"): {
        "description": "A file that the page names",
        "schema": {"type": "string", "minLength": 1},
        "example": "oauth2-redirect.html",
    },
}


def parameters(route: Route, promised: Contract) -> list[dict[str, Any]]:
    """The parameters of a route's operation."""
    found = [
        {"name": name, "in": "path", "required": True, **_IN_PATH[route.function.service, name]}
        for name in re.findall(r"\{(\w+)\+?\}", route.path)
    ]
    if promised.keyed:
        found.append(_shared("IdempotencyKey"))
    if promised.paged:
        found += [_shared("Limit"), _shared("Cursor")]
    return [*found, *(_filter(name, pattern.split("|")) for name, pattern in promised.filters.items())]


def _shared(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/parameters/{name}"}


def _filter(name: str, values: list[str]) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": f"Only those with this {name}",
        "schema": {"type": "string", "enum": values},
        "example": values[0],
    }
