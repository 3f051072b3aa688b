"""Requests as API Gateway hands them over (payload format 2.0)."""

from collections.abc import Mapping
from typing import Any

from shared.http import Request

REQUEST_ID = "request-1"
PATH = "/api/v1/things/7"


def gateway_event(
    body: str | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    authorizer: Mapping[str, str] | None = None,
    is_base64: bool = False,
) -> dict[str, Any]:
    """The event of one request; its body is JSON unless `headers` say otherwise."""
    context: dict[str, Any] = {"requestId": REQUEST_ID}
    if authorizer is not None:
        context["authorizer"] = {"lambda": dict(authorizer)}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "POST /api/v1/things/{id}",
        "rawPath": PATH,
        "headers": {"content-type": "application/json", **(headers or {})},
        "pathParameters": {"id": "7"},
        "requestContext": context,
        "isBase64Encoded": is_base64,
    }
    if body is not None:
        event["body"] = body
    if query:
        event["queryStringParameters"] = dict(query)
    return event


def request(
    body: str | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    is_base64: bool = False,
) -> Request:
    """The same as an operation gets it."""
    return Request.of(gateway_event(body, headers=headers, query=query, is_base64=is_base64))
