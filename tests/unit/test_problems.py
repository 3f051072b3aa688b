"""Problem documents (RFC 9457): one shape, one code for each failure."""

import re

import pytest

from shared import problems
from shared.problems import OrderStateConflictError, ProblemError, ValidationFailedError

FAILURES = sorted(
    (
        failure
        for failure in vars(problems).values()
        if isinstance(failure, type) and issubclass(failure, ProblemError) and failure is not ProblemError
    ),
    key=lambda failure: failure.__name__,
)


def test_each_failure_has_a_code_of_its_own() -> None:
    codes = [failure.code for failure in FAILURES]
    assert len(codes) == len(set(codes)) > 20


def test_each_failure_has_a_title_of_its_own() -> None:
    titles = [failure.title for failure in FAILURES]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize("kind", FAILURES)
def test_a_document_says_all_that_the_contract_demands(kind: type[ProblemError]) -> None:
    failure = kind.example()
    document = failure.document(instance="/api/v1/orders/7", request_id="request-1")
    assert document["type"] == f"urn:problem-type:{kind.code}"
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", document["code"])
    assert 400 <= document["status"] < 600
    assert document["status"] == kind.status
    assert document["title"] == kind.title
    assert document["detail"] == failure.detail != ""
    assert document["instance"] == "/api/v1/orders/7"
    assert document["requestId"] == "request-1"


@pytest.mark.parametrize("kind", FAILURES)
def test_a_document_holds_nothing_else(kind: type[ProblemError]) -> None:
    own = {OrderStateConflictError: {"state"}, ValidationFailedError: {"errors"}}
    document = kind.example().document(instance="/", request_id="request-1")
    common = {"type", "title", "status", "detail", "instance", "code", "requestId"}
    assert set(document) == common | own.get(kind, set())


@pytest.mark.parametrize("kind", [kind for kind in FAILURES if kind.status in {429, 503}])
def test_who_should_come_back_later_is_told_when(kind: type[ProblemError]) -> None:
    assert int(kind.headers["retry-after"]) >= 1


def test_a_detail_of_its_own_replaces_the_title() -> None:
    document = problems.NotFoundError("No such order").document(instance="/", request_id="request-1")
    assert document["detail"] == "No such order"
    assert document["title"] == problems.NotFoundError.title


def test_a_state_conflict_carries_the_state() -> None:
    document = OrderStateConflictError("COMPLETED", "CANCEL").document(instance="/", request_id="request-1")
    assert document["state"] == "COMPLETED"
    assert document["detail"] == "COMPLETED does not allow CANCEL"


def test_failed_fields_are_carried_one_by_one() -> None:
    failure = ValidationFailedError(
        [{"field": "email", "message": "is required"}, {"field": "age", "message": "must be a number"}]
    )
    document = failure.document(instance="/", request_id="request-1")
    assert [error["field"] for error in document["errors"]] == ["email", "age"]
    assert document["detail"] == "email: is required; age: must be a number"


def test_a_missing_token_is_answered_with_the_scheme_to_use() -> None:
    assert problems.UnauthorizedError.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("refused", [problems.InvalidTokenError, problems.SessionEndedError])
def test_a_refused_token_is_answered_with_a_challenge(refused: type[problems.ProblemError]) -> None:
    challenge = refused.headers["www-authenticate"]
    assert re.fullmatch(r'Bearer error="invalid_token", error_description="[ !#-\[\]-~]+"', challenge)  # RFC 6750
