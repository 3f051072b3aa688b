"""HTTP: what a request says, and that every failure is a problem document that gives nothing away."""

import base64
import json
from collections.abc import Callable
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from shared.caller import Caller, refusal_context
from shared.http import LARGEST_BODY, Request, Response, operation, public_operation
from shared.problems import (
    BodyTooLargeError,
    InsufficientFundsError,
    InvalidTokenError,
    MalformedRequestError,
    NotFoundError,
    OrderStateConflictError,
    PaymentInProgressError,
    ProblemError,
    SessionEndedError,
    UnauthorizedError,
    UnsupportedContentTypeError,
    ValidationFailedError,
)
from shared.retry import ConflictError
from shared.wire import read_json
from tests.unit.gateway import PATH, REQUEST_ID, gateway_event, request

INNER = "arn:aws:dynamodb:us-east-1:123456789012:table/billing"


def body_of_size(size: int) -> str:
    """A JSON object of `size` bytes."""
    frame = '{"text":""}'
    return frame.replace('""', '"' + "x" * (size - len(frame)) + '"')


def a_client_error(code: str = "InternalServerError") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": f"User is not authorized on {INNER}"}}, "PutItem")


def answer_of(handle: Callable[[Request], Response], event: dict[str, Any] | None = None) -> dict[str, Any]:
    """What API Gateway gets from an operation."""
    answer: dict[str, Any] = public_operation(handle)(event or gateway_event(), None)
    return answer


def raising(failure: Exception) -> Callable[[Request], Response]:
    def handle(_request: Request) -> Response:
        raise failure

    return handle


# Requests


def test_a_request_has_what_the_gateway_passed_on() -> None:
    event = gateway_event("{}", headers={"Idempotency-Key": "k"}, query={"limit": "5"})
    got = Request.of(event)
    assert (got.id, got.path, got.route) == (REQUEST_ID, PATH, "POST /api/v1/things/{id}")
    assert got.headers["idempotency-key"] == "k"
    assert (got.query, got.path_parameters) == ({"limit": "5"}, {"id": "7"})


def test_a_request_without_query_parameters_or_body_is_a_request() -> None:
    got = request()
    assert (got.query, got.raw_body) == ({}, "")


def test_the_caller_is_who_the_authorizer_found() -> None:
    authorizer = {"profileId": "profile-1", "login": "ada", "sessionId": "session-1"}
    assert Request.of(gateway_event(authorizer=authorizer)).caller == Caller("profile-1", "ada", "session-1")


@pytest.mark.parametrize("authorizer", [None, {}, {"profileId": "profile-1"}, {"login": "ada", "sessionId": "s"}])
def test_a_request_that_nobody_vouches_for_has_no_caller(authorizer: dict[str, str] | None) -> None:
    with pytest.raises(UnauthorizedError):
        _ = Request.of(gateway_event(authorizer=authorizer)).caller


@pytest.mark.parametrize(
    ("problem", "code"), [(InvalidTokenError(), "invalid-token"), (SessionEndedError(), "session-ended")]
)
def test_of_a_refused_token_the_reason_is_told_before_any_code_of_the_operation(
    problem: ProblemError, code: str
) -> None:
    told = {"profileId": "profile-1", "login": "ada", "sessionId": "session-1"} | refusal_context(problem)
    answer: Any = operation(raising(AssertionError("it ran")))(gateway_event("{", authorizer=told), None)
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (401, code)
    assert answer["headers"]["www-authenticate"].startswith('Bearer error="invalid_token", error_description="')


@pytest.mark.parametrize("authorizer", [None, {}, {"refused": "unauthorized"}, {"refused": "who knows"}])
def test_without_a_caller_no_code_of_an_operation_runs(authorizer: dict[str, str] | None) -> None:
    answer: Any = operation(raising(AssertionError("it ran")))(gateway_event(authorizer=authorizer), None)
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (401, "unauthorized")
    assert answer["headers"]["www-authenticate"] == "Bearer"


