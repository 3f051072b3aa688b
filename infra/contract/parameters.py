"""The parameters of operations, for the OpenAPI document."""

import re
from typing import Any

from infra.contract.contract_error import ContractError
from infra.operations import Route
from shared.interface import Interface, PathParameter
from shared.paging import DEFAULT_LIMIT, LARGEST_LIMIT

SHARED: dict[str, dict[str, Any]] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "Repeating key and body returns the same answer, for 90 days. A new UUID is best.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        "example": "7f6b2a90-53d1-4c8e-b1fa-2d3c4e5f6a7b",
    },
    "Limit": {
        "name": "limit",
        "in": "query",
        "required": False,
        "description": "The most items to return",
        "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
        "example": 50,
    },
    "Cursor": {
        "name": "cursor",
        "in": "query",
        "required": False,
        "description": "`nextCursor` of the previous page",
        "schema": {"type": "string"},
    },
}
"""Parameters that several operations share."""


def parameters(route: Route, promised: Interface) -> list[dict[str, Any]]:
    """The parameters of a route's operation. Raises ContractError for a path parameter missing from its interface."""
    in_path = re.findall(r"\{(\w+)\+?\}", route.path)
    if in_path != list(promised.path):
        raise ContractError(
            route, f"say in its Interface what its path has: path={{name: PathParameter(…)}} for {in_path}"
        )
    found = [_in_path(name, parameter) for name, parameter in promised.path.items()]
    if promised.keyed:
        found.append(_shared("IdempotencyKey"))
    if promised.paged:
        found += [_shared("Limit"), _shared("Cursor")]
    return [*found, *(_filter(name, pattern.split("|")) for name, pattern in promised.filters.items())]


def _in_path(name: str, parameter: PathParameter) -> dict[str, Any]:
    form = {"format": parameter.format} if parameter.format else {"minLength": 1}
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": parameter.description,
        "schema": {"type": "string", **form},
        "example": parameter.example,
    }


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
