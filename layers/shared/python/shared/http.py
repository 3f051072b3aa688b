"""HTTP as operations see it: a Request in, a Response out, and every failure a problem document.

API Gateway's payload format is 2.0:
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from http import HTTPStatus
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shared import correlation
from shared.caller import Caller
from shared.logs import logger
from shared.problems import (
    BodyTooLargeError,
    ConcurrentRequestError,
    DependencyUnavailableError,
    InternalError,
    MalformedRequestError,
    ProblemError,
    UnsupportedContentTypeError,
)
from shared.retry import ConflictError, ThrottledError
from shared.wire import RepeatedNameError, read_json, write_json

LARGEST_BODY = 64 * 1024
_JSON_TYPES = {"application/json", "application/merge-patch+json"}


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; `body` is JSON in plain values, None for no body."""

    status: HTTPStatus
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"

    def to_gateway(self, request_id: str) -> dict[str, object]:
        """The answer in API Gateway's format."""
        headers = {"x-request-id": request_id, "cache-control": "no-store", **self.headers}
        if self.body is None:
            return {"statusCode": int(self.status), "headers": headers}
        headers["content-type"] = self.content_type
        return {"statusCode": int(self.status), "headers": headers, "body": write_json(self.body)}


@dataclass(frozen=True, slots=True)
class Request:
    """One request through API Gateway; header names are in lower case."""

    id: str
    route: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    path_parameters: Mapping[str, str]
    authorizer: Mapping[str, Any]
    raw_body: str
    body_is_base64: bool

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Request:
        """The request that API Gateway's event (payload format 2.0) carries."""
        context = event["requestContext"]
        return cls(
            id=context["requestId"],
            route=event["routeKey"],
            path=event["rawPath"],
            headers={name.lower(): value for name, value in event.get("headers", {}).items()},
            query=event.get("queryStringParameters") or {},
            path_parameters=event.get("pathParameters") or {},
            authorizer=context.get("authorizer", {}).get("lambda") or {},
            raw_body=event.get("body") or "",
            body_is_base64=bool(event.get("isBase64Encoded")),
        )

    @property
    def caller(self) -> Caller:
        """The caller, as the authorizer found it. Raises what Caller.of_context raises."""
        return Caller.of_context(self.authorizer)

    def json_object(self) -> dict[str, object]:
        """The body as a JSON object, `{}` for none.

        Raises BodyTooLargeError over 64 KiB, UnsupportedContentTypeError for anything but JSON, MalformedRequestError
        for text that is not a JSON object, or repeats a name in an object.
        """
        body = self._body_bytes()
        if len(body) > LARGEST_BODY:
            raise BodyTooLargeError
        if not body.strip():
            return {}
        media_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in _JSON_TYPES:
            raise UnsupportedContentTypeError
        try:
            value = read_json(body)
        except RepeatedNameError as repeated:
            raise MalformedRequestError(f"In the body, {repeated}") from None
        except ValueError:
            raise MalformedRequestError("The body is not well-formed JSON") from None
        if not isinstance(value, dict):
            raise MalformedRequestError("The body must be a JSON object")
        return value

    def _body_bytes(self) -> bytes:
        if not self.body_is_base64:
            return self.raw_body.encode(errors="surrogatepass")
        try:
            return base64.b64decode(self.raw_body, validate=True)
        except ValueError:
            raise MalformedRequestError("The body is not valid base64") from None


type Handler = Callable[[dict[str, Any], object], dict[str, object]]


def operation(handle: Callable[[Request], Response]) -> Handler:
    """Turn `handle` into a Lambda handler for signed-in callers; see public_operation.

    The authorizer lets requests with a rejected token pass, so that clients get a problem document with a challenge.
    They end here, before any code of the operation runs.
    """

    @wraps(handle)
    def for_callers(request: Request) -> Response:
        _ = request.caller
        return handle(request)

    return public_operation(for_callers)


def public_operation(handle: Callable[[Request], Response]) -> Handler:
    """Turn `handle` into a Lambda handler: each failure becomes a problem document and a log line.

    Success is in the API's access log already; a second line for it appears only at the level DEBUG.
    """

    @wraps(handle)
    def handler(event: dict[str, Any], _context: object) -> dict[str, object]:
        started = time.perf_counter()
        request = Request.of(event)
        correlation.begin(request.id)
        try:
            response = handle(request)
            answer = response.to_gateway(request.id)
        except Exception as failure:  # noqa: BLE001 - the boundary: whatever it is, the client gets a problem document
            response = _refusal(failure, request)
            answer = response.to_gateway(request.id)
        log = logger.debug if response.status < HTTPStatus.BAD_REQUEST else logger.info
        log(
            "request",
            route=request.route,
            status=int(response.status),
            durationMs=round((time.perf_counter() - started) * 1000, 1),
        )
        return answer

    return handler


def _refusal(failure: Exception, request: Request) -> Response:
    problem = _problem(failure)
    return Response(
        problem.status,
        problem.document(instance=request.path, request_id=request.id),
        problem.headers,
        content_type="application/problem+json",
    )


def _problem(failure: Exception) -> ProblemError:
    match failure:
        case ProblemError():
            return failure
        case ThrottledError():
            return DependencyUnavailableError()
        case ConflictError():
            return ConcurrentRequestError()
        case ClientError() | BotoCoreError():
            logger.error("an AWS call failed", exc_info=failure)
            return DependencyUnavailableError()
        case _:
            logger.error("unexpected failure", exc_info=failure)
            return InternalError()