def test_for_a_caller_it_runs() -> None:
    told = Caller("profile-1", "ada", "session-1").context()
    answer: Any = operation(lambda got: Response(HTTPStatus.OK, {"login": got.caller.login}))(
        gateway_event(authorizer=told), None
    )
    assert (answer["statusCode"], answer["body"]) == (200, '{"login":"ada"}')


# Bodies


def test_a_body_of_64_kib_is_read_and_one_byte_more_is_not() -> None:
    assert len(str(request(body_of_size(LARGEST_BODY)).json_object()["text"])) > 65_000
    with pytest.raises(BodyTooLargeError):
        request(body_of_size(LARGEST_BODY + 1)).json_object()


def test_the_size_of_a_body_counts_in_bytes() -> None:
    with pytest.raises(BodyTooLargeError):
        request('{"text":"' + "é" * (LARGEST_BODY // 2) + '"}').json_object()


def test_the_size_of_an_encoded_body_counts_as_decoded() -> None:
    edge, beyond = (base64.b64encode(body_of_size(LARGEST_BODY + more).encode()).decode() for more in (0, 1))
    assert request(edge, is_base64=True).json_object()
    with pytest.raises(BodyTooLargeError):
        request(beyond, is_base64=True).json_object()


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "APPLICATION/JSON",
        "application/json; charset=utf-8",
        " application/json ;charset=utf-8",
        "application/merge-patch+json",
    ],
)
def test_json_is_taken_under_any_spelling_of_its_type(content_type: str) -> None:
    assert request('{"a":1}', headers={"content-type": content_type}).json_object() == {"a": 1}


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "text/json", "multipart/form-data"],
)
def test_a_body_of_another_type_is_refused(content_type: str) -> None:
    with pytest.raises(UnsupportedContentTypeError):
        request('{"a":1}', headers={"content-type": content_type}).json_object()


@pytest.mark.parametrize("body", [None, "", " \r\n\t"], ids=repr)
def test_no_body_is_an_empty_object_whatever_its_type(body: str | None) -> None:
    assert request(body, headers={"content-type": "text/plain"}).json_object() == {}


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "nonsense",
        '{"a":NaN}',
        '{"a":1,}',
        "[]",
        "[{}]",
        '"text"',
        "12",
        "null",
        "true",
        '{"a":' * 5000,
        '{"a":' + "1" * 5000 + "}",
    ],
    ids=lambda body: body[:12],
)
def test_a_body_that_is_not_a_json_object_is_malformed(body: str) -> None:
    with pytest.raises(MalformedRequestError):
        request(body).json_object()


def test_an_amount_with_an_absurd_exponent_is_malformed() -> None:
    with pytest.raises(MalformedRequestError):
        request('{"amount":1e99999999999999999999}').json_object()


def test_numbers_of_a_body_stay_exact() -> None:
    assert request('{"amount":12.50}').json_object() == {"amount": Decimal("12.50")}


def test_an_encoded_body_is_read_as_the_text_that_it_is() -> None:
    encoded = base64.b64encode('{"name":"Zoë"}'.encode()).decode()
    assert request(encoded, is_base64=True).json_object() == {"name": "Zoë"}


@pytest.mark.parametrize("body", ["a", "ab", "e30", base64.b64encode(b"\xff\xfe{").decode()], ids=repr)
def test_an_encoded_body_that_is_not_text_is_malformed(body: str) -> None:
    with pytest.raises(MalformedRequestError):
        request(body, is_base64=True).json_object()


@pytest.mark.parametrize("body", ["{}!", "é"])
def test_an_encoded_body_of_other_characters_than_base64_has_is_malformed(body: str) -> None:
    with pytest.raises(MalformedRequestError):
        request(body, is_base64=True).json_object()


# Answers


def test_an_answer_has_exact_json_and_says_which_request_it_is_of() -> None:
    answer = Response(HTTPStatus.CREATED, {"amount": Decimal("12.50")}, {"location": "/x"}).to_gateway("request-1")
    assert answer == {
        "statusCode": 201,
        "headers": {
            "x-request-id": "request-1",
            "cache-control": "no-store",
            "location": "/x",
            "content-type": "application/json",
        },
        "body": '{"amount":12.50}',
    }


