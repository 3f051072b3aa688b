"""The answers of an operation, for the OpenAPI document: success, problems by their status, the gateway's own."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from infra.contract.contract_error import ContractError
from infra.contract.links import LINKS
from infra.contract.schemas import Schemas
from infra.operations import Access, Route
from shared.interface import Answer, Interface
from shared.problems import (
    BodyTooLargeError,
    ConcurrentRequestError,
    DependencyUnavailableError,
    IdempotencyKeyReusedError,
    InternalError,
    InvalidCursorError,
    InvalidIdempotencyKeyError,
    InvalidTokenError,
    MalformedRequestError,
    MissingIdempotencyKeyError,
    ProblemError,
    SessionEndedError,
    TooManyRequestsError,
    UnauthorizedError,
    UnsupportedContentTypeError,
    ValidationFailedError,
)

_WITH_BODY = (MalformedRequestError, BodyTooLargeError, UnsupportedContentTypeError, ValidationFailedError)
_KEYED = (
    MissingIdempotencyKeyError,
    InvalidIdempotencyKeyError,
    ConcurrentRequestError,
    IdempotencyKeyReusedError,
)
_PAGED = (InvalidCursorError, ValidationFailedError)
_ALWAYS = (TooManyRequestsError, InternalError, DependencyUnavailableError)

_REQUEST_ID = "8f1d2c3b-4a59-4e68-9c7d-0b1a2f3e4d5c"

_REFUSED_TOKENS = (UnauthorizedError, InvalidTokenError, SessionEndedError)
_NO_TOKEN = {HTTPStatus.UNAUTHORIZED: "the request has no token"}
_FAILED = {
    HTTPStatus.TOO_MANY_REQUESTS: "too many requests from all callers together",
    HTTPStatus.INTERNAL_SERVER_ERROR: "the function failed",
    HTTPStatus.SERVICE_UNAVAILABLE: "the function did not answer in time",
}

HEADERS: dict[str, dict[str, Any]] = {
    "x-request-id": {
        "description": "The id of the request; quote it when reporting a problem",
        "required": True,
        "schema": {"type": "string"},
    },
    "retry-after": {
        "description": "Seconds to wait before trying again",
        "schema": {"type": "integer", "minimum": 0},
    },
    "www-authenticate": {"description": "The required authentication (RFC 6750)", "schema": {"type": "string"}},
    "idempotency-replayed": {
        "description": "`true` when this is the stored answer to an earlier request",
        "schema": {"type": "string", "const": "true"},
    },
}


class Answers:
    """Makes the responses of operations, and collects those that several share, as components."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self.shared: dict[str, dict[str, Any]] = {}
        self.examples: dict[str, dict[str, Any]] = {}

    def of(self, route: Route, promised: Interface, operation_id: str) -> dict[str, Any]:
        """The responses object of a route's operation."""
        success = self._success(route, promised)
        if links := LINKS.get(operation_id):
            success["links"] = {link.name: link.as_openapi() for link in links}
        responses = {str(int(promised.status)): success}
        signed_in = route.access is Access.SIGNED_IN
        by_status = _by_status([*(_REFUSED_TOKENS if signed_in else ()), *_refusals(promised)])
        gateway = (_NO_TOKEN if signed_in else {}) | _FAILED
        for status in sorted({*by_status, *gateway}):
            responses[str(int(status))] = self._refusal(
                status, by_status.get(status, []), gateway.get(status), promised.also.get(status)
            )
        return responses

    def _success(self, route: Route, promised: Interface) -> dict[str, Any]:
        headers: dict[str, Any] = {"x-request-id": {"$ref": "#/components/headers/x-request-id"}}
        headers |= {
            name: {"description": says, "required": True, "schema": {"type": "string"}}
            for name, says in promised.headers.items()
        }
        if promised.keyed:
            headers["idempotency-replayed"] = {"$ref": "#/components/headers/idempotency-replayed"}
        success: dict[str, Any] = {"description": promised.status.phrase, "headers": headers}
        if promised.gives is str:
            success["content"] = {media_type: {"schema": {"type": "string"}} for media_type in promised.media_types}
        elif promised.gives:
            module = route.function.module
            schema = self._schemas.given(module)
            if promised.example is None:
                raise ContractError(route, "show an answer in its Interface: example=…")
            success["content"] = {
                media_type: {"schema": schema, "example": promised.example} for media_type in promised.media_types
            }
        return success

    def _refusal(
        self, status: HTTPStatus, problems: list[type[ProblemError]], gateway: str | None, also: Answer | None
    ) -> dict[str, Any]:
        name = ".".join(
            [
                str(int(status)),
                *(problem.code for problem in problems),
                *(["gateway"] if gateway else []),
                *([also.shape.__name__] if also else []),
            ]
        )
        self.shared.setdefault(name, self._response(status, problems, gateway, also))
        return {"$ref": f"#/components/responses/{name}"}

    def _response(
        self, status: HTTPStatus, problems: list[type[ProblemError]], gateway: str | None, also: Answer | None
    ) -> dict[str, Any]:
        says = [f"`{problem.code}`: {problem.title}" for problem in problems]
        content: dict[str, Any] = {}
        if problems:
            content["application/problem+json"] = {
                "schema": self._schemas.problem,
                "examples": {problem.code: self._example(problem) for problem in problems},
            }
        json_shapes: list[tuple[dict[str, Any], Any]] = []
        if gateway:
            says.append(f"API Gateway's own answer: {gateway}")
            message = {"message": status.phrase}
            json_shapes.append(({"$ref": "#/components/schemas/GatewayMessage"}, message))
        if also:
            says.append(also.shape.__doc__.partition("\n")[0])
            json_shapes.insert(0, (self._schemas.also(also.shape), also.example))
        if json_shapes:
            schemas = [schema for schema, _ in json_shapes]
            content["application/json"] = {
                "schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas},
                "example": json_shapes[0][1],
            }
        headers = _headers(problems, always_ours=not gateway)
        return {"description": "; ".join(says), "headers": headers, "content": content}

    def _example(self, problem: type[ProblemError]) -> dict[str, Any]:
        document = problem.example().document(instance="/api/v1/orders", request_id=_REQUEST_ID)
        self.examples[problem.code] = {"summary": problem.title, "value": document}
        return {"$ref": f"#/components/examples/{problem.code}"}


def _headers(problems: Iterable[type[ProblemError]], *, always_ours: bool) -> dict[str, Any]:
    names = {name for problem in problems for name in problem.headers}
    headers: dict[str, Any] = {name: {"$ref": f"#/components/headers/{name}"} for name in sorted(names)}
    if always_ours:
        headers["x-request-id"] = {"$ref": "#/components/headers/x-request-id"}
    return headers


def _refusals(promised: Interface) -> list[type[ProblemError]]:
    refusals = [*promised.refuses, *_ALWAYS]
    refusals += _WITH_BODY if promised.takes else ()
    refusals += _KEYED if promised.keyed else ()
    refusals += _PAGED if promised.paged else ()
    return list(dict.fromkeys(refusals))


def _by_status(problems: list[type[ProblemError]]) -> dict[HTTPStatus, list[type[ProblemError]]]:
    by_status: dict[HTTPStatus, list[type[ProblemError]]] = {}
    for problem in problems:
        by_status.setdefault(problem.status, []).append(problem)
    return by_status