def test_an_answer_without_a_body_has_no_content_type() -> None:
    answer = Response(HTTPStatus.NO_CONTENT).to_gateway("request-1")
    assert answer == {"statusCode": 204, "headers": {"x-request-id": "request-1", "cache-control": "no-store"}}


def test_an_empty_object_is_a_body() -> None:
    assert Response(HTTPStatus.OK, {}).to_gateway("request-1")["body"] == "{}"


def test_an_operation_may_allow_its_answer_to_be_kept() -> None:
    answer = Response(HTTPStatus.OK, {}, {"cache-control": "public, max-age=3600"}).to_gateway("request-1")
    headers = answer["headers"]
    assert isinstance(headers, dict)
    assert headers["cache-control"] == "public, max-age=3600"


# Operations


def test_an_operation_answers_what_it_returns() -> None:
    answer = answer_of(lambda got: Response(HTTPStatus.OK, {"id": got.path_parameters["id"]}))
    assert (answer["statusCode"], answer["body"]) == (200, '{"id":"7"}')


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (MalformedRequestError(), 400, "malformed-request"),
        (UnauthorizedError(), 401, "unauthorized"),
        (InsufficientFundsError(), 402, "insufficient-funds"),
        (NotFoundError(), 404, "not-found"),
        (OrderStateConflictError("PAID", "EDIT"), 409, "order-state-conflict"),
        (PaymentInProgressError(), 409, "payment-in-progress"),
        (ConflictError(INNER), 409, "concurrent-request"),
        (BodyTooLargeError(), 413, "body-too-large"),
        (UnsupportedContentTypeError(), 415, "unsupported-content-type"),
        (ValidationFailedError.of("age", "must be a number"), 422, "validation-failed"),
        (a_client_error(), 503, "dependency-unavailable"),
        (a_client_error("AccessDeniedException"), 503, "dependency-unavailable"),
        (EndpointConnectionError(endpoint_url=INNER), 503, "dependency-unavailable"),
        (RuntimeError(INNER), 500, "internal-error"),
        (KeyError(INNER), 500, "internal-error"),
        (RecursionError(INNER), 500, "internal-error"),
        (AssertionError(INNER), 500, "internal-error"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_each_failure_is_a_problem_document_with_its_status(failure: Exception, status: int, code: str) -> None:
    answer = answer_of(raising(failure))
    problem = read_json(answer["body"])
    assert answer["statusCode"] == status
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert isinstance(problem, dict)
    assert (problem["status"], problem["code"]) == (status, code)
    assert (problem["instance"], problem["requestId"]) == (PATH, REQUEST_ID)
    assert answer["headers"]["x-request-id"] == REQUEST_ID


@pytest.mark.parametrize(
    "failure",
    [RuntimeError(INNER), KeyError(INNER), ConflictError(INNER), a_client_error()],
    ids=lambda failure: type(failure).__name__,
)
def test_nothing_of_an_inner_failure_is_told(failure: Exception) -> None:
    said = str(answer_of(raising(failure)))
    assert INNER not in said
    assert type(failure).__name__ not in said
    assert "Traceback" not in said


def test_a_bad_body_is_answered_field_by_field() -> None:
    failure = ValidationFailedError.of("age", "must be a number")
    problem = read_json(answer_of(raising(failure))["body"])
    assert isinstance(problem, dict)
    assert problem["errors"] == [{"field": "age", "message": "must be a number"}]


@pytest.mark.parametrize(
    ("failure", "header", "value"),
    [
        (UnauthorizedError(), "www-authenticate", "Bearer"),
        (ConflictError(), "retry-after", "1"),
        (a_client_error(), "retry-after", "1"),
    ],
    ids=["unauthorized", "conflict", "unavailable"],
)
def test_a_failure_brings_its_headers(failure: Exception, header: str, value: str) -> None:
    assert answer_of(raising(failure))["headers"][header] == value


def test_an_answer_that_can_not_be_written_is_a_problem_document_too() -> None:
    assert answer_of(lambda _: Response(HTTPStatus.OK, {"amount": 12.5}))["statusCode"] == 500
